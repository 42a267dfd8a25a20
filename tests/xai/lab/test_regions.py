"""Regions keep their area and their shape wherever they go."""

from __future__ import annotations

from itertools import islice

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xai.errors import RegionError
from xai.lab import regions
from xai.lab.controls import elsewhere

shapes = st.tuples(st.integers(12, 40), st.integers(12, 40))


def forms(piece: np.ndarray) -> set[bytes]:
    """A piece in all its turns and reflections, with their shapes."""
    turns = [np.rot90(f, k) for f in (piece, piece[:, ::-1]) for k in range(4)]
    return {bytes(f.shape) + np.ascontiguousarray(f).tobytes() for f in turns}


def trimmed(region: np.ndarray) -> np.ndarray:
    x, y, w, h = cv2.boundingRect(region.astype(np.uint8))
    return region[y : y + h, x : x + w]


@given(shapes, st.integers(0, 2**32 - 1), st.floats(0.02, 0.7))
def test_the_area_is_always_the_same(shape, seed, share):
    rng = np.random.default_rng(seed)
    coarse = rng.random((5, 5)) < share
    region = cv2.resize(coarse.astype(np.uint8), shape[::-1], interpolation=cv2.INTER_NEAREST).astype(bool)
    again = next(elsewhere(region, rng))
    assert again.shape == shape and again.dtype == bool
    assert again.sum() == region.sum()


@given(shapes, st.integers(0, 2**32 - 1))
def test_a_piece_keeps_its_shape_and_leaves_its_place(shape, seed):
    """An L whose arms are at most a third of the film always fits elsewhere."""
    rng = np.random.default_rng(seed)
    arm = min(shape) // 3
    y, x = rng.integers(shape[0] - arm), rng.integers(shape[1] - arm)
    region = np.zeros(shape, bool)
    region[y : y + arm, x : x + 2] = True
    region[y : y + 2, x : x + arm] = True
    again = next(elsewhere(region, rng))
    assert forms(trimmed(again)) == forms(trimmed(region))
    assert (again & region).sum() <= region.sum() / 2


def test_a_control_shares_no_more_than_chance_does_on_average():
    """A control that hides much of the hot region itself falls as far as that, and the test settles nothing."""
    region = np.zeros((100, 100), bool)
    region[40:72, 30:62] = True
    controls = list(islice(elsewhere(region, np.random.default_rng(0)), 200))
    shared = [(one & region).mean() / region.mean() for one in controls]
    assert max(shared) <= region.mean() and any(shared)
    # They still lie everywhere else.
    assert (np.mean(controls, axis=0) > 0)[~region].mean() > 0.95


def test_a_region_without_room_is_rolled_and_keeps_its_area():
    frame = np.ones((20, 20), bool)
    frame[2:-2, 2:-2] = False
    again = next(elsewhere(frame, np.random.default_rng(0)))
    assert again.sum() == frame.sum() and (again & frame).sum() < frame.sum()


def test_cells_share_out_the_film(subject_of):
    for shape in ((91, 91), (120, 60), (50, 200)):
        subject = subject_of(np.random.default_rng(0).random(shape))
        areas = regions.cell_areas(subject)
        assert areas.sum() == subject.film.size
        order = regions.ranked(subject, np.arange(16.0).reshape(4, 4))
        assert (np.diff(order) < 0).all() and (areas[order] > 0).all()


@pytest.mark.parametrize("share", [0.05, 0.15, 0.4])
def test_the_hottest_region_has_the_area_asked_for(subject_of, share):
    rng = np.random.default_rng(1)
    subject = subject_of(rng.random((91, 91)))
    region = regions.hottest(subject, rng.random((4, 4)), share)
    # A corner cell of this coarse grid, with the pixels beyond the grid, holds a tenth of the film.
    assert region.mean() == pytest.approx(share, abs=0.06)


def test_what_is_no_region_is_one_sentence(subject_of):
    subject = subject_of(np.random.default_rng(0).random((91, 91)))
    for wrong in (
        lambda: regions.hottest(subject, np.zeros((4, 4)), 0.5),
        lambda: regions.of_cells(subject, [(4, 0)]),
        lambda: regions.of_cells(subject, []),
    ):
        with pytest.raises(RegionError, match=r"^[^\n]+: [^\n]+$"):
            wrong()
