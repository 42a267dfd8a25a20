"""Risk, coverage and the unsure zone against values worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.abstention import ERROR, OPEN, certainty, outside, risk_coverage, unsure_zone
from training.metrics import balanced_error

# Four readings below an operating point of a half, from the surest, and four above it, to the surest.
PROBABILITY = np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.9])
LABEL = np.array([0, 0, 0, 1, 0, 1, 1, 1])


def test_certainty_is_the_share_of_the_same_side_that_lies_closer():
    assert certainty(PROBABILITY, 0.5).tolist() == [0.75, 0.5, 0.25, 0, 0, 0.25, 0.5, 0.75]
    # Two below, three above; equal readings are equally certain.
    assert certainty(np.array([0.1, 0.3, 0.5, 0.5, 0.8]), 0.4) == pytest.approx([0.5, 0, 0, 0, 2 / 3])
    assert certainty(np.array([0.7, 0.8]), 0.9).tolist() == [0.5, 0]


def test_certainty_follows_from_ranks_alone():
    assert (certainty(PROBABILITY**3, 0.5**3) == certainty(PROBABILITY, 0.5)).all()


def test_risk_coverage_by_hand():
    # The two readings next to the operating point are the wrong ones: one film of four of either kind.
    coverage, risk = risk_coverage(LABEL, PROBABILITY, 0.5)
    assert coverage.tolist() == [0.25, 0.5, 0.75, 1]
    assert risk == pytest.approx([0, 0, 0, 0.25])


def test_readings_of_equal_certainty_are_kept_together_in_any_order():
    label, probability = np.array([1, 0, 1]), np.array([0.7, 0.7, 0.2])
    for order in ([0, 1, 2], [2, 1, 0], [1, 0, 2]):
        coverage, risk = risk_coverage(label[order], probability[order], 0.5)
        assert coverage.tolist() == [1] and risk == pytest.approx([(1 / 2 + 1) / 2])


def test_never_naming_a_rare_finding_is_no_merit():
    label, probability = np.array([1] + [0] * 99), np.linspace(0.1, 0.2, 100)
    assert risk_coverage(label, probability, 0.9)[1][-1] == 0.5


def test_risk_is_unknown_where_films_of_one_kind_are_left():
    # The surest readings, 0.1 and 0.7, are of films without the finding.
    _, risk = risk_coverage(np.array([0, 1, 1, 0]), np.array([0.1, 0.4, 0.6, 0.7]), 0.5)
    assert np.isnan(risk[0]) and risk[1] == 0.5


def test_the_zone_is_the_narrowest_that_halves_the_balanced_error():
    low, high = unsure_zone(LABEL, PROBABILITY, 0.5)
    assert (low, high) == pytest.approx((0.35, 0.55))
    kept = outside(PROBABILITY, (low, high))
    assert balanced_error(LABEL[kept], PROBABILITY[kept] >= 0.5) <= ERROR * 0.25


def test_where_the_error_cannot_be_halved_the_share_wins():
    # Wrong wherever one looks: leaving readings open buys nothing.
    probability = np.linspace(0.005, 0.995, 100)
    label = np.arange(100) % 2
    assert 1 - outside(probability, unsure_zone(label, probability, 0.5)).mean() == pytest.approx(OPEN, abs=0.02)


def test_without_errors_nothing_is_left_open():
    probability = np.array([0.1, 0.2, 0.8, 0.9])
    assert outside(probability, unsure_zone(np.array([0, 0, 1, 1]), probability, 0.5)).all()


@given(
    st.lists(st.tuples(st.booleans(), st.integers(0, 1000)), min_size=3, max_size=60),
    st.integers(0, 1000),
)
def test_any_zone_holds_the_operating_point_and_no_more_than_its_share(rows, threshold):
    label = np.array([0, 1, *(row[0] for row in rows)])
    probability = np.array([0, 1000, *(row[1] for row in rows)]) / 1000
    low, high = unsure_zone(label, probability, threshold / 1000)
    assert 0 <= low <= threshold / 1000 <= high <= 1
    assert 1 - outside(probability, (low, high)).mean() <= OPEN + 1e-9


def test_the_zone_is_half_open():
    assert outside(np.array([0.1, 0.3, 0.5, 0.7]), (0.3, 0.7)).tolist() == [True, False, False, True]
