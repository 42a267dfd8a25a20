"""The shortcut meter: how much of the positive evidence lies where no lung and no heart is."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np

from xai import words
from xai.evidence import grad_cam

# As fractions of the film's width and height.
BORDER, CORNER = 0.08, 0.15

Extent = tuple[float, float, float, float]


@dataclass(frozen=True)
class Meter:
    """Shares of the positive evidence, each in [0, 1]; all 0 where there is none.

    Heart, lungs and outside share it out; border and corners are another way to cut it, and overlap.

    Attributes:
        border: in the outer 8 % of the film.
        corners: in its four corners, each 15 % wide and high.
        heart, lungs: over those of an average thorax (the zones of :mod:`xai.words`).
        outside: everywhere else, border and corners for the most part included.
    """

    border: float
    corners: float
    heart: float
    lungs: float
    outside: float

    def to_dict(self) -> dict:
        """For JSON."""
        return asdict(self)


def meter(evidence: np.ndarray, extent: Extent) -> Meter:
    """Measure an ``(h, w)`` map whose grid lies at ``extent`` on the film.

    A cell on the line counts with the part of its area that lies beyond it; for the thorax, by its centre.
    """
    positive = grad_cam(evidence).astype(np.float64)
    total = positive.sum()
    zones = words.shares(evidence, extent)
    outside = zones.pop(words.OUTSIDE)
    heart = zones.pop("over the heart")
    if not total:
        return Meter(0.0, 0.0, 0.0, 0.0, 0.0)

    def inside(rows: tuple[float, float], columns: tuple[float, float]) -> float:
        down = _covered(evidence.shape[0], extent[1], extent[3], *rows)
        across = _covered(evidence.shape[1], extent[0], extent[2], *columns)
        return float(down @ positive @ across) / total

    middle = (BORDER, 1 - BORDER)
    ends = ((0.0, CORNER), (1 - CORNER, 1.0))
    corners = sum(inside(rows, columns) for rows in ends for columns in ends)
    return Meter(1 - inside(middle, middle), corners, heart, sum(zones.values()), outside)


def even(shape: tuple[int, int], extent: Extent) -> Meter:
    """What the meter shows for evidence spread evenly over an ``(h, w)`` grid: the level of chance."""
    return meter(np.ones(shape, np.float32), extent)


def _covered(cells: int, start: float, end: float, low: float, high: float) -> np.ndarray:
    """Along one axis, the part of each cell that lies between ``low`` and ``high``, in [0, 1]."""
    edges = np.linspace(start, end, cells + 1)
    return np.clip(np.minimum(edges[1:], high) - np.maximum(edges[:-1], low), 0, None) / np.diff(edges)
