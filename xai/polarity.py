"""Is a film inverted, bone black? Told by a linear template on a 32 × 32 thumbnail.

The template (``polarity.npz``, made by ``python -m training.polarity``) is a statistic of thousands of training films.
It has no constant term, so a film and its negative score exactly opposite, and what looks like neither scores near 0.
"""

from __future__ import annotations

import functools
from pathlib import Path

import cv2
import numpy as np

SIDE = 32
FILE = Path(__file__).with_name("polarity.npz")


def thumbnail(pixels: np.ndarray) -> np.ndarray:
    """``(H, W)`` → its ``SIDE × SIDE`` average, squeezed square, with mean 0 and norm 1, float32."""
    small = cv2.resize(pixels, (SIDE, SIDE), interpolation=cv2.INTER_AREA).astype(np.float32)
    small -= small.mean()
    return small / max(float(np.linalg.norm(small)), 1e-9)


@functools.cache
def _template() -> tuple[np.ndarray, float]:
    with np.load(FILE, allow_pickle=False) as arrays:
        return arrays["template"], float(arrays["threshold"])


def resemblance(pixels: np.ndarray) -> float:
    """Cosine of a normalised ``(H, W)`` film with the template: above 0 like a film, below 0 like its negative."""
    return float((thumbnail(pixels) * _template()[0]).sum())


def film_like(pixels: np.ndarray) -> bool:
    """Whether ``(H, W)`` normalised pixels look like a chest film with bone white; in doubt, no."""
    return resemblance(pixels) > _template()[1]


def inverted(pixels: np.ndarray) -> bool:
    """Whether ``(H, W)`` normalised pixels look like a chest film with bone black; in doubt, no."""
    return resemblance(pixels) < -_template()[1]
