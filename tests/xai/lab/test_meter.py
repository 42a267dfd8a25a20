"""Where evidence lies, in figures that can be reckoned by hand."""

from __future__ import annotations

import numpy as np
import pytest

from xai.lab.meter import Meter, even, meter

WHOLE = (0.0, 0.0, 1.0, 1.0)


def test_even_evidence_has_the_areas_of_the_zones():
    shares = even((200, 200), WHOLE)
    assert shares.border == pytest.approx(1 - 0.84**2)
    assert shares.corners == pytest.approx(4 * 0.15**2)
    assert shares.heart + shares.lungs + shares.outside == pytest.approx(1)
    assert shares.heart == pytest.approx(0.32 * 0.34, abs=0.005)


def test_a_cell_on_the_line_counts_in_part():
    """One row of ten cells across the film's middle: the first reaches to 0.1, and 0.08 of it is border."""
    values = np.zeros((1, 10), np.float32)
    values[0, 0] = 1
    assert meter(values, (0.0, 0.4, 1.0, 0.6)).border == pytest.approx(0.8)


def test_evidence_in_a_corner_is_corner_border_and_outside():
    values = np.zeros((20, 20), np.float32)
    values[0, 0] = 1
    shares = meter(values, WHOLE)
    assert (shares.border, shares.corners, shares.outside, shares.heart) == pytest.approx((1, 1, 1, 0))


def test_evidence_against_does_not_count_and_none_is_zero():
    values = np.full((4, 4), -1, np.float32)
    assert meter(values, WHOLE) == Meter(0, 0, 0, 0, 0)
    values[2, 2] = 5
    assert meter(values, WHOLE).heart == pytest.approx(1)
