"""Pairs within films, on a model that sees nothing but how bright a cell is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from training import contrasts
from training.data import FINDINGS, Film
from xai.geometry import CELL, STEM_OFFSET

SIZE, CELLS = 299, 17
# Fractions of the film: a bright square, and a place without one.
BRIGHT, DARK = (0.2, 0.5, 0.45, 0.75), (0.6, 0.1, 0.8, 0.3)


def film(name: str = "mass", boxes: dict | None = None) -> Film:
    return Film(Path("a.png"), "a", "adult", False, {name: True}, boxes or {})


def pixels() -> np.ndarray:
    grey = np.zeros((400, 400), np.uint8)
    x0, y0, x1, y1 = (int(400 * part) for part in BRIGHT)
    grey[y0:y1, x0:x1] = 255
    return grey


def brightness(canvases: np.ndarray) -> np.ndarray:
    """Features: the mean grey of every cell, and one that is the same everywhere."""
    start = int(STEM_OFFSET)
    inner = canvases[:, start : start + CELL * CELLS, start : start + CELL * CELLS, 0]
    grey = inner.reshape(-1, CELLS, CELL, CELLS, CELL).mean((2, 4))
    return np.stack([grey, np.ones_like(grey)], axis=-1).astype(np.float32)


def pairs(one: Film) -> list[contrasts.Pairs]:
    kernel = np.zeros((2, len(FINDINGS)))
    kernel[0] = 3
    return contrasts.pairs(brightness, kernel, [one], [pixels()], SIZE, 0.25, 0.5)[next(iter(one.labels))]


def test_without_what_the_map_points_at_a_film_shows_less_than_without_something_else():
    hidden, pointed = pairs(film())
    assert hidden.share == 0.25 and hidden.rows.shape == (contrasts.CONTROLS, 2)
    # The average film is darker than the bright square and brighter than all else.
    assert (hidden.rows[:, 0] > 0.01).all()
    assert hidden.rows[:, 1] == pytest.approx(0, abs=1e-6)
    assert pointed.rows.shape[0] == 0


@pytest.mark.parametrize(("box", "difference"), [(BRIGHT, 1), (DARK, -1)])
def test_cells_in_the_box_are_compared_with_the_hottest_outside(box, difference):
    _, pointed = pairs(film(boxes={"mass": [box]}))
    assert pointed.share == 0.5
    gain = contrasts.POINTED_GAIN / CELLS**2
    assert pointed.rows[:, 0] == pytest.approx([difference * gain] * contrasts.CELLS, rel=0.01)
    assert pointed.rows[:, 1] == pytest.approx(0)


def test_cells_of_a_box_and_outside_exactly():
    grid = np.arange(8.0).reshape(2, 2, 2)
    heat = np.array([[4.0, 1.0], [3.0, 2.0]])
    rows = contrasts.inside_and_outside(grid, heat, np.array([[0.0, 0.6], [0.0, 0.2]]))
    # Inside is the cell that lies in the box by half; the one that it touches is neither inside nor outside.
    assert rows == pytest.approx((grid[0, 1] - np.stack([grid[0, 0], grid[1, 0]])) / 4)


def test_a_box_smaller_than_half_a_cell_still_has_an_inside():
    rows = contrasts.inside_and_outside(np.ones((1, 2, 1)), np.array([[1.0, 2.0]]), np.array([[0.1, 0.0]]))
    assert rows.shape == (1, 1)


def test_a_box_over_everything_has_no_outside():
    rows = contrasts.inside_and_outside(np.ones((1, 2, 1)), np.array([[1.0, 2.0]]), np.array([[1.0, 0.3]]))
    assert rows.shape == (0, 1)


def test_boxed_films_come_first_and_others_fill_up(monkeypatch):
    monkeypatch.setattr(contrasts, "FILMS", 3)
    films = [film() for _ in range(6)] + [film(boxes={"mass": [BRIGHT]}) for _ in range(2)] + [film("edema")]
    work = contrasts.shown(films)
    assert {6, 7, 8} <= set(work) and len(work) == 4
    assert work[8] == ["edema"] and work[6] == ["mass"]
    assert work == contrasts.shown(films)
