"""Slices against values worked out by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from training.data import Film
from training.evaluation import slices
from training.evaluation.collection import Collection
from training.evaluation.judgement import Judgement


def film(**values: str) -> Film:
    return Film(Path("x"), "p", "adult", False, {}, {}, **values)


def judgement(label: list[int], logit: list[float]) -> Judgement:
    n = len(label)
    return Judgement(
        "mass", np.arange(n), np.array(label), np.array(logit), np.arange(n).astype(str), np.zeros(n, bool), 0.5, None
    )


@pytest.mark.parametrize(
    ("age", "band"),
    [("0", "under 18"), ("17", "under 18"), ("18", "18–39"), ("80", "80 and over"), ("", ""), ("x", "")],
)
def test_age_bands(age: str, band: str):
    assert slices.age_band(film(age=age)) == band


def test_size_bands_follow_the_longer_side():
    assert slices.size_band(384, 499) == "under 500 px"
    assert slices.size_band(500, 100) == "500–999 px"
    assert slices.size_band(2048, 2500) == "2500 px and over"


def test_the_published_size_counts_before_the_files():
    one, other = film(sex="f", view="ap"), Film(Path("y"), "q", "adult", False, {})
    groups = slices.groups(Collection("", [one, other], {Path("x"): (2500, 2048)}), np.array([[384, 384], [384, 300]]))
    assert groups["film size"].tolist() == ["2500 px and over", "under 500 px"]
    assert groups["sex"].tolist() == ["women", ""]
    assert groups["view"].tolist() == ["AP", ""]


def test_figures_of_each_slice_by_hand():
    found = slices.measure(
        judgement([1, 0, 0, 1, 0, 1], [2.0, 1, -1, -2, -3, 5]), np.array(["AP", "AP", "AP", "PA", "PA", ""])
    )
    assert list(found) == ["AP", "PA"]
    assert (found["AP"]["films"], found["AP"]["positive"], found["AP"]["auc"]) == (3, 1, 1.0)
    assert (found["AP"]["sensitivity"], found["AP"]["specificity"]) == (1.0, 0.5)
    assert (found["PA"]["auc"], found["PA"]["sensitivity"], found["PA"]["specificity"]) == (1.0, 0.0, 1.0)
    assert found["AP"]["too_small"]


def test_a_slice_is_large_enough_from_ten_films_of_either_kind():
    label = [0, 1] * 10
    group = np.array(["PA"] * 20 + ["AP"] * 19)
    found = slices.measure(judgement(label + label[1:], [float(y) for y in label + label[1:]]), group)
    assert (found["PA"]["too_small"], found["AP"]["too_small"]) == (False, True)


def test_a_dimension_with_one_group_says_nothing():
    assert slices.measure(judgement([0, 1], [0.0, 1]), np.array(["PA", "PA"])) == {}


def test_bands_stand_in_their_order():
    assert slices.ordered(["80 and over", "under 18", "18–39"]) == ["under 18", "18–39", "80 and over"]
    assert slices.ordered(["500–999 px", "under 500 px", "500–999 px"]) == ["under 500 px", "500–999 px"]
    assert slices.ordered(["PA", "AP"]) == ["AP", "PA"]
