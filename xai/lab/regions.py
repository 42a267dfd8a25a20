"""Regions of a film: the hottest part of a map, or cells of the grid.

A region is a ``(H, W)`` bool array on a subject's film.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from xai.errors import RegionError
from xai.lab.subject import Subject
from xai.words import share as in_percent

SMALLEST, LARGEST = 0.05, 0.40


def hottest(subject: Subject, heat: np.ndarray, share: float) -> np.ndarray:
    """The hottest whole cells of a map that together come nearest to a share of the film, at least one.

    Args:
        subject: the film.
        heat: ``(h, w)`` on the subject's grid, the hottest highest.
        share: of the film's area, in [0.05, 0.40].

    Raises:
        RegionError: a share outside that range.
    """
    if not SMALLEST <= share <= LARGEST:
        raise RegionError(
            f"{100 * share:g} % of the film cannot be hidden: choose {100 * SMALLEST:g} to {100 * LARGEST:g} %"
        )
    cells = ranked(subject, heat)
    areas = np.cumsum(cell_areas(subject)[cells])
    count = 1 + int(np.abs(areas - share * subject.film.size).argmin())
    return np.isin(subject.cells, cells[:count])


def ranked(subject: Subject, heat: np.ndarray) -> np.ndarray:
    """The cells that lie on the film, counted row by row, hottest first."""
    order = np.argsort(-heat.ravel(), kind="stable")
    return order[cell_areas(subject)[order] > 0]


def cell_areas(subject: Subject) -> np.ndarray:
    """``(h · w,)``: how many pixels of the film belong to each cell."""
    return np.bincount(subject.cells.ravel(), minlength=subject.grid[0] * subject.grid[1])


def of_cells(subject: Subject, cells: Iterable[tuple[int, int]]) -> np.ndarray:
    """The union of cells, given as ``(row, column)`` from the upper left, counted from 0.

    Raises:
        RegionError: a cell that the grid has not, none that lies on the film, or too many to leave room for others.
    """
    h, w = subject.grid
    chosen = list(cells)
    for row, column in chosen:
        if not (0 <= row < h and 0 <= column < w):
            raise RegionError(f"no cell {row},{column}: rows are 0 to {h - 1} and columns 0 to {w - 1}")
    region = np.isin(subject.cells, [row * w + column for row, column in chosen])
    if not region.any():
        raise RegionError("nothing on the film is marked: mark a region on it first")
    if region.mean() > LARGEST:
        raise RegionError(
            f"{in_percent(region.mean())} of the film is marked: mark at most {in_percent(LARGEST)} of it"
        )
    return region
