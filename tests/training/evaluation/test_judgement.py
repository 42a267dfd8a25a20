"""Confusion matrices, and which findings are judged at all."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.predictor import Brightness
from training.data import Film
from training.evaluation.judgement import counts, figures, judge, rates


def adult(present: bool, patient: str = "p") -> Film:
    return Film(Path("x"), patient, "adult", not present, {"cardiomegaly": present})


def test_rates_by_hand():
    label = np.array([1, 1, 1, 0, 0])
    above = np.array([True, True, False, True, False])
    assert list(counts(label, above).values()) == [2, 1, 1, 1]
    assert rates(label, above) == pytest.approx(
        {"accuracy": 3 / 5, "sensitivity": 2 / 3, "specificity": 1 / 2, "precision": 2 / 3, "f1": 4 / 6}
    )
    assert np.isnan(rates(np.array([0]), np.array([False]))["sensitivity"])


def test_only_findings_with_films_of_both_kinds_are_judged():
    films = [adult(True, "a"), adult(False, "b"), Film(Path("x"), "c", "child", True, {"pneumonia_child": False})]
    judged = judge(Brightness(), films, np.array([[2.0, 0], [-1, 0], [0, 0]]))
    assert list(judged) == ["cardiomegaly"]
    assert judged["cardiomegaly"].rows.tolist() == [0, 1]
    assert judged["cardiomegaly"].above.tolist() == [True, False]


def test_thresholds_come_from_the_predictor_and_are_not_refitted():
    predictor = Brightness()
    predictor.thresholds["cardiomegaly"] = 0.9
    films = [adult(bool(i % 2), f"p{i}") for i in range(6)]
    logits = np.array([[1.0 if film.labels["cardiomegaly"] else -1.0] * 2 for film in films])
    entry = figures(judge(predictor, films, logits)["cardiomegaly"])
    # Any threshold in between would be right on all of them; the predictor's own marks none.
    assert (entry["auc"], entry["sensitivity"], entry["specificity"]) == (1, 0, 1)
    assert entry["operating_point"] == 0.9
    assert np.isnan(entry["precision"])
    assert entry["share_unsure"] == pytest.approx(0)
