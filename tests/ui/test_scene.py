"""What the browser is given: the film's own pixels, exact evidence, and words for every finding."""

from __future__ import annotations

import base64
import json

import cv2
import numpy as np
import pytest

import xai
from tests import page
from tests.files import phantom
from ui.incoming import named
from ui.scene import constants, scene
from xai.foremost import foremost
from xai.radiograph import Radiograph


@pytest.fixture(scope="module")
def classifiers(tmp_path_factory):
    weights = page.write(tmp_path_factory.mktemp("scene") / "weights")
    return {name: xai.load(name, weights) for name in ("guided", "strict")}


def floats(text: str) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), "<f4").reshape(17, 17)


def picture(sent: dict) -> np.ndarray:
    content = base64.b64decode(sent["film"]["picture"].removeprefix("data:image/png;base64,"))
    return cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)


def test_a_film_of_display_size_is_shown_pixel_for_pixel(classifiers):
    film = Radiograph(phantom(300, 200))
    assert (picture(scene(classifiers, film, "a.png")) == np.rint(film.pixels * 255)).all()


def test_a_large_film_is_shown_reduced(classifiers):
    assert picture(scene(classifiers, Radiograph(phantom(1500, 2048)), "a.png")).shape == (750, 1024)


def test_evidence_and_reference_come_exactly(classifiers):
    film = Radiograph(phantom(300, 300))
    sent = json.loads(json.dumps(scene(classifiers, film, "a.png")))
    fixed = json.loads(json.dumps(constants(classifiers)))
    for model, classifier in classifiers.items():
        for name, reading in xai.explain(classifier, film).readings.items():
            assert (floats(sent["models"][model]["findings"][name]["evidence"]) == reading.evidence).all()
            assert (floats(fixed["models"][model]["findings"][name]["reference"]) == reading.reference).all()


def test_an_example_opens_on_what_it_was_made_to_show(classifiers):
    film = Radiograph(phantom(300, 300))
    assert scene(classifiers, film, "a.png", "effusion")["film"]["finding"] == "effusion"
    sent = scene(classifiers, film, "a.png")
    assert sent["film"]["finding"] == ""
    for name, classifier in classifiers.items():
        assert sent["models"][name]["foremost"] == foremost(xai.explain(classifier, film))


def test_the_gate_and_the_population_are_said(classifiers):
    sent = scene(classifiers, Radiograph(phantom(300, 300)), "a.png")["models"]
    assert sent["guided"]["gate"]["chest_film"] is True
    assert sent["strict"]["gate"]["chest_film"] is False
    assert sent["guided"]["gate"]["noticed"] == ""
    assert sent["strict"]["gate"]["noticed"].startswith("What was noticed: its features ")
    assert sent["guided"]["findings"]["cardiomegaly"]["mismatch"] == ""
    assert sent["guided"]["findings"]["cardiomegaly"]["reach"] == ""
    assert "children" in sent["guided"]["findings"]["pneumonia_child"]["mismatch"]
    assert "of 250 normal films of adults, 61 %" in sent["guided"]["findings"]["pneumonia_child"]["reach"]


@pytest.mark.parametrize(
    ("given", "kept"),
    [("film.png", "film.png"), ("C:\\films\\a b.dcm", "a b.dcm"), ("../../etc/passwd", "passwd"), ("", "film"),
     ("x" * 300 + ".png", "x" * 116 + ".png")],
)  # fmt: skip
def test_a_film_keeps_its_base_name_alone(given, kept):
    assert named(b"", given).name == kept
