"""A checkpoint that can be reckoned by hand: cells of plain means, and heads that read one cell or all of them."""

from __future__ import annotations

import json
from collections.abc import Callable

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from tests import checkpoint

import xai
from xai.classifier import Classifier
from xai.geometry import CELL, STEM_OFFSET
from xai.lab import Subject

CELLS = 4
# The grid lies in the canvas's middle, as InceptionV3's does: 13.5 + 4 · 16 + 13.5.
SIDE = int(2 * STEM_OFFSET + CELL * CELLS)
KNOWN = (1, 2)
WEIGHT, BIAS = 3.0, -1.0


def backbone() -> onnx.ModelProto:
    """Channel 0: the mean of each cell's pixels; channel 1: the same in cell ``KNOWN`` alone; the others: nothing."""
    masks = np.zeros((1, 4, CELLS, CELLS), np.float32)
    masks[0, 0] = 1
    masks[0, 1, KNOWN[0], KNOWN[1]] = 1
    start = int(STEM_OFFSET)
    constants = {
        "starts": np.array([start, start]),
        "ends": np.array([start + CELL * CELLS] * 2),
        "axes": np.array([1, 2]),
        "masks": masks,
    }
    nodes = [
        helper.make_node("Slice", ["canvas", "starts", "ends", "axes"], ["grid"]),
        helper.make_node("Transpose", ["grid"], ["first"], perm=[0, 3, 1, 2]),
        helper.make_node("AveragePool", ["first"], ["means"], kernel_shape=[CELL, CELL], strides=[CELL, CELL]),
        helper.make_node("Mul", ["means", "masks"], ["activations"]),
        helper.make_node("Transpose", ["activations"], ["features"], perm=[0, 2, 3, 1]),
    ]
    graph = helper.make_graph(
        nodes,
        "backbone",
        [helper.make_tensor_value_info("canvas", TensorProto.FLOAT, ["B", SIDE, SIDE, 1])],
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, ["B", CELLS, CELLS, 4])],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)


@pytest.fixture(scope="session")
def classifier(tmp_path_factory) -> Classifier:
    """``cardiomegaly`` = −1 + 3 · mean of cell (1, 2); ``pneumonia_child`` = −1 + 3 · mean of all cells' sum / 16."""
    folder = checkpoint.write(tmp_path_factory.mktemp("weights"), ("guided",))
    onnx.save(backbone(), folder / "guided.onnx")
    kernel = np.zeros((4, 2), np.float32)
    kernel[1, 0] = WEIGHT * CELLS**2
    kernel[0, 1] = WEIGHT
    bias = np.full(2, BIAS, np.float32)
    np.savez(folder / "guided.npz", **(checkpoint.head() | {"kernel": kernel, "bias": bias}))
    document = json.loads((folder / "manifest.json").read_text())
    document["input"]["size"] = SIDE
    (folder / "manifest.json").write_text(json.dumps(document))
    return xai.load(weights=checkpoint.seal(folder), threads=1)


@pytest.fixture(scope="session")
def subject_of(classifier) -> Callable[[np.ndarray], Subject]:
    """A film ``(H, W)`` in [0, 1] → its subject; at 91 × 91 the film is the canvas."""

    def make(film: np.ndarray) -> Subject:
        return Subject.of(classifier, xai.explain(classifier, xai.Radiograph(film.astype(np.float32))))

    return make


@pytest.fixture
def lit(subject_of) -> Subject:
    """Black, but for the known cell at 0.75: its evidence for ``cardiomegaly`` is 2.25, and nothing else counts."""
    film = np.zeros((SIDE, SIDE), np.float32)
    top, left = (int(STEM_OFFSET) + CELL * i for i in KNOWN)
    film[top : top + CELL, left : left + CELL] = 0.75
    return subject_of(film)
