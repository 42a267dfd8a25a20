"""The shortcut bench: changes that say nothing about heart or lungs, and what the model makes of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from xai.lab.subject import Subject
from xai.mirror import mirrored

BLACK_BORDER, BRIGHT_CORNER, DISC, CROP = 0.06, 0.18, 0.055, 0.10


@dataclass(frozen=True)
class Shortcut:
    """One change of a film.

    Attributes:
        name: as in the report.
        label: as a choice on the page.
        apply: ``(H, W)`` float32 in [0, 1] → the same shape and range.
        moves: whether the anatomy moves too, so that maps before and after cannot be laid on one another.
    """

    name: str
    label: str
    apply: Callable[[np.ndarray], np.ndarray]
    moves: bool = False


@dataclass(frozen=True)
class Trial:
    """A changed film as the model sees it.

    Attributes:
        shortcut: what was done.
        film: ``(H, W)`` float32, the changed film.
        logits: ``(c,)``.
        maps: ``(c, h, w)`` evidence, on the changed film.
    """

    shortcut: Shortcut
    film: np.ndarray
    logits: np.ndarray
    maps: np.ndarray


def shortcuts(subject: Subject, chosen: tuple[Shortcut, ...] | None = None) -> Iterator[Trial]:
    """Try shortcuts on a film, all of :data:`SHORTCUTS` where none are chosen; trials come in that order."""
    chosen = SHORTCUTS if chosen is None else chosen
    films = [shortcut.apply(subject.film) for shortcut in chosen]
    done = 0
    for look in subject.looks(films):
        for logits, maps in zip(look.logits, look.maps):
            yield Trial(chosen[done], films[done], logits, maps)
            done += 1


def written(film: np.ndarray, text: str, x: float, y: float, height: float) -> np.ndarray:
    """Burn text in, in white: its lower left corner and its height as fractions of the film's sides."""
    rows, columns = film.shape
    ink = np.zeros(film.shape, np.uint8)
    tall = max(1.0, height * rows)
    thick = max(1, round(tall / 7))
    # Capitals of this face are 21 units high at scale 1.
    cv2.putText(ink, text, (round(x * columns), round(y * rows)), cv2.FONT_HERSHEY_SIMPLEX, tall / 21, 255, thick)
    return np.maximum(film, ink.astype(np.float32) / 255)


def black_border(film: np.ndarray) -> np.ndarray:
    """A frame, as a badly cropped scan has it."""
    rows, columns = film.shape
    y, x = round(BLACK_BORDER * rows), round(BLACK_BORDER * columns)
    out = np.zeros_like(film)
    out[y : rows - y, x : columns - x] = film[y : rows - y, x : columns - x]
    return out


def bright_corner(film: np.ndarray) -> np.ndarray:
    """Light that fell into the lower right corner, fading inwards."""
    rows, columns = film.shape
    y, x = np.arange(rows)[::-1, None] / rows, np.arange(columns)[::-1] / columns
    return np.maximum(film, np.clip(2 - 2 * np.hypot(y, x) / BRIGHT_CORNER, 0, 1).astype(np.float32))


def disc(film: np.ndarray) -> np.ndarray:
    """A white disc below the patient's left collar bone, where pacemakers sit."""
    rows, columns = film.shape
    out = film.copy()
    cv2.circle(out, (round(0.74 * columns), round(0.22 * rows)), max(1, round(DISC * max(film.shape))), 1.0, -1)
    return out


def cropped(film: np.ndarray) -> np.ndarray:
    """A tenth of each side cut away, half of it at either end, and the rest enlarged to the film's size."""
    rows, columns = film.shape
    y, x = round(CROP / 2 * rows), round(CROP / 2 * columns)
    return cv2.resize(film[y : rows - y, x : columns - x], (columns, rows), interpolation=cv2.INTER_LINEAR)


# The left of the picture is the patient's right.
SHORTCUTS = (
    Shortcut("marker R", "“R” marker", lambda film: written(film, "R", 0.05, 0.14, 0.07)),
    Shortcut("marker L", "“L” marker", lambda film: written(film, "L", 0.89, 0.14, 0.07)),
    Shortcut("PORTABLE", "“PORTABLE”", lambda film: written(film, "PORTABLE", 0.05, 0.08, 0.04)),
    Shortcut("black border", "Black border", black_border),
    Shortcut("bright corner", "Bright corner", bright_corner),
    Shortcut("disc", "Pacemaker-like disc", disc),
    Shortcut("crop", "Cropped by 10 %", cropped, moves=True),
    Shortcut("mirror", "Flipped left to right", mirrored, moves=True),
)
