"""The Keras model behind a checkpoint, so that anyone can take gradients of it or train on.

>>> from xai import load
>>> from xai.restore import restore
>>> model = restore(load("guided"))
>>> model(canvases)["logits"]     # what `xai` serves, differentiable; `model.get_layer("mixed2")` and so on

The network is read off the ``.onnx`` file that serves, operator by operator. TensorFlow is imported when a model is
first asked for, never to serve a film.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import onnxruntime

from xai.classifier import Classifier
from xai.errors import MethodError

if TYPE_CHECKING:
    import keras
    import onnx

# The input layer's name.
CANVAS = "canvas"

# Attributes that are taken at these values alone; all others of the operators below are followed.
_FIXED = {
    "auto_pad": b"NOTSET",
    "ceil_mode": 0,
    "count_include_pad": 0,
    "dilations": [1, 1],
    "group": 1,
    "storage_order": 0,
}


def restore(classifier: Classifier) -> keras.Model:
    """Rebuild a checkpoint in Keras, of stock layers alone, named as the exporter named them.

    Args:
        classifier: the checkpoint.

    Returns:
        A functional model of its own, canvas ``(B, size, size, 1)`` → ``{"features": (B, h, w, k), "logits": (B, c)}``,
        whose last layer, ``"head"``, is calibrated. Its outputs differ from the served ones only by the order of
        float32 sums.

    Raises:
        MethodError: TensorFlow or ONNX cannot be imported, or the backbone uses an operator that is not known here.
    """
    base = backbone(classifier.backbone)
    import keras

    pooled = keras.layers.GlobalAveragePooling2D(name="pool")(base.output)
    head = keras.layers.Dense(len(classifier.bias), name="head")
    model = keras.Model(base.input, {"features": base.output, "logits": head(pooled)}, name=classifier.name)
    head.set_weights([classifier.kernel, classifier.bias])
    return model


def backbone(path: Path) -> keras.Model:
    """A checkpoint's backbone in Keras: canvas ``(B, size, size, 1)`` → features ``(B, h, w, k)``.

    Args:
        path: of the ``.onnx`` file. Kernels that it stores in fewer bits are widened as when it is served.

    Raises:
        MethodError: as for :func:`restore`.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # it would tell stderr about processors and missing GPUs
    try:
        import keras
        import onnx
    except ImportError as error:
        raise MethodError(
            f"gradients need TensorFlow and ONNX ({error}): install requirements.txt, or choose other methods"
        ) from error
    model = onnx.load(path)
    graph = model.graph
    (film,), (features,) = graph.input, graph.output
    made = {film.name: keras.Input(_shape(film), name=CANVAS)}
    on_path = []
    for node in graph.node:  # every node comes after those that it needs
        if made.keys() & set(node.input):
            on_path.append(node)
            made[node.output[0]] = None
    constants = _constants(model, [name for node in on_path for name in node.input if name not in made])
    names = {CANVAS}
    for node in on_path:
        attributes = {one.name: onnx.helper.get_attribute_value(one) for one in node.attribute}
        inputs = [constants[name] if name in constants else made[name] for name in node.input]
        first, last = node.input[0] == film.name, node.output[0] == features.name
        if _turns_channels(node.op_type, attributes, inputs, first, last):
            made[node.output[0]] = inputs[0]
            continue
        odd = [name for name, value in _FIXED.items() if attributes.pop(name, value) != value]
        if odd or node.op_type not in _LAYERS or node.domain:
            raise _unknown(" ".join([node.op_type, *odd[:1]]))
        name = _layer_name(node.output[0], names)
        names.add(name)
        made[node.output[0]] = _LAYERS[node.op_type](name, inputs, attributes)
    out = made[features.name]
    if list(out.shape[1:]) != _shape(features):
        raise _unknown("order of axes")
    return keras.Model(made[film.name], out, name="backbone")


def _shape(tensor: onnx.ValueInfoProto) -> list[int]:
    """Without the batch."""
    return [dimension.dim_value for dimension in tensor.type.tensor_type.shape.dim[1:]]


def _unknown(what: str) -> MethodError:
    return MethodError(f"gradients cannot be followed through this checkpoint’s {what}: choose other methods")


def _turns_channels(operator: str, attributes: dict, inputs: list, first: bool, last: bool) -> bool:
    """Whether a node brings the film's only channel to the front, or the features' channels to the back.

    Neither does anything here: Keras keeps all that lies between with the channels at the back.
    """
    if operator == "Transpose":
        return attributes.get("perm") == ([0, 3, 1, 2] if first else [0, 2, 3, 1] if last else None)
    if operator == "Reshape" and first:
        _, height, width, channels = inputs[0].shape
        return channels == 1 and inputs[1][1:].tolist() == [1, height, width]
    return False


