"""Risk and coverage against values worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from training.evaluation.abstention import risk_coverage, unsure_point


def test_risk_coverage_by_hand():
    # Certainty 3, 2, 1 and 0.5; the second and the last are on the wrong side of even odds.
    coverage, risk = risk_coverage(np.array([1, 1, 0, 0]), np.array([3.0, -2, -1, 0.5]), 0.5)
    assert coverage.tolist() == [0.25, 0.5, 0.75, 1]
    assert risk == pytest.approx([0, 1 / 2, 1 / 3, 2 / 4])


def test_readings_of_equal_certainty_are_kept_together_in_any_order():
    label, logit = np.array([1, 0, 1]), np.array([1.0, 1, -1])
    for order in ([0, 1, 2], [2, 1, 0], [1, 0, 2]):
        coverage, risk = risk_coverage(label[order], logit[order], 0.5)
        assert coverage.tolist() == [1] and risk == pytest.approx([2 / 3])


def test_certainty_is_measured_from_the_operating_point():
    # At an operating point of 0.9 a logit of 0 is further from it, in log-odds, than one of 2.
    _, risk = risk_coverage(np.array([0, 1]), np.array([0.0, 2.0]), 0.9)
    assert risk.tolist() == [0, 0.5]


def test_the_unsure_zone_is_half_open_and_may_leave_nothing():
    label, p = np.array([0, 1, 0, 1]), np.array([0.1, 0.3, 0.5, 0.7])
    assert unsure_point(label, p, 0.5, (0.3, 0.7)) == (0.5, 0.0)
    assert unsure_point(label, p, 0.5, (0.6, 0.7)) == (1.0, 0.5)
    coverage, risk = unsure_point(label, p, 0.5, (0.0, 1.0))
    assert coverage == 0 and np.isnan(risk)
