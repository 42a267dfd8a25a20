"""The Keras model behind a shipped checkpoint, so that anyone can take gradients of it or train on.

>>> from training.restore import restore
>>> model = restore("guided")
>>> model(canvases)["logits"]     # what `xai` serves, differentiable
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path

import keras
import numpy as np
import onnx
import onnxruntime

from training import backbone
from training.model import EvidenceModel
from training.recipes import folded
from training.recipes.catalogue import BASELINES
from xai import manifest
from xai.weights import BESIDE, load


def restore(name: str, weights: str | os.PathLike | None = None) -> keras.Model:
    """Rebuild a checkpoint in Keras: canvas ``(B, size, size, 1)`` → logits ``(B, c)``, evidence ``(B, h, w, c)``.

    Args:
        name: of the checkpoint, ``"guided"``, ``"plain"`` or ``"small"``.
        weights: a folder with ``manifest.json`` and the files that it names; ``weights/`` of the project if None.

    Returns:
        An :class:`~training.model.EvidenceModel` whose layers hold the kernels as the served graph widens them, and
        the calibrated head. Its outputs differ from the served ones only by the order of float32 sums.

    Raises:
        WeightsError: the folder holds no such checkpoint, or not the bytes that were published.
        ValueError: the file's network is not the one that its manifest names.
    """
    folder = Path(weights or BESIDE)
    head = load(name, folder, threads=1)  # also verifies the files
    entry = json.loads((folder / manifest.NAME).read_text())["models"][name]
    file = folder / entry["files"]["backbone"]["name"]
    recipe = BASELINES.get(name)
    base = folded.build(recipe) if recipe else backbone.build(head.size, entry["feature_layer"])
    layers, stored = _layers(base.output), _stored(onnx.load(file))
    shapes = [tuple(layer.kernel.shape) for layer in layers]
    if [kernel.shape for kernel, _ in stored] != shapes:
        raise ValueError(f"{file} is not {entry['architecture']} up to {entry['feature_layer']}: export it again")
    for layer, (kernel, bias) in zip(layers, stored):
        layer.set_weights([kernel, bias])
    model = EvidenceModel(base, len(head.findings), name="evidence_model")
    model.get_layer("head").set_weights([head.kernel, head.bias])
    return model


def _layers(features: keras.KerasTensor) -> list[keras.layers.Conv2D]:
    """The convolutions that lead to a tensor, each once, depth first in the order of every layer's inputs."""
    seen: dict[str, keras.Layer] = {}

    def visit(tensor: keras.KerasTensor) -> None:
        layer = tensor._keras_history.operation
        if layer.name in seen or isinstance(layer, keras.layers.InputLayer):
            return
        for source in keras.tree.flatten(layer.input):
            visit(source)
        seen[layer.name] = layer

    visit(features)
    return [layer for layer in seen.values() if isinstance(layer, keras.layers.Conv2D)]


def _stored(model: onnx.ModelProto) -> list[tuple[np.ndarray, np.ndarray]]:
    """The graph's convolutions in the order of :func:`_layers`: kernel ``(h, w, in, out)`` and bias, float32.

    An exporter may rename layers, but it keeps the network's shape, so both are walked alike. ONNX Runtime itself
    widens the compressed kernels, with the nodes that it runs when it serves.
    """
    graph = model.graph
    made_by = {output: node for node in graph.node for output in node.output}

    def upstream(tensors: Iterable[str], follow: Callable[[onnx.NodeProto], Iterable[str]], seen: dict) -> dict:
        for node in (made_by[tensor] for tensor in tensors if tensor in made_by):
            if node.output[0] not in seen:
                upstream(follow(node), follow, seen)
                seen[node.output[0]] = node
        return seen

    path = upstream([graph.output[0].name], lambda n: n.input if n.op_type == "Concat" else n.input[:1], {})
    names = [name for node in path.values() if node.op_type == "Conv" for name in node.input[1:3]]
    widening = list(upstream(names, lambda n: n.input, {}).values())
    used = {*names, *(name for node in widening for name in node.input)}
    initialisers = [tensor for tensor in graph.initializer if tensor.name in used]
    outputs = [onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None) for name in names]
    kernels = onnx.helper.make_graph(widening, "kernels", [], outputs, initialisers)
    content = onnx.helper.make_model(kernels, opset_imports=model.opset_import, ir_version=model.ir_version)
    session = onnxruntime.InferenceSession(content.SerializeToString(), providers=["CPUExecutionProvider"])
    values = session.run(names, {})
    return [(kernel.transpose(2, 3, 1, 0), bias) for kernel, bias in zip(values[::2], values[1::2])]
