"""The Keras model behind a checkpoint: the same function as what serves, operator by operator and as a whole."""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

import xai
from xai.errors import MethodError
from xai.evidence import evidence
from xai.geometry import place
from xai.restore import backbone, restore

RNG = np.random.default_rng(0)


def write(path, nodes: list, constants: dict[str, np.ndarray], side: int, out: list[int]):
    """A network of nodes between ``first`` and ``last``, channels first, as a checkpoint's ``.onnx`` file."""
    graph = helper.make_graph(
        [
            helper.make_node("Transpose", ["film"], ["first"], perm=[0, 3, 1, 2]),
            *nodes,
            helper.make_node("Transpose", ["last"], ["features"], perm=[0, 2, 3, 1]),
        ],
        "backbone",
        [helper.make_tensor_value_info("film", TensorProto.FLOAT, ["B", side, side, 1])],
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, ["B", *out])],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), path)
    return path


def random(*shape: int) -> np.ndarray:
    return RNG.normal(size=shape).astype(np.float32)


def both(path, side: int) -> tuple[np.ndarray, np.ndarray]:
    """What the file makes of two films, by ONNX Runtime and restored."""
    films = RNG.random((2, side, side, 1), np.float32)
    (served,) = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"]).run(None, {"film": films})
    return served, np.asarray(backbone(path)(films))


@pytest.mark.parametrize("name", ["guided", "plain", "small"])
def test_a_shipped_checkpoint_restored_says_what_the_served_one_says(name):
    classifier = xai.load(name, threads=2)
    canvases = RNG.random((2, classifier.size, classifier.size), np.float32)
    served = classifier.features(canvases)
    restored = restore(classifier)(canvases[..., None])
    np.testing.assert_allclose(restored["features"], served, atol=1e-5 * served.max())
    logits = evidence(served, classifier.kernel).sum((1, 2)) + classifier.bias
    np.testing.assert_allclose(restored["logits"], logits, atol=1e-4)


@pytest.mark.parametrize("name", ["guided", "plain", "small"])
def test_with_every_kernel_even_a_spot_moves_most_the_cell_that_the_extent_says(name):
    """Whatever was learnt, the layers of the file put the grid where :mod:`xai.geometry` does."""
    classifier = xai.load(name, threads=1)
    model = backbone(classifier.backbone)
    for layer in model.layers:
        if layer.weights:
            kernel, *bias = layer.get_weights()
            layer.set_weights([np.full_like(kernel, 1 / kernel[..., 0].size), *map(np.zeros_like, bias)])
    where = place(299, 299, classifier.size)
    x0, y0, x1, y1 = where.grid_extent(17)
    cells = [(2, 3), (5, 5), (8, 8), (11, 12), (14, 13)]
    films = np.zeros((len(cells), 299, 299, 1), np.float32)
    for film, (row, column) in zip(films, cells):
        x, y = where.to_canvas(x0 + (column + 0.5) / 17 * (x1 - x0), y0 + (row + 0.5) / 17 * (y1 - y0))
        film[round(y) - 6 : round(y) + 6, round(x) - 6 : round(x) + 6] = 1
    answers = np.asarray(model(films)).sum(-1)
    assert [np.unravel_index(answer.argmax(), answer.shape) for answer in answers] == cells


def test_layers_have_the_names_that_keras_gave_them():
    layers = {layer.name: layer for layer in restore(xai.load("guided", threads=1)).layers}
    assert layers["mixed2"].output.shape[1:] == (35, 35, 288)
    # The first 1 × 7 and the first 7 × 1 kernel, in the order in which Keras makes them.
    assert (layers["conv2d_32"].kernel_size, layers["conv2d_33"].kernel_size) == ((1, 7), (7, 1))
    assert layers["head"].output.shape[1:] == (12,)


def test_a_restored_model_is_its_owners(tmp_path):
    """To train on and to save, and the next one knows nothing of it."""
    import keras

    classifier = xai.load("small", threads=1)
    model = restore(classifier)
    assert all(layer.trainable for layer in model.layers)
    model.get_layer("head").set_weights([np.zeros_like(classifier.kernel), classifier.bias])
    model.save(tmp_path / "mine.keras")
    canvas = RNG.random((1, classifier.size, classifier.size, 1), np.float32)
    saved = keras.saving.load_model(tmp_path / "mine.keras")(canvas)
    np.testing.assert_allclose(saved["logits"], classifier.bias[None], atol=1e-6)
    assert (np.asarray(restore(classifier)(canvas)["logits"]) != classifier.bias).any()