def _constants(model: onnx.ModelProto, names: Sequence[str]) -> dict[str, np.ndarray]:
    """What the graph stores, or makes of what it stores, by ONNX Runtime with the nodes that it runs when it serves."""
    import onnx

    graph = model.graph
    stored = {tensor.name: tensor for tensor in graph.initializer}
    made_by = {output: node for node in graph.node for output in node.output}
    widened = [name for name in dict.fromkeys(names) if name in made_by]
    needed, waiting = set(), list(widened)
    while waiting:
        name = waiting.pop()
        if name not in needed:
            needed.add(name)
            waiting += made_by[name].input if name in made_by else ()
    part = onnx.helper.make_graph(
        [node for node in graph.node if needed.intersection(node.output)],
        "constants",
        [],
        [onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None) for name in widened],
        [stored[name] for name in needed & stored.keys()],
    )
    content = onnx.helper.make_model(part, opset_imports=model.opset_import, ir_version=model.ir_version)
    values = []
    if widened:
        session = onnxruntime.InferenceSession(content.SerializeToString(), providers=["CPUExecutionProvider"])
        values = session.run(widened, {})
    plain = {name: onnx.numpy_helper.to_array(stored[name]) for name in names if name in stored}
    return plain | dict(zip(widened, values))


def _layer_name(output: str, taken: set[str]) -> str:
    """What Keras called the layer, from ``network/layer_1/operation:0``: its exporter counts every use of a name."""
    parts = output.partition(":")[0].split("/")
    name = re.sub(r"_\d+$", "", parts[-2]) if len(parts) > 1 else parts[0]
    name = re.sub(r"\W", "_", name)
    while name in taken:
        name += "_"
    return name


# ---- one layer per operator: its name, its inputs (Keras tensors or arrays) and attributes → the Keras tensor


def _conv(name: str, inputs: list, attributes: dict) -> keras.KerasTensor:
    import keras

    x, kernel = inputs[:2]
    bias = inputs[2] if len(inputs) > 2 else None
    strides, pads = attributes.get("strides", [1, 1]), attributes.get("pads", [0, 0, 0, 0])
    padding = _padding(x.shape[1:3], kernel.shape[2:], strides, pads)
    if padding is None:
        x = keras.layers.ZeroPadding2D(((pads[0], pads[2]), (pads[1], pads[3])), name=f"{name}_pad")(x)
    layer = keras.layers.Conv2D(
        kernel.shape[0],
        kernel.shape[2:],
        strides=strides,
        padding=padding or "valid",
        use_bias=bias is not None,
        name=name,
    )
    out = layer(x)
    layer.set_weights([kernel.transpose(2, 3, 1, 0)] + ([] if bias is None else [bias]))
    return out


def _pool(kind: str) -> Callable[[str, list, dict], keras.KerasTensor]:
    def pool(name: str, inputs: list, attributes: dict) -> keras.KerasTensor:
        import keras

        (x,), window = inputs, attributes["kernel_shape"]
        strides = attributes.get("strides", [1, 1])
        padding = _padding(x.shape[1:3], window, strides, attributes.get("pads", [0, 0, 0, 0]))
        if padding is None:
            raise _unknown(f"padding of {kind}")
        return getattr(keras.layers, kind)(window, strides=strides, padding=padding, name=name)(x)

    return pool


def _relu(name: str, inputs: list, attributes: dict) -> keras.KerasTensor:
    import keras

    return keras.layers.ReLU(name=name)(inputs[0])


def _concat(name: str, inputs: list, attributes: dict) -> keras.KerasTensor:
    import keras

    if attributes["axis"] not in (1, -3):
        raise _unknown("Concat of other axes than the channels")
    return keras.layers.Concatenate(name=name)(inputs)


def _add(name: str, inputs: list, attributes: dict) -> keras.KerasTensor:
    import keras

    if any(isinstance(x, np.ndarray) for x in inputs):
        raise _unknown("Add of a constant")
    return keras.layers.Add(name=name)(inputs)


def _mul(name: str, inputs: list, attributes: dict) -> keras.KerasTensor:
    import keras

    x, factor = inputs
    if not (isinstance(factor, np.ndarray) and factor.size == 1):
        raise _unknown("Mul by more than one number")
    return keras.layers.Rescaling(factor.item(), name=name)(x)


def _padding(shape: Sequence[int], window: Sequence[int], strides: Sequence[int], pads: Sequence[int]) -> str | None:
    """What Keras calls a padding, ``[top, left, bottom, right]``; None if it has no word for it.

    Only under these two does an average leave the padding out, as ONNX's does.
    """
    if not any(pads):
        return "valid"
    for start, end, side, reach, step in zip(pads[:2], pads[2:], shape, window, strides):
        whole = max((-(-side // step) - 1) * step + reach - side, 0)
        if (start, end) != (whole // 2, whole - whole // 2):
            return None
    return "same"


_LAYERS: dict[str, Callable[[str, list, dict[str, Any]], keras.KerasTensor]] = {
    "Conv": _conv,
    "Relu": _relu,
    "MaxPool": _pool("MaxPooling2D"),
    "AveragePool": _pool("AveragePooling2D"),
    "Concat": _concat,
    "Add": _add,
    "Mul": _mul,
}
