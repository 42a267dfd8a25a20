"""What is taken of one map, on a checkpoint that can be reckoned by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.xai.lab.conftest import CELLS, KNOWN
from training.maps import measure
from training.maps.cases import Case
from training.maps.twins import Twin
from xai.lab.regions import hottest
from xai.lab.stability import CHANGES
from xai.methods import METHODS

NAME = "cardiomegaly"


def hot(*cell: int) -> np.ndarray:
    heat = np.zeros((CELLS, CELLS), np.float32)
    heat[cell] = 1
    return heat


def test_chance_hits_about_as_often_as_one_cell_of_all(lit, film):
    chance = measure.chance_against_boxes(lit, Case(film(), NAME))
    assert 0 <= chance["argmax_in_box"] <= 0.3
    assert chance["share_in_box"] == pytest.approx(1 / CELLS**2, rel=0.5)


def test_hiding_what_the_model_reads_lowers_the_logit_and_hiding_nothing_of_it_does_not(lit):
    read, ignored = (measure.hiding(hottest(lit, hot(*cell), 0.05), lit, NAME) for cell in (KNOWN, (3, 0)))
    assert read["drop"] > read["random"] and read["above_random"] == 1
    assert ignored["drop"] == pytest.approx(0, abs=1e-6) and ignored["above_random"] == 0


def test_the_order_that_starts_with_what_is_read_deletes_sooner_and_inserts_sooner(lit):
    first, last = (measure.areas(sign * hot(*KNOWN), lit, NAME) for sign in (1, -1))
    assert first["deletion"] < last["deletion"]
    assert first["insertion"] > last["insertion"]


def test_a_map_is_like_itself_and_like_no_twin_that_draws_nothing(lit, film):
    case = Case(film(), NAME)
    maps = {"evidence": METHODS["evidence"].map(lit, NAME), "occlusion": hot(*KNOWN)}
    nothing = replace(lit, classifier=Twin(np.zeros_like(lit.classifier.kernel), lit.classifier.features))
    assert measure.likeness(maps, [lit], case) == {"evidence": pytest.approx(1)}
    assert measure.likeness(maps, [lit, nothing], case) == {"evidence": pytest.approx(0.5)}


def test_a_map_that_follows_the_film_is_steady_and_one_that_stays_is_less_so(subject_of, film):
    pixels = np.random.default_rng(0).random((8, 8)).repeat(12, 0).repeat(12, 1)
    subject, case = subject_of(pixels), Case(film(finding="pneumonia_child"), "pneumonia_child")
    maps = {"grad-cam": METHODS["grad-cam"].map(subject, case.finding)}
    changed = [replace(subject, film=change(subject.film)) for change in CHANGES]
    steady = measure.steadiness(maps, changed, case)["grad-cam"]
    other = measure.steadiness({"grad-cam": maps["grad-cam"][::-1]}, changed, case)["grad-cam"]
    assert steady > 0.8 > other


def test_everything_is_taken_of_every_map(lit, film):
    maps = {"evidence": hot(*KNOWN), "grad-cam": hot(*KNOWN), "occlusion": hot(3, 0)}
    twins = {"head": [lit.classifier], "all": [lit.classifier]}
    found = measure.whole(lit, Case(film(), NAME), maps, twins)
    assert found["evidence"] == found["grad-cam"]
    assert set(found["evidence"]) == {"hide", "deletion", "insertion", "stability", "randomised"}
    assert set(found["occlusion"]) == {"hide", "deletion", "insertion"}
    assert found["evidence"]["hide"]["drop"] > found["occlusion"]["hide"]["drop"]
