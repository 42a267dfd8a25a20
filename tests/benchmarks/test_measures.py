"""The arithmetic of the single benchmarks."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from benchmarks.measures.exactness import independent_logits, relative_error
from benchmarks.measures.memory import SETTLED, WINDOW, growth


def test_relative_error_is_over_the_largest_expected_value():
    assert relative_error(np.array([[1.0, 2.2]]), np.array([[1.0, 2.0]])) == pytest.approx(0.1)
    assert relative_error(np.zeros((2, 2)), np.zeros((2, 2))) == 0
    assert relative_error(np.ones((2, 2)), np.zeros((2, 2))) == np.inf


def test_independent_logits_pool_then_weigh():
    features = np.arange(8, dtype=np.float32).reshape(1, 2, 2, 2)  # means 3 and 4
    head = SimpleNamespace(kernel=np.array([[1, 0], [2, -1]], np.float32), bias=np.array([0.5, 0], np.float32))
    assert independent_logits(features, head).tolist() == [[11.5, -4.0]]


def test_memory_that_settles_does_not_grow():
    assert growth([100.0] * SETTLED + [300.0] * 80) == pytest.approx((0, 0), abs=1e-9)


def test_what_the_allocator_keeps_of_what_it_gave_back_before_is_no_growth():
    rounds = [550.0] * 5 + [580.0]
    assert growth(rounds * 20 + [580.0] * 120) == pytest.approx((0, 0), abs=1e-9)


def test_a_leak_shows_as_growth_and_slope():
    grown, slope = growth([0.5 * film for film in range(SETTLED + 7 * WINDOW)])
    assert grown == pytest.approx(0.5 * 6 * WINDOW)  # from the first window's end to the last one's
    assert slope == pytest.approx(0.5)
