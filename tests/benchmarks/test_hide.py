"""Hide and look again beside the bare forward pass."""

from __future__ import annotations

import pytest

import xai
from benchmarks.films import phantom
from benchmarks.measures import hide
from xai.classifier import Classifier


@pytest.mark.parametrize(("answers", "films"), [(1, 1), (None, 21)])
def test_the_first_answer_needs_one_film_and_the_last_all(settings, monkeypatch, answers, films):
    classifier = xai.load(weights=settings.weights, threads=1)
    explanation = xai.explain(classifier, xai.Radiograph(phantom(64, 64, 0) / 255))
    seen, features = [], Classifier.features
    monkeypatch.setattr(Classifier, "features", lambda self, x: seen.append(len(x)) or features(self, x))
    hide.experiment(classifier, explanation, "cardiomegaly", "blur", answers)
    assert sum(seen) == films


def test_ratios_are_of_the_slowest_fill_and_the_fastest_bare_passes():
    medians = {"one": 10, "batch 4": 250, "batch 25": 200, "hide a": 180, "hide b": 300, "first a": 12, "first b": 11}
    assert hide.ratios(medians) == pytest.approx((1.5, 1.2))


def test_every_checkpoint_is_measured(settings):
    result = hide.run(settings)
    assert list(result.raw) == ["guided"]
    assert {f"{kind} {fill}" for kind in ("hide", "first") for fill in ("normal", "blur", "mean")} < set(
        result.raw["guided"]
    )
    assert [figure.target for figure in result.figures] == ["≤ 400", "", "", "≤ 1.2"]
    assert all(figure.value > 0 for figure in result.figures)
