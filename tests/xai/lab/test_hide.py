"""Hiding, exactly: what it takes away, what it costs, and how it stops."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

import xai
from tests.files import phantom
from xai.lab import Subject, hide, regions, words
from xai.lab.fills import FILLS
from xai.lab.subject import BATCH


def last(items):
    for item in items:
        pass
    return item


def test_hiding_the_one_cell_that_counts_takes_exactly_its_evidence(lit):
    reading = lit.explanation.readings["cardiomegaly"]
    assert reading.evidence[1, 2] == 2.25 and reading.logit == 1.25
    hidden = last(hide.hide(lit, regions.of_cells(lit, [(1, 2)]), "mean"))
    effect = hidden.effect("cardiomegaly")
    assert effect.drop == pytest.approx(2.25, abs=1e-6)
    assert effect.after == pytest.approx(-1.0, abs=1e-6)
    assert hidden.maps[0, 1, 2] == pytest.approx(0, abs=1e-6)
    assert (effect.random < 2.2).all() and len(effect.random) == 20
    assert effect.p == pytest.approx(1 / 21)
    assert "the model does use it" in words.hide(reading, hidden)


def test_hiding_another_cell_changes_nothing(lit):
    hidden = last(hide.hide(lit, regions.of_cells(lit, [(3, 0)]), "mean", controls=0))
    assert hidden.effect("cardiomegaly").drop == 0


def test_the_hottest_region_is_the_cell_that_counts(lit):
    region = regions.hottest(lit, lit.maps[0], 0.05)
    assert region.sum() == 16 * 16
    assert np.array_equal(region, regions.of_cells(lit, [(1, 2)]))


def test_what_one_finding_ignores_another_may_need(subject_of):
    """Half the film in grey 0.5 on black: cells of the upper half are worth 3 / 16 · 0.5 each to the second finding."""
    film = np.zeros((91, 91), np.float32)
    film[:45] = 0.5  # rows 13 to 44 are the first two rows of cells
    subject = subject_of(film)
    region = regions.of_cells(subject, [(3, 0), (3, 1)])
    hidden = last(hide.hide(subject, region, "mean", controls=0))
    assert hidden.effect("pneumonia_child").drop == pytest.approx(0, abs=1e-6)
    assert hidden.before == pytest.approx([-1 + 3 * 0.5, -1 + 3 * 0.25])


def test_feedback_comes_after_one_film_and_everything_within_25(lit, monkeypatch):
    shown = []
    look = Subject.look
    monkeypatch.setattr(Subject, "look", lambda self, films: (shown.append(len(films)), look(self, films))[1])
    work = hide.hide(lit, regions.of_cells(lit, [(1, 2)]))
    first = next(work)
    assert shown == [1] and len(first.random) == 0 and not first.complete
    assert "0 of 20 random regions" in words.hide(lit.explanation.readings["cardiomegaly"], first)
    assert last(work).complete and sum(shown) == 21


def test_cancelled_it_stops(lit, monkeypatch):
    shown = []
    look = Subject.look
    monkeypatch.setattr(Subject, "look", lambda self, films: (shown.append(len(films)), look(self, films))[1])
    work = hide.hide(lit, regions.of_cells(lit, [(1, 2)]))
    next(work), next(work)
    work.close()
    assert list(work) == [] and sum(shown) == 1 + BATCH


def test_the_same_seed_draws_the_same_regions_in_every_thread(subject_of):
    subject = subject_of(phantom(91, 91))
    region = regions.hottest(subject, subject.maps[1], 0.15)

    def work(seed: int) -> np.ndarray:
        return last(hide.hide(subject, region, "blur", seed=seed)).random

    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(work, [7, 8, 7, 8]))
    assert np.array_equal(results[0], results[2]) and np.array_equal(results[1], results[3])
    assert not np.array_equal(results[0], results[1])


@pytest.mark.parametrize("fill", FILLS)
def test_a_letter_boxed_film_keeps_its_black_padding(subject_of, fill):
    """On the canvases that the model is shown, not only on the film."""
    subject = subject_of(phantom(182, 100))
    assert subject.film.shape == (91, 50)
    shown = []

    def features(canvases: np.ndarray) -> np.ndarray:
        shown.extend(canvases)
        return subject.classifier.features(canvases)

    watched = replace(subject, classifier=SimpleNamespace(**vars(subject.classifier) | {"features": features}))
    hidden = last(hide.hide(watched, np.ones(subject.film.shape, bool), fill, controls=2))
    assert len(shown) == 3 and hidden.share == 1
    for canvas in shown:
        assert not canvas[:, :20].any() and not canvas[:, 70:].any() and canvas[:, 20:70].any()


def effect(drop: float, random) -> hide.Effect:
    return hide.Effect(1.0, 1.0 - drop, np.array(random, float), True)


@pytest.mark.parametrize(
    "drop, random, p, phrase",
    [
        (2.1, [0.2] * 20, 1 / 21, "does use it"),
        (2.1, [0.2] * 18 + [3, 3], 3 / 21, "2 of 20 random regions do as much, so this does not settle it"),
        (0.1, [0.2] * 20, 1.0, "needs it no more than any other part"),
        (-0.3, [0.2] * 20, 1.0, "does not need it"),
    ],
)
def test_rank_and_verdict(drop, random, p, phrase):
    one = effect(drop, random)
    assert one.p == pytest.approx(p)
    assert phrase in words._verdict(one, True)
    assert "nothing hot to hide" in words._verdict(one, False)


def test_real_films(data):
    """A film from the shared folder through the shipped checkpoint: all fills work, and the region lies on the film."""
    classifier = xai.load("guided", threads=1)
    film = next(iter(sorted((data / "nih" / "images").glob("*.jpg"))))
    subject = Subject.of(classifier, xai.explain(classifier, film))
    region = regions.hottest(subject, subject.maps[0], 0.15)
    assert region.mean() == pytest.approx(0.15, abs=0.01)
    for fill in FILLS:
        hidden = last(hide.hide(subject, region, fill, controls=1))
        assert np.isfinite(hidden.after).all() and hidden.film.min() >= 0 and hidden.film.max() <= 1
        assert abs(hidden.effect("cardiomegaly").drop) > 0
