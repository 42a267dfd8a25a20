"""Which films can fail in which way, and how far."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("tqdm")

import xai  # noqa: E402
from tests import checkpoint  # noqa: E402
from training import failures  # noqa: E402
from training.data import Film  # noqa: E402

MISSED = failures.Case("missed", "cardiomegaly", "adult", True)
FALSE = replace(MISSED, missed=False)
LARGE = Film(Path("x"), "p", "adult", False, {"cardiomegaly": True})
NORMAL = Film(Path("x"), "p", "adult", True, {"cardiomegaly": False})


def test_a_case_takes_the_films_that_can_fail_in_its_way():
    child = replace(NORMAL, population="child")
    other = Film(Path("x"), "p", "adult", False, {"cardiomegaly": False})
    assert [MISSED.takes(film) for film in (LARGE, NORMAL, child, other)] == [True, False, False, False]
    assert [FALSE.takes(film) for film in (LARGE, NORMAL, child, other)] == [False, True, False, False]


def test_wrongness_is_the_distance_on_the_wrong_side_of_the_operating_point(tmp_path):
    classifier = xai.load("guided", checkpoint.write(tmp_path), threads=1)
    explanation = xai.explain(classifier, np.random.default_rng(0).random((33, 33)))
    reading = explanation.readings["cardiomegaly"]
    point = reading.finding.operating_point
    above = reading.logit - np.log(point / (1 - point))
    assert failures.wrongness(FALSE, explanation) == pytest.approx(above)
    assert failures.wrongness(MISSED, explanation) == pytest.approx(-above)
