"""A trained backbone as a small ONNX file: its kernels in twelve bits, the first ones in half precision."""

from __future__ import annotations

import tempfile
from pathlib import Path

import keras
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

# The first convolutions hold 2 % of the weights and their rounding passes through all later layers: half precision.
HALF = 5


def _half(name: str, kernel: np.ndarray) -> tuple[list, list]:
    stored = numpy_helper.from_array(kernel.astype(np.float16), name + "/half")
    return [stored], [helper.make_node("Cast", [stored.name], [name], to=TensorProto.FLOAT)]


def _twelve_bit(name: str, kernel: np.ndarray) -> tuple[list, list]:
    """``kernel ≈ scale · (16 · high + low)``: a signed byte and an unsigned half byte, one scale per output channel."""
    scale = np.maximum(np.abs(kernel).max((1, 2, 3), keepdims=True) / 2047, 1e-12).astype(np.float32)
    codes = np.clip(np.round(kernel / scale), -2047, 2047).astype(np.int16)
    low = (codes & 15).astype(np.uint8).ravel()
    low = np.append(low, np.zeros(low.size % 2, np.uint8))
    stored = [
        numpy_helper.from_array((codes >> 4).astype(np.int8), name + "/high"),
        helper.make_tensor(
            name + "/low", TensorProto.UINT4, kernel.shape, (low[0::2] | low[1::2] << 4).tobytes(), raw=True
        ),
        numpy_helper.from_array(16 * scale, name + "/scale_high"),
        numpy_helper.from_array(scale, name + "/scale_low"),
    ]
    nodes = []
    for part in ("high", "low"):
        nodes += [
            helper.make_node("Cast", [f"{name}/{part}"], [f"{name}/{part}_float"], to=TensorProto.FLOAT),
            helper.make_node("Mul", [f"{name}/{part}_float", f"{name}/scale_{part}"], [f"{name}/{part}_scaled"]),
        ]
    nodes.append(helper.make_node("Add", [f"{name}/high_scaled", f"{name}/low_scaled"], [name]))
    return stored, nodes


def compress(model: onnx.ModelProto) -> onnx.ModelProto:
    """Store the convolution kernels in fewer bits, in place; a runtime widens them once, when it loads the file.

    Args:
        model: an exported backbone with float32 kernels ``(out, in, h, w)``.
    """
    graph = model.graph
    kernels = [node.input[1] for node in graph.node if node.op_type == "Conv"]
    initialisers, nodes = [], []
    for tensor in graph.initializer:
        if tensor.name not in kernels:
            initialisers.append(tensor)
            continue
        store = _half if kernels.index(tensor.name) < HALF else _twelve_bit
        stored, widen = store(tensor.name, numpy_helper.to_array(tensor))
        initialisers += stored
        nodes += widen
    nodes += graph.node
    del graph.initializer[:], graph.node[:]
    graph.initializer.extend(initialisers)
    graph.node.extend(nodes)
    # 4-bit tensors came with operator set 21; the operators that a convolutional network uses mean the same in it.
    next(o for o in model.opset_import if o.domain == "").version = 21
    model.ir_version = 10
    onnx.checker.check_model(model)
    return model


def to_onnx(backbone: keras.Model) -> onnx.ModelProto:
    """A Keras backbone as ONNX, any batch size, float32."""
    signature = [keras.InputSpec(shape=(None, *backbone.input_shape[1:]), dtype="float32", name="canvas")]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "backbone.onnx"
        backbone.export(path, format="onnx", input_signature=signature, verbose=False)
        return onnx.load(path)
