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


@pytest.mark.parametrize(("needed", "taken"), [(0, failures.POOL), (failures.POOL + 3, failures.POOL + 3)])
def test_as_many_of_the_worst_films_are_taken_as_it_needs_for_enough_to_align(monkeypatch, needed, taken):
    greys = [np.full((2, 2), value, np.uint8) for value in range(40)]
    monkeypatch.setattr(failures, "load", lambda *_: greys)
    monkeypatch.setattr(failures, "places", lambda pixels: None)
    monkeypatch.setattr(failures.xai, "explain", lambda classifier, film: film)
    monkeypatch.setattr(failures, "wrongness", lambda case, film: film.pixels.max())
    monkeypatch.setattr(
        failures,
        "average",
        lambda seed, films, pixels, place: pixels[seed].astype(np.float32) / 255 if len(films) >= needed else None,
    )
    composite, pool = failures.worst_composite(FALSE, [NORMAL] * 40, None)
    assert pool == taken
    assert composite == pytest.approx(39 / 255)


def test_films_that_do_not_align_are_named(monkeypatch):
    monkeypatch.setattr(failures, "load", lambda *_: [np.zeros((2, 2), np.uint8)])
    monkeypatch.setattr(failures, "places", lambda pixels: None)
    monkeypatch.setattr(failures, "average", lambda *_: None)
    monkeypatch.setattr(failures.xai, "explain", lambda classifier, film: film)
    monkeypatch.setattr(failures, "wrongness", lambda case, film: 0.0)
    with pytest.raises(ValueError, match="missed: fewer than"):
        failures.worst_composite(MISSED, [LARGE], None)
