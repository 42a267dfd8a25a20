"""What happens to films on their way to a model: each stress makes one worse film out of a film."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

CONTRAST, GAMMA, NOISE, QUALITY, SOFTNESS, SIDE, ANGLE, SHIFT = 1.4, 1.5, 0.03, 30, 0.004, 128, 10.0, 0.05

Change = Callable[[np.ndarray, np.random.Generator], np.ndarray]


@dataclass(frozen=True)
class Stress:
    """One change of a film.

    Attributes:
        name: as in the report.
        words: what exactly is done.
        apply: ``(H, W)`` uint8 and a source of chance → the changed film, same shape and type.
        moves: whether the anatomy moves; then ``apply`` also moves a float32 map of the film's shape.
    """

    name: str
    words: str
    apply: Change
    moves: bool = False


def _levels(values: np.ndarray) -> np.ndarray:
    return np.rint(np.clip(values, 0, 255)).astype(np.uint8)


def contrast(film: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Steeper about the mean; what leaves the range is clipped."""
    return _levels((film - film.mean()) * CONTRAST + film.mean())


def gamma(film: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Mid-greys darker or lighter."""
    return _levels(255 * (film / 255) ** (GAMMA if rng.random() < 0.5 else 1 / GAMMA))


def noise(film: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Independent Gaussian noise in every pixel."""
    return _levels(film + rng.normal(0, NOISE * 255, film.shape))


def jpeg(film: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Saved and opened again."""
    data = cv2.imencode(".jpg", film, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1]
    return cv2.imdecode(data, cv2.IMREAD_GRAYSCALE)


def blur(film: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Gaussian, as wide on every film."""
    return cv2.GaussianBlur(film, (0, 0), SOFTNESS * max(film.shape))


def resample(film: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Down to a thumbnail and up again."""
    scale = SIDE / max(film.shape)
    small = cv2.resize(film, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return cv2.resize(small, film.shape[::-1], interpolation=cv2.INTER_LINEAR)


def rotate(film: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """About the centre, either way; black comes in."""
    height, width = film.shape
    turn = ANGLE if rng.random() < 0.5 else -ANGLE
    affine = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), turn, 1)
    return cv2.warpAffine(film, affine, (width, height), flags=cv2.INTER_LINEAR)


def shift(film: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """In a random direction; black comes in."""
    height, width = film.shape
    angle = rng.uniform(0, 2 * np.pi)
    x, y = SHIFT * width * np.cos(angle), SHIFT * height * np.sin(angle)
    return cv2.warpAffine(film, np.array([[1, 0, x], [0, 1, y]]), (width, height), flags=cv2.INTER_LINEAR)


def text(film: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A line in an upper corner and a side marker in the other, as bedside machines leave them."""
    height, width = film.shape
    out = film.copy()
    scale, thick = max(film.shape) / 700, max(1, max(film.shape) // 300)
    line, marker = ("PORTABLE 08:15", "L") if rng.random() < 0.5 else ("AP SUPINE", "R")
    cv2.putText(out, line, (int(0.03 * width), int(0.07 * height)), cv2.FONT_HERSHEY_SIMPLEX, scale, 255, thick)
    cv2.putText(
        out, marker, (int(0.9 * width), int(0.09 * height)), cv2.FONT_HERSHEY_SIMPLEX, 1.8 * scale, 255, 2 * thick
    )
    return out


STRESSES = (
    Stress("contrast", f"contrast ×{CONTRAST:g} about the mean, clipped", contrast),
    Stress("gamma", f"gamma {GAMMA:g} or 1/{GAMMA:g}", gamma),
    Stress("noise", f"Gaussian noise, {100 * NOISE:g} % of the range", noise),
    Stress("JPEG 30", f"JPEG at quality {QUALITY}", jpeg),
    Stress("blur", f"Gaussian blur, σ {100 * SOFTNESS:g} % of the longer side", blur),
    Stress("128 px", f"resampled to {SIDE} px and back", resample),
    Stress("rotation", f"turned by {ANGLE:g}° either way", rotate, moves=True),
    Stress("shift", f"shifted by {100 * SHIFT:g} % of the film in a random direction", shift, moves=True),
    Stress("text", "a line of text and a side marker burnt in", text),
)