@pytest.mark.parametrize("pads", [[0, 0, 0, 0], [1, 1, 1, 1], [0, 0, 1, 1], [2, 1, 0, 3]])
@pytest.mark.parametrize("strides", [[1, 1], [2, 1]])
def test_convolutions_with_any_padding(tmp_path, pads, strides):
    kernel, side = random(3, 1, 3, 3), 11
    node = helper.make_node("Conv", ["first", "kernel", "bias"], ["last"], pads=pads, strides=strides)
    out = [(side + pads[i] + pads[i + 2] - 3) // strides[i] + 1 for i in (0, 1)]
    path = write(tmp_path / "net.onnx", [node], {"kernel": kernel, "bias": random(3)}, side, [*out, 3])
    served, restored = both(path, side)
    np.testing.assert_allclose(restored, served, atol=1e-5)


def test_pools_and_branches(tmp_path):
    """An average that leaves its padding out, a maximum, a kernel of half precision, and channels joined in order."""
    window = {"kernel_shape": [3, 3]}
    nodes = [
        helper.make_node("Cast", ["half"], ["kernel"], to=TensorProto.FLOAT),
        helper.make_node("Conv", ["first", "kernel"], ["net/conv_1/Conv:0"], kernel_shape=[3, 3]),
        helper.make_node("Relu", ["net/conv_1/Conv:0"], ["net/conv_1/Relu:0"]),
        helper.make_node("AveragePool", ["net/conv_1/Relu:0"], ["mean"], pads=[1, 1, 1, 1], **window),
        helper.make_node("MaxPool", ["net/conv_1/Relu:0"], ["most"], pads=[1, 1, 1, 1], **window),
        helper.make_node("Concat", ["mean", "net/conv_1/Relu:0", "most"], ["joined"], axis=1),
        helper.make_node("MaxPool", ["joined"], ["last"], strides=[2, 2], **window),
    ]
    path = write(tmp_path / "net.onnx", nodes, {"half": random(2, 1, 3, 3).astype(np.float16)}, 13, [5, 5, 6])
    served, restored = both(path, 13)
    np.testing.assert_allclose(restored, served, atol=1e-6)
    # Two layers of one name: the second has a mark.
    assert [layer.name for layer in backbone(path).layers][1:3] == ["conv", "conv_"]


def test_cells_averaged_half_and_half_with_their_neighbourhood(tmp_path):
    """As the exporter writes :func:`training.backbone.spread`."""
    nodes = [
        helper.make_node("AveragePool", ["first"], ["net/around_1/AvgPool:0"], kernel_shape=[5, 5], pads=[2] * 4),
        helper.make_node("Add", ["first", "net/around_1/AvgPool:0"], ["net/spread_1/Add:0"]),
        helper.make_node("Mul", ["net/spread_1/Add:0", "half"], ["last"]),
    ]
    served, restored = both(write(tmp_path / "net.onnx", nodes, {"half": np.float32(0.5)}, 9, [9, 9, 1]), 9)
    np.testing.assert_allclose(restored, served, atol=1e-6)


@pytest.mark.parametrize(
    ("node", "what"),
    [
        (helper.make_node("Softmax", ["first"], ["last"]), "Softmax"),
        (helper.make_node("MaxPool", ["first"], ["last"], kernel_shape=[1, 1], auto_pad="SAME_UPPER"), "auto_pad"),
        (helper.make_node("AveragePool", ["first"], ["last"], kernel_shape=[1, 1], count_include_pad=1), "count"),
        (helper.make_node("MaxPool", ["first"], ["last"], kernel_shape=[2, 2], pads=[1, 1, 0, 0]), "MaxPool"),
        (helper.make_node("Concat", ["first", "first"], ["last"], axis=2), "axes"),
        (helper.make_node("Add", ["first", "row"], ["last"]), "Add of a constant"),
        (helper.make_node("Mul", ["first", "row"], ["last"]), "Mul by more than one number"),
        (helper.make_node("Mul", ["first", "first"], ["last"]), "Mul by more than one number"),
    ],
)
def test_what_is_not_known_is_one_sentence_with_a_mend(tmp_path, node, what):
    with pytest.raises(MethodError, match=f"{what}.*choose other methods") as refused:
        backbone(write(tmp_path / "net.onnx", [node], {"row": random(5)}, 5, [5, 5, 1]))
    assert "\n" not in str(refused.value)


def test_features_that_are_not_turned_back_are_not_taken_for_such(tmp_path):
    path = write(tmp_path / "net.onnx", [helper.make_node("Relu", ["first"], ["last"])], {}, 5, [5, 5, 1])
    model = onnx.load(path)
    model.graph.node.pop()
    model.graph.output[0].CopyFrom(helper.make_tensor_value_info("last", TensorProto.FLOAT, ["B", 1, 5, 5]))
    onnx.save(model, path)
    with pytest.raises(MethodError, match="order of axes"):
        backbone(path)


def test_without_tensorflow_the_mend_is_named(tmp_path, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "keras", None)
    with pytest.raises(MethodError, match=r"TensorFlow.*install requirements\.txt"):
        backbone(tmp_path / "net.onnx")
