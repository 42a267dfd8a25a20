"""Maps spread over a film, and pixels gathered into cells."""

from __future__ import annotations

import numpy as np

from xai.geometry import bilinear, positions
from xai.lab.subject import Subject


def spread(subject: Subject, maps: np.ndarray) -> np.ndarray:
    """Bilinear between cell centres, and constant beyond the outermost.

    Args:
        subject: the film.
        maps: ``(B, h, w)`` on its grid.

    Returns:
        ``(B, H, W)`` float32 at its film's pixels.
    """
    x0, y0, x1, y1 = subject.explanation.extent
    h, w = subject.grid
    height, width = subject.film.shape
    rows = bilinear(positions(height, y0, y1, h), h).astype(np.float32)
    columns = bilinear(positions(width, x0, x1, w), w).astype(np.float32)
    return rows @ maps.astype(np.float32) @ columns.T


def gather(subject: Subject, pixels: np.ndarray) -> np.ndarray:
    """The mean of the ``(H, W)`` film's pixels that belong to each cell: ``(h, w)`` float64; 0 where there are none."""
    cells = subject.grid[0] * subject.grid[1]
    sums = np.bincount(subject.cells.ravel(), pixels.ravel().astype(np.float64), cells)
    counts = np.bincount(subject.cells.ravel(), minlength=cells)
    return (sums / np.maximum(counts, 1)).reshape(subject.grid)
