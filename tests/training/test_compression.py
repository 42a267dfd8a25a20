"""Kernels in twelve bits and half precision, on convolutions made by hand."""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from training.compression import HALF, compress

SIDE = 6


def network(kernels: list[np.ndarray]) -> onnx.ModelProto:
    """1×1 or larger convolutions one after another, as an export leaves them."""
    names = ["canvas", *(f"between{i}" for i in range(1, len(kernels))), "features"]
    nodes = [helper.make_node("Conv", [names[i], f"kernel{i}"], [names[i + 1]]) for i in range(len(kernels))]
    graph = helper.make_graph(
        nodes,
        "backbone",
        [helper.make_tensor_value_info("canvas", TensorProto.FLOAT, ["B", 1, SIDE, SIDE])],
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, ["B", "c", "h", "w"])],
        [numpy_helper.from_array(kernel, f"kernel{i}") for i, kernel in enumerate(kernels)],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)


def features(model: onnx.ModelProto, canvas: np.ndarray) -> np.ndarray:
    return onnxruntime.InferenceSession(model.SerializeToString()).run(None, {"canvas": canvas})[0]


def identities() -> list[np.ndarray]:
    return [np.ones((1, 1, 1, 1), np.float32) for _ in range(HALF)]


@pytest.mark.parametrize("outputs", [1, 3])  # an odd number of weights ends in half a byte
def test_kernels_of_whole_steps_come_back_exactly(outputs):
    rng = np.random.default_rng(outputs)
    codes = rng.integers(-2047, 2048, (outputs, 1, 3, 3))
    codes[:, 0, 0, 0] = 2047  # so that a step of each output channel is its scale
    kernel = (codes * np.array([2.0**-11, 2.0**-8, 2.0**-3][:outputs]).reshape(-1, 1, 1, 1)).astype(np.float32)
    canvas = rng.random((2, 1, SIDE, SIDE)).astype(np.float32)
    model = network([*identities(), kernel])
    expected = features(model, canvas)
    small = compress(model)
    stored = {tensor.name for tensor in small.graph.initializer}
    assert f"kernel{HALF}/high" in stored and f"kernel{HALF}" not in stored and "kernel0/half" in stored
    np.testing.assert_allclose(features(small, canvas), expected, rtol=1e-6, atol=1e-6)


def test_any_kernel_comes_back_within_half_a_step():
    kernel = np.random.default_rng(0).normal(size=(4, 1, SIDE, SIDE)).astype(np.float32)
    # Each weight seen alone: a canvas with one lit pixel.
    lit = np.eye(SIDE * SIDE, dtype=np.float32).reshape(-1, 1, SIDE, SIDE)
    seen = features(compress(network([*identities(), kernel])), lit)[:, :, 0, 0].T.reshape(kernel.shape)
    step = np.abs(kernel).max((1, 2, 3), keepdims=True) / 2047
    assert (np.abs(seen - kernel) <= 0.5001 * step).all()
