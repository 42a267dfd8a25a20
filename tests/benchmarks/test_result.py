"""Figures, summaries and turns."""

from __future__ import annotations

import math

import pytest

from benchmarks.result import Figure, Result, interleave, summary


def test_every_round_calls_all_and_turns_back():
    calls = []
    contestants = {name: lambda name=name: calls.append(name) or float(len(calls)) for name in "ab"}
    samples = interleave(contestants, 3)
    assert "".join(calls) == "abbaab"
    assert samples == {"a": [1, 4, 5], "b": [2, 3, 6]}


def test_summary_of_known_samples():
    assert summary([5, 1, 2, 4, 3]) == {"median": 3, "q1": 2, "q3": 4, "iqr": 2, "min": 1, "max": 5, "n": 5}


@pytest.mark.parametrize(
    ("figure", "met"),
    [
        (Figure.at_most("ratio", 1.3, 1.3), True),
        (Figure.at_most("ratio", 1.31, 1.3), False),
        (Figure.at_least("ratio", 6, 6), True),
        (Figure.at_least("ratio", 5.9, 6), False),
        (Figure("plain", 3.0), None),
    ],
)
def test_targets(figure, met):
    assert figure.met is met


@pytest.mark.parametrize("make", [Figure.at_most, Figure.at_least])
def test_what_could_not_be_measured_misses_its_target_and_is_null_in_json(make):
    written = Result([make("ratio", math.nan, 6)]).to_dict()["figures"][0]
    assert written["met"] is False
    assert written["value"] is None
