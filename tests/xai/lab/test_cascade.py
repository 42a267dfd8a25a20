"""Shuffled heads in closed form, and shuffled backbones from the bytes of an ONNX file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import numpy_helper
from tests import checkpoint
from tests.files import phantom

import xai
from xai import evidence as maps
from xai.lab import Subject, twin, words
from xai.lab.cascade import cascade

WEIGHTS = Path(xai.__file__).parent.parent / "weights"


@pytest.fixture
def tiny(tmp_path):
    """A convolution of random weights: its subject, and its backbone's file."""
    folder = checkpoint.write(tmp_path)
    classifier = xai.load("guided", folder)
    return Subject.of(classifier, xai.explain(classifier, phantom(33, 33))), folder / "guided.onnx"


def test_a_shuffled_head_is_the_same_weights_on_other_channels(tiny):
    subject, _ = tiny
    step = next(cascade(subject, heads=30))
    features = subject.classifier.features(subject.on_canvas(subject.film)[None])[0]
    kernel = subject.classifier.kernel
    for one in step.maps:
        # Undo the head: the features of this film determine which weights drew the map.
        solved = np.linalg.lstsq(features.reshape(16, 4), one.reshape(2, 16).T * 16, rcond=None)[0]
        assert np.sort(solved, axis=0) == pytest.approx(np.sort(kernel, axis=0), abs=1e-2)
    assert len({one.tobytes() for one in step.maps}) > 10
    assert step.before == pytest.approx(np.moveaxis(maps.evidence(features, kernel), -1, 0))


def test_down_to_the_film_block_by_block(tiny):
    subject, _ = tiny
    head, all_of_it = cascade(subject, heads=3)
    assert (head.label, all_of_it.label) == ("the head", "the head and block 1 of 1")
    assert all_of_it.maps.shape == (3, 2, 4, 4) and not np.allclose(head.maps, all_of_it.maps)
    assert all_of_it.spearman(0).shape == (3,)


def test_a_shuffled_backbone_has_the_same_weights_elsewhere(tiny):
    _, backbone = tiny
    model = backbone.read_bytes()
    again = twin.shuffled(model, twin.blocks(model), np.random.default_rng(0))
    old, new = (numpy_helper.to_array(onnx.load_from_string(m).graph.initializer[0]) for m in (model, again))
    assert not np.array_equal(old, new)
    assert np.array_equal(np.sort(old.ravel()), np.sort(new.ravel()))


@pytest.mark.parametrize("name", ["guided", "plain"])
def test_every_kernel_of_a_shipped_backbone_is_found(name):
    """Against onnx's own reader: each convolution's kernel, in whatever pieces, is in exactly one block."""
    model = (WEIGHTS / f"{name}.onnx").read_bytes()
    graph = onnx.load_from_string(model).graph
    blocks = twin.blocks(model)
    spans = [model[stored.start : stored.end] for part in blocks for stored in part]
    assert len(spans) == len(set(spans))
    kernels = [t.raw_data for t in graph.initializer if len(t.dims) == 4 and np.prod(t.dims) > t.dims[0]]
    assert sorted(spans) == sorted(kernels)
    assert len(blocks) > 1


def test_a_shipped_backbone_runs_shuffled():
    classifier = xai.load("guided", threads=1)
    subject = Subject.of(classifier, xai.explain(classifier, phantom(299, 299)))
    canvas = subject.on_canvas(subject.film)[None]
    model = (WEIGHTS / "guided.onnx").read_bytes()
    assert twin.load(model)(canvas) == pytest.approx(classifier.features(canvas), abs=1e-3)
    deepest = twin.shuffled(model, twin.blocks(model)[-1:], np.random.default_rng(0))
    shuffled = twin.load(deepest)(canvas)
    assert np.isfinite(shuffled).all() and shuffled.std() > 0
    assert np.corrcoef(shuffled.ravel(), classifier.features(canvas).ravel())[0, 1] < 0.9


def test_words_for_maps_that_survive_and_that_do_not(lit, subject_of):
    step = next(cascade(lit))
    assert "shuffled" in words.cascade(0, step)
    same = type(step)("the head", np.stack([lit.maps] * 4), lit.maps)
    assert "it survives" in words.cascade(0, same)
    nothing = type(step)("the head", np.zeros((4, *lit.maps.shape)), lit.maps)
    assert "draws nothing" in words.cascade(0, nothing)
