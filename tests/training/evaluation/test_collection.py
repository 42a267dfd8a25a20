"""What a report says of films that a model may know."""

from __future__ import annotations

from pathlib import Path

from training.data import Film
from training.evaluation.collection import shared


def film(path: str, patient: str, population: str) -> Film:
    return Film(Path(path), patient, population, True, {})


def test_a_film_is_known_by_its_name_and_an_adult_by_the_patient_too():
    own = [film("a/1_000.jpg", "nih-1", "adult"), film("k/person1_virus_6.jpeg", "kermany-person1", "child")]
    assert shared([film("b/1_000.png", "nih-9", "adult")], own) == 1
    assert shared([film("b/1_001.png", "nih-1", "adult")], own) == 1
    assert shared([film("t/person1_virus_7.jpeg", "kermany-person1", "child")], own) == 0
    assert shared([film("b/2_000.png", "nih-2", "adult")], own) == 0
