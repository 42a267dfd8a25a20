"""Means and intervals of records made by hand."""

from __future__ import annotations

import pytest

from tests.xai.lab.conftest import classifier
from training.maps.cases import Case
from training.maps.summary import summary

__all__ = ["classifier"]


def boxes(hit: float) -> dict:
    return {"argmax_in_box": hit, "share_in_box": hit / 2, "iou": hit / 4}


def test_means_are_taken_over_films_and_the_meter_over_maps_that_show_anything(classifier, film):
    films = [film(f"{i}.png", f"patient {i}") for i in range(4)]
    cases = [Case(one, "cardiomegaly") for one in films]
    hits = (1.0, 1.0, 1.0, 0.0)
    parts = dict.fromkeys(("corners", "heart", "lungs", "outside"), 0.0)
    found = summary(
        classifier,
        films,
        {
            "readings": {
                one.path.name: {"cardiomegaly": {"any": i < 2, "meter": {"border": 0.2 * i, **parts}}}
                for i, one in enumerate(films)
            },
            "boxed": cases,
            "placed": {c.key: {"evidence": boxes(hit), "random": boxes(0.25)} for c, hit in zip(cases, hits)},
            "sample": {
                cases[0].key: {
                    "evidence": {
                        "passes": 1,
                        "seconds": 0.5,
                        "deletion": -1.0,
                        "randomised": {"head": 0.5, "all": 0.0},
                    },
                    "occlusion": {"passes": 16, "boxes": boxes(1.0)},
                }
            },
            "positive": cases[:2],
            "hidden": {
                c.key: {"drop": d, "random": 0.0, "above_random": float(d > 0)} for c, d in zip(cases, (2.0, -1.0))
            },
        },
    )
    evidence = found["methods"]["evidence"]
    assert evidence["localisation"]["argmax_in_box"] == 0.75 and evidence["localisation"]["films"] == 4
    assert evidence["seconds"] == 0.5 and evidence["deletion"]["log_odds"] == -1
    assert evidence["randomised"]["head"] == 0.5 and evidence["hide"] is None
    assert found["methods"]["occlusion"]["localisation"]["films"] == 1
    assert found["findings"]["cardiomegaly"] == {"films": 4, "argmax_in_box": 0.75, "random": 0.25}
    assert found["true_positives"]["drop"] == 0.5 and found["true_positives"]["above_random"] == 0.5
    assert found["true_positives"]["by_finding"] == {"cardiomegaly": {"films": 2, "above_random": 0.5}}
    assert found["meter"] == {"cardiomegaly": {"films": 2, "border": pytest.approx(0.1), **parts}}
