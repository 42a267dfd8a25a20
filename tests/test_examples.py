"""The composites that ship: as many films as promised, and read as intended."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import xai
from xai.weights import models

FOLDER = Path(__file__).parents[1] / "examples"
CARDS = json.loads((FOLDER / "examples.json").read_text())


def test_there_are_six_or_more_of_at_least_eight_films_each():
    assert len(CARDS) >= 6
    assert all(card["films"] >= 8 for card in CARDS)
    assert {card["file"] for card in CARDS} == {path.name for path in FOLDER.glob("*.png")}


@pytest.mark.parametrize("name", models())
def test_every_checkpoint_takes_them_for_films_of_their_population(name):
    classifier = xai.load(name)
    gates = {card["file"]: xai.explain(classifier, FOLDER / card["file"]).gate for card in CARDS}
    assert {file: gate.population for file, gate in gates.items() if gate.chest_film} == {
        card["file"]: card["population"] for card in CARDS
    }


@pytest.mark.parametrize("card", CARDS, ids=[card["file"] for card in CARDS])
def test_the_default_checkpoint_reads_a_composite_as_intended(card):
    explanation = xai.explain(xai.load(), FOLDER / card["file"])
    assert explanation.gate.chest_film
    assert explanation.gate.population == card["population"]
    for name in card["intended"]:
        reading = explanation.readings[name]
        assert reading.probability >= reading.finding.operating_point, name
    for name in card["not_intended"]:
        reading = explanation.readings[name]
        assert reading.probability < reading.finding.unsure[1], name
