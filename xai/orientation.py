"""Does a film lie on its side, or stand on its head? Told by a linear template on a 32 × 32 thumbnail.

The template scores how much a thumbnail looks like an upright chest film; a turned film is one that scores better turned
back. It (``orientation.npz``, made by ``python -m training.orientation``) is a statistic of thousands of training films.
"""

from __future__ import annotations

import functools
from pathlib import Path

import numpy as np

from xai.polarity import thumbnail

FILE = Path(__file__).with_name("orientation.npz")
TURNS = (0, 90, 180, 270)
WAYS = {90: "by 90° clockwise", 180: "by 180°", 270: "by 90° anticlockwise"}


def turned(pixels: np.ndarray, degrees: int) -> np.ndarray:
    """``(H, W)`` pixels turned clockwise by one of :data:`TURNS`: ``(H, W)`` or ``(W, H)``, contiguous."""
    return np.ascontiguousarray(np.rot90(pixels, -degrees // 90))


@functools.cache
def _template() -> dict[str, np.ndarray]:
    with np.load(FILE, allow_pickle=False) as arrays:
        return dict(arrays)


def suggestion(pixels: np.ndarray) -> int:
    """Degrees by which normalised ``(H, W)`` pixels should be turned clockwise; 0 for an upright film, and in doubt."""
    given, small = _template(), thumbnail(pixels)
    scores = [float((turned(small, degrees) * given["template"]).sum()) for degrees in TURNS]
    best = int(np.argmax(scores))
    # What looks like no film in any position is not said to lie wrongly.
    sure = scores[best] >= given["least"] and scores[best] - scores[0] >= given["margin"]
    return TURNS[best] if sure else 0
