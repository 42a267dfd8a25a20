"""Figures of merit against values worked out by hand, and against their definitions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training import calibrate
from training.metrics import (
    auc,
    balanced_error,
    calibration_error,
    interval,
    mean_interval,
    means,
    resamples,
    sensitivity,
    specificity,
)


def test_auc_by_hand():
    assert auc(np.array([0, 0, 1, 1]), np.array([1, 3, 2, 4])) == 0.75
    assert auc(np.array([0, 1]), np.array([5, 5])) == 0.5
    assert np.isnan(auc(np.array([1, 1]), np.array([1, 2])))


@given(st.lists(st.tuples(st.booleans(), st.integers(-5, 5)), min_size=2, max_size=40))
def test_auc_is_the_share_of_pairs_ranked_right(rows):
    label, score = np.array([r[0] for r in rows], float), np.array([r[1] for r in rows], float)
    pairs = [(p > n) + 0.5 * (p == n) for p in score[label == 1] for n in score[label == 0]]
    found = auc(label, score)
    assert (np.isnan(found) and not pairs) or found == pytest.approx(np.mean(pairs))


def test_sensitivity_and_specificity_count_the_threshold_as_reached():
    label, p = np.array([1, 1, 0, 0]), np.array([0.5, 0.4, 0.5, 0.1])
    assert sensitivity(label, p, 0.5) == 0.5
    assert specificity(label, p, 0.5) == 0.5


def test_balanced_error_by_hand():
    label, above = np.array([1, 1, 0, 0, 0, 0]), np.array([True, False, True, False, False, False])
    assert balanced_error(label, above) == pytest.approx((1 / 2 + 1 / 4) / 2)
    assert np.isnan(balanced_error(label[:2], above[:2])) and np.isnan(balanced_error(label[2:], above[2:]))


def test_calibration_error_of_known_probabilities():
    label = np.array([0.0, 1.0] * 50)
    assert calibration_error(label, np.full(100, 0.5)) == pytest.approx(0)
    assert calibration_error(label, np.full(100, 0.9)) == pytest.approx(0.4)


def test_interval_resamples_patients_not_films():
    patients = np.repeat(["a", "b"], 500)
    values = np.repeat([0.0, 1.0], 500)
    # Two patients: a bootstrap mean is 0, ½ or 1, however many films each has.
    assert interval(np.mean, patients, values) == (0.0, 1.0)


def test_a_share_on_which_all_patients_agree_still_has_an_interval():
    patients = np.array([f"p{i // 2}" for i in range(40)])
    # Wilson's limits of 20 out of 20, as tabulated.
    assert mean_interval(patients, np.ones(40)) == (pytest.approx(0.839, abs=5e-4), 1.0)
    assert mean_interval(patients, np.zeros(40)) == (0.0, pytest.approx(0.161, abs=5e-4))
    mixed = (np.arange(40) % 4 == 0).astype(float)
    assert mean_interval(patients, mixed) == interval(np.mean, patients, mixed)


def test_every_figure_has_its_mean_and_interval():
    patients = np.array(["a", "b", "b"])
    found = means(patients, [{"iou": 0.0, "hit": 1.0}, {"iou": 0.5, "hit": 1.0}, {"iou": 1.0, "hit": 1.0}])
    assert list(found) == ["iou", "iou_interval", "hit", "hit_interval"]
    assert found["iou"] == 0.5 and found["iou_interval"] == (0.0, 0.75)
    # All films agree: Wilson, over two patients.
    assert found["hit"] == 1 and found["hit_interval"] == (pytest.approx(2 / (2 + 1.96**2)), 1.0)


def test_platt_recovers_a_known_slope_and_offset():
    rng = np.random.default_rng(0)
    logit = rng.normal(0, 2, 40_000)
    label = (rng.random(40_000) < 1 / (1 + np.exp(-(0.5 * logit - 1)))).astype(float)
    assert calibrate.platt(logit, label) == pytest.approx((0.5, -1.0), abs=0.05)


def test_platt_finds_the_optimum_of_nearly_separable_films():
    rng = np.random.default_rng(0)
    label = (rng.random(900) < 0.75).astype(float)
    logit = 12 * label - 5 + rng.normal(0, 2.2, 900)
    slope, offset = calibrate.platt(logit, label)
    n, m = label.sum(), (1 - label).sum()
    target = np.where(label > 0.5, (n + 1) / (n + 2), 1 / (m + 2))
    residual = target - 1 / (1 + np.exp(-(slope * logit + offset)))
    # At the optimum both derivatives of the likelihood vanish.
    assert abs(residual.sum()) < 1e-6
    assert abs((residual * logit).sum()) < 1e-5


def test_platt_refuses_a_logit_that_ranks_backwards():
    with pytest.raises(ValueError, match="nothing to calibrate"):
        calibrate.platt(np.array([3.0, 2, 1, 0]), np.array([0.0, 0, 1, 1]))


@given(st.lists(st.floats(0, 1), min_size=5, max_size=60), st.sampled_from([0.8, 0.85, 0.9, 0.95]))
def test_thresholds_keep_their_promise_on_the_films_they_are_fixed_on(scores, target):
    p = np.array(scores)
    assert sensitivity(np.ones_like(p), p, calibrate.at_sensitivity(p, np.ones_like(p), target)) >= target
    assert specificity(np.zeros_like(p), p, calibrate.at_specificity(p, np.zeros_like(p), target)) >= target


def test_the_unsure_zone_holds_the_operating_point():
    rng = np.random.default_rng(1)
    label = (rng.random(500) < 0.3).astype(float)
    p = np.clip(0.3 + 0.2 * label + rng.normal(0, 0.15, 500), 0, 1)
    for name in ("cardiomegaly", "pneumonia_child", "nodule"):
        point = calibrate.operating_point(name, p, label)
        assert point["unsure"][0] <= point["operating_point"] <= point["unsure"][1]


def test_a_foreign_population_is_counted_on_its_normal_films_alone():
    probability = np.array([0.9, 0.4, 0.3, 0.1, 0.8, 0.7, 0.9])
    normal = np.array([True, True, True, True, True, True, False])
    own = np.array([False, False, False, False, True, True, False])
    assert calibrate.foreign(probability, 0.4, normal, own) == {"films": 4, "reach": 0.5, "own": 1.0}
    assert calibrate.foreign(probability, 0.75, normal, own) == {"films": 4, "reach": 0.25, "own": 0.5}


def test_resamples_keep_every_patients_films_together():
    patients = np.array(["a", "b", "a", "c"])
    for rows in resamples(patients, rounds=20):
        drawn = patients[rows].tolist()
        assert drawn.count("a") % 2 == 0
        assert drawn.count("a") // 2 + drawn.count("b") + drawn.count("c") == 3
