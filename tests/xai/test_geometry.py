"""The letter-box and its inverse."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xai.geometry import CELL, STEM_OFFSET, letterbox, place

SIDES = st.integers(32, 3000)


@given(SIDES, SIDES, st.floats(-0.5, 1.5), st.floats(-0.5, 1.5))
def test_film_to_canvas_and_back(height, width, u, v):
    where = place(height, width, 299)
    assert where.to_film(*where.to_canvas(u, v)) == pytest.approx((u, v), abs=1e-9)


@given(SIDES, SIDES)
def test_the_film_is_centred_and_fills_its_longer_side(height, width):
    where = place(height, width, 299)
    assert max(where.width, where.height) == 299
    assert abs(where.left - (299 - where.width - where.left)) <= 1
    assert abs(where.top - (299 - where.height - where.top)) <= 1
    # One factor for both sides, to the rounding of the shorter one.
    assert abs(where.width / width - where.height / height) * min(height, width) <= 0.51


@given(st.integers(40, 400), st.integers(40, 400))
@settings(max_examples=30, deadline=None)
def test_padding_is_black_and_the_film_lies_where_it_says(height, width):
    canvas, where = letterbox(np.ones((height, width), np.float32), 299)
    film = np.zeros_like(canvas)
    film[where.window] = 1
    assert np.allclose(canvas, film, atol=1e-6)


def test_extent_of_a_square_film():
    x0, y0, x1, y1 = place(299, 299, 299).grid_extent(17)
    assert (x0 * 299, y0 * 299, x1 * 299, y1 * 299) == pytest.approx((13.5, 13.5, 285.5, 285.5))


def test_extent_reaches_beyond_a_letter_boxed_film():
    x0, y0, x1, y1 = place(100, 299, 299).grid_extent(17)
    assert 0 < x0 < x1 < 1
    assert y0 < 0 and y1 > 1


def test_a_spot_on_the_film_lands_on_its_canvas_pixel():
    film = np.zeros((299, 150), np.float32)
    film[200, 30] = 1
    canvas, where = letterbox(film, 299)
    row, column = np.unravel_index(canvas.argmax(), canvas.shape)
    assert (column + 0.5, row + 0.5) == pytest.approx(where.to_canvas(30.5 / 150, 200.5 / 299))


def test_the_stem_offset_is_where_unpadded_strides_put_the_first_cell():
    # InceptionV3's stem and mixed3: (kernel, stride) of every unpadded layer; padded ones keep the centre.
    centre, step = 0.0, 1
    for kernel, stride in ((3, 2), (3, 1), (3, 2), (3, 1), (3, 2), (3, 2)):
        centre += (kernel - 1) / 2 * step
        step *= stride
    assert step == CELL
    assert centre + 0.5 - CELL / 2 == STEM_OFFSET
