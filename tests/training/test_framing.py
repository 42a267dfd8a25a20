"""Films cut otherwise, on a checkpoint of a few channels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests import checkpoint
from tests.files import levels

import xai
from training import framing
from training.data import Film


def child(name: str, normal: bool) -> Film:
    return Film(Path(name), name, "child", normal, {"pneumonia_child": not normal})


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("as published", (200, 100)),
        ("10 % cut off each side", (160, 80)),
        ("8 % black added on each side", (232, 116)),
        ("15 % narrower", (200, 85)),
        ("15 % wider", (200, 115)),
    ],
)
def test_frames_are_what_they_say(name, shape):
    assert framing.FRAMES[name](levels(200, 100)).shape == shape


def test_a_cut_takes_the_edge_and_leaves_the_middle():
    film = levels(200, 100)
    assert np.array_equal(framing.cut(0.1)(film), film[20:180, 10:90])


def test_as_many_of_both_kinds_of_children_are_chosen(monkeypatch):
    monkeypatch.setattr(framing, "EACH", 3)
    films = [child(f"{i}.png", i % 2 == 0) for i in range(10)]
    adult = Film(Path("a.png"), "a", "adult", True, {"pneumonia_child": False})
    found = framing.chosen([adult, *films])
    assert [film.normal for film in found] == [True] * 3 + [False] * 3
    assert len({film.path for film in found}) == 6


def test_the_report_compares_every_frame_with_the_film_as_it_is(tmp_path):
    films = [child(f"{i}.png", i % 2 == 0) for i in range(4)]
    pixels = [np.random.default_rng(i).integers(0, 256, (50, 40), np.uint8) for i in range(4)]
    found = framing.report(xai.load("guided", checkpoint.write(tmp_path), threads=1), films, pixels)
    assert list(found) == list(framing.FRAMES)
    assert found["as published"]["moved"] == 0
    assert found["15 % wider"]["moved"] != 0
    assert all(0 <= entry[key] <= 1 for entry in found.values() for key in ("auc", "sensitivity", "specificity"))
