"""Two checkpoints on one film."""

from __future__ import annotations

import xai
from tests import checkpoint
from tests.files import phantom
from xai.lab import words
from xai.lab.compare import Side, compare
from xai.lab.meter import Meter, meter


def test_both_sides_of_every_finding(tmp_path):
    folder = checkpoint.write(tmp_path)
    film = xai.Radiograph(phantom(33, 33))
    first, second = (xai.explain(xai.load(name, folder), film) for name in ("guided", "plain"))
    sides = compare(first, second)
    assert list(sides) == list(first.readings)
    for name, (left, right) in sides.items():
        assert (left.model, right.model) == ("guided", "plain")
        assert right.probability == second.readings[name].probability
        assert left.meter == meter(first.readings[name].evidence, first.extent)


def test_words():
    good = Side("guided", 1.0, 0.73, Meter(0.02, 0.01, 0.6, 0.3, 0.1))
    bad = Side("plain", 0.9, 0.71, Meter(0.3, 0.2, 0.2, 0.2, 0.6))
    sentence = words.compare(good, bad)
    assert sentence.startswith("Guided 73 %, plain 71 %: nearly the same probability; of guided’s positive evidence")
    assert "90 % lies over the heart and lungs" in sentence and "40 % lies over the heart and lungs" in sentence
    assert "30 % on the border and 20 % in the corners" in sentence
    assert "different probabilities" in words.compare(good, Side("plain", -3, 0.05, bad.meter))
    # In log-odds: 5 % is not nearly 11 %.
    assert "different" in words.compare(Side("a", -2.94, 0.05, bad.meter), Side("b", -2.09, 0.11, bad.meter))
