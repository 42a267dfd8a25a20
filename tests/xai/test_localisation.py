"""Maps against boxes, on maps small enough to check by eye."""

from __future__ import annotations

import numpy as np
import pytest

from xai import localisation as loc

WHOLE = (0.0, 0.0, 1.0, 1.0)


def hot(row: int, column: int, cells: int = 4) -> np.ndarray:
    one = np.zeros((cells, cells), np.float32)
    one[row, column] = 1
    return one


def test_hottest_is_the_centre_of_its_cell():
    assert loc.hottest(hot(1, 2), WHOLE) == (0.625, 0.375)
    assert loc.hottest(hot(0, 3), (0.5, 0.0, 1.5, 2.0)) == (1.375, 0.25)


def test_pointing_takes_any_of_several_boxes():
    boxes = [(0, 0, 0.1, 0.1), (0.6, 0.3, 0.7, 0.4)]
    assert loc.pointing((0.65, 0.35), boxes)
    assert not loc.pointing((0.65, 0.45), boxes)


def test_on_film_is_bilinear_inside_the_extent_and_zero_outside():
    ramp = np.tile(np.arange(4, dtype=np.float32), (4, 1))
    film = loc.on_film(ramp, (0.25, 0.25, 0.75, 0.75), side=64)
    assert film[32, 33] - film[32, 32] == pytest.approx(4 / 32, abs=1e-3)  # four cells over half the film
    assert film[32, 24:40].mean() == pytest.approx(1.5, abs=1e-3)
    assert not film[:15].any() and not film[:, 49:].any()


def test_share_inside():
    mask = loc.box_mask([(0, 0, 0.5, 1)], side=64)
    film = np.where(mask, 3.0, 1.0)
    assert loc.share_inside(film, mask) == 0.75
    assert loc.share_inside(np.where(mask, 3.0, -9.0), mask) == 1.0
    assert np.isnan(loc.share_inside(-film, mask))


def test_iou_at_equal_area():
    mask = loc.box_mask([(0, 0, 0.5, 1)], side=64)
    gradient = np.tile(-np.arange(64.0), (64, 1))
    assert loc.iou_at_equal_area(gradient, mask) == 1.0
    assert loc.iou_at_equal_area(-gradient, mask) == 0.0
    assert loc.iou_at_equal_area(gradient.T - 1e-6 * gradient, mask) == pytest.approx(1 / 3, abs=0.01)


def test_a_map_of_the_boxed_cell_hits_and_one_of_another_cell_misses():
    extent, boxes = (0.1, 0.1, 0.9, 0.9), [(0.5, 0.3, 0.7, 0.5)]
    there, elsewhere = (loc.against_boxes(hot(*cell), extent, boxes) for cell in ((1, 2), (3, 0)))
    assert there["argmax_in_box"] == 1 and there["share_in_box"] > 0.5
    assert there["iou"] > 0.7
    assert elsewhere == {"argmax_in_box": 0, "share_in_box": 0, "iou": pytest.approx(0, abs=0.05)}


def test_a_map_that_is_the_same_everywhere_points_nowhere():
    for level in (0, 1):
        flat = np.full((4, 4), level, np.float32)
        assert set(loc.against_boxes(flat, WHOLE, [(0, 0, 1, 1)]).values()) == {0}


def test_the_centred_square_has_the_area_asked_for():
    assert (loc.centred_square(0.25) > 0).mean() == pytest.approx(0.25, abs=0.01)
