"""Which films a recipe learns from."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from training.data import Film
from training.recipes.baseline import Baseline
from training.recipes.films import canvases, hold_out, labels, learnt


def film(patient: str, normal: bool, **present: bool) -> Film:
    return Film(Path(patient), patient, "adult", normal, present)


def test_no_patient_is_both_fitted_and_held_out():
    films = [film(f"p{number // 3}", True) for number in range(3000)]
    fitted, held = hold_out(films)
    assert len(fitted) + len(held) == len(films)
    assert not {f.patient for f in fitted} & {f.patient for f in held}
    assert 0.12 < len(held) / len(films) < 0.21


def test_against_no_finding_leaves_out_films_with_other_findings_alone():
    heart = film("a", False, cardiomegaly=True, effusion=True)
    water = film("b", False, cardiomegaly=False, effusion=True)
    nothing = film("c", True, cardiomegaly=False, effusion=False)
    child = film("d", True, pneumonia_child=False)
    recipe = Baseline(("cardiomegaly",), size=8)
    assert learnt([heart, water, nothing, child], recipe) == [heart, water, nothing]
    assert learnt([heart, water, nothing, child], Baseline(("cardiomegaly",), 8, against="no finding")) == [
        heart,
        nothing,
    ]


def test_a_missing_label_is_neither_present_nor_absent():
    films = [film("a", False, pneumonia_child=True, bacterial_child=False), film("b", True, pneumonia_child=False)]
    assert labels(films, ("bacterial_child", "pneumonia_child")).tolist() == [[0, 1], [-1, 0]]


def test_canvases_keep_the_grey_levels_and_the_shape_of_a_film():
    canvas = canvases([np.full((10, 20), 200, np.uint8)], 20)
    assert canvas.shape == (1, 20, 20, 1)
    assert canvas[0, 5:15].min() == 200 and canvas[0, :5].max() == canvas[0, 15:].max() == 0
