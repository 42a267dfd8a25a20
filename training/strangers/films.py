"""Strangers made of training films: pieces, several at once, small on a page, and films taken apart."""

from __future__ import annotations

import cv2
import numpy as np

from training.strangers.drawn import page

LARGEST = 0.25


def _any(films: list[np.ndarray], rng: np.random.Generator) -> np.ndarray:
    return films[rng.integers(len(films))]


def corner(rng: np.random.Generator, films: list[np.ndarray]) -> np.ndarray:
    """A piece of at most a quarter of the film, cut from one of its corners or from anywhere."""
    film = _any(films, rng)
    share = rng.uniform(0.06, LARGEST)
    aspect = np.exp(rng.uniform(-0.3, 0.3))
    height, width = (int(n * np.sqrt(share) * a) for n, a in zip(film.shape, (aspect, 1 / aspect)))
    free = np.array(film.shape) - (height, width)
    at = rng.integers(0, 2, 2) * free if rng.random() < 0.6 else (rng.random(2) * free).astype(int)
    return film[at[0] : at[0] + height, at[1] : at[1] + width].copy()


def half(rng: np.random.Generator, films: list[np.ndarray]) -> np.ndarray:
    """The left, right, upper or lower half of a film, some stretched to a square as a careless upload would be."""
    film = _any(films, rng)
    height, width = film.shape
    share = rng.uniform(0.4, 0.52)
    across = rng.random() < 0.75
    cut = film[:, : int(share * width)] if across else film[: int(share * height)]
    if rng.random() < 0.5:
        cut = film[:, -cut.shape[1] :] if across else film[-cut.shape[0] :]
    return cv2.resize(cut, (320, 320)) if rng.random() < 0.5 else cut.copy()


def several(rng: np.random.Generator, films: list[np.ndarray]) -> np.ndarray:
    """Two films side by side or one above the other, or four."""
    down, across = ((1, 2), (2, 1), (2, 2))[rng.integers(3)]
    tiles = [[cv2.resize(_any(films, rng), (260, 300)) for _ in range(across)] for _ in range(down)]
    return cv2.vconcat([cv2.hconcat(row) for row in tiles])


def on_a_page(rng: np.random.Generator, films: list[np.ndarray]) -> np.ndarray:
    """A film as a figure on a page of text, on at most a fifth of it."""
    paper = page(rng).copy()
    side = int(np.sqrt(rng.uniform(0.05, 0.2) * paper.size))
    side = min(side, *paper.shape)
    top, left = (rng.integers(0, n - side + 1) for n in paper.shape)
    paper[top : top + side, left : left + side] = cv2.resize(_any(films, rng), (side, side))
    return paper


def tiles(rng: np.random.Generator, films: list[np.ndarray]) -> np.ndarray:
    """A film cut in 3 × 3 to 6 × 6 tiles that changed places."""
    count = int(rng.integers(3, 7))
    side = 360 // count
    film = cv2.resize(_any(films, rng), (count * side, count * side))
    cut = film.reshape(count, side, count, side).swapaxes(1, 2).reshape(count**2, side, side)
    cut = cut[rng.permutation(count**2)].reshape(count, count, side, side)
    return np.ascontiguousarray(cut.swapaxes(1, 2).reshape(count * side, count * side))


def phase(rng: np.random.Generator, films: list[np.ndarray]) -> np.ndarray:
    """Noise with the grey levels and the spectrum of a film."""
    film = _any(films, rng)
    amplitude = np.abs(np.fft.fft2(film))
    field = np.fft.ifft2(amplitude * np.exp(1j * np.angle(np.fft.fft2(rng.normal(size=film.shape))))).real
    out = np.empty(film.size, np.uint8)
    out[field.ravel().argsort()] = np.sort(film.ravel())
    return out.reshape(film.shape)
