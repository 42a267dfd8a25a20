"""Gradient methods on networks that can be reckoned by hand, and the network that they share."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

import xai
from tests import checkpoint
from tests.xai.lab.conftest import BIAS, CELLS, SIDE, WEIGHT
from xai.errors import MethodError
from xai.lab import Subject
from xai.methods import CLOSED_FORMS, METHODS, differentiable
from xai.methods.finer_grad_cam import finer_grad_cam, finer_layer, halved
from xai.methods.integrated_gradients import integrated_gradients
from xai.methods.smooth_grad import smooth_grad

GRADIENTS = ("integrated-gradients", "smooth-grad", "grad-cam-finer")
NAME = "cardiomegaly"
# The grid's 16 × 16 pixels within the 43 × 43 of one step of the network, as in the laboratory's checkpoint.
MEAN = np.zeros((1, 1, 43, 43), np.float32)
MEAN[..., 13:29, 13:29] = 1 / 256
LINEAR = [helper.make_node("Conv", ["first", "mean"], ["last"], strides=[16, 16])]
# Nothing until the mean of a cell's pixels is above ¼.
BENT = [
    helper.make_node("Conv", ["first", "mean", "quarter"], ["shifted"], strides=[16, 16]),
    helper.make_node("Relu", ["shifted"], ["last"]),
]
QUARTER = np.array([-0.25], np.float32)


@pytest.fixture
def maker(tmp_path) -> Callable[..., Subject]:
    """Nodes from ``first`` to ``last``, their constants, the head's weights and a film → a subject."""

    def make(nodes: list, constants: dict, weights: list[float], film: np.ndarray) -> Subject:
        graph = helper.make_graph(
            [
                helper.make_node("Transpose", ["film"], ["first"], perm=[0, 3, 1, 2]),
                *nodes,
                helper.make_node("Transpose", ["last"], ["features"], perm=[0, 2, 3, 1]),
            ],
            "backbone",
            [helper.make_tensor_value_info("film", TensorProto.FLOAT, ["B", SIDE, SIDE, 1])],
            [helper.make_tensor_value_info("features", TensorProto.FLOAT, ["B", CELLS, CELLS, len(weights)])],
            [numpy_helper.from_array(value, name) for name, value in constants.items()],
        )
        folder = checkpoint.write(tmp_path / f"weights {len(list(tmp_path.iterdir()))}", ("guided",))
        sets = [helper.make_opsetid("", 17)]
        onnx.save(helper.make_model(graph, opset_imports=sets, ir_version=9), folder / "guided.onnx")
        # The gate, which sees as many channels as the tiny checkpoint has, is of no concern here.
        head = {"kernel": np.tile(np.float32(weights)[:, None], 2), "bias": np.full(2, BIAS, np.float32)}
        arrays = checkpoint.head() | head | checkpoint.gates.arrays(len(weights))
        np.savez(folder / "guided.npz", **arrays)
        document = json.loads((folder / "manifest.json").read_text())
        document["input"]["size"] = SIDE
        (folder / "manifest.json").write_text(json.dumps(document))
        classifier = xai.load(weights=checkpoint.seal(folder), threads=1)
        return Subject.of(classifier, xai.explain(classifier, xai.Radiograph(film.astype(np.float32))))

    return make


def lit() -> np.ndarray:
    """Black, but for cell (1, 2) at 0.75."""
    film = np.zeros((SIDE, SIDE))
    film[29:45, 45:61] = 0.75
    return film


def last(items):
    for item in items:
        pass
    return item


# ---- integrated gradients


@pytest.mark.parametrize("shape", [(SIDE, SIDE), (60, 130)])
def test_integrated_gradients_of_a_linear_network_are_pixel_times_weight(maker, shape):
    """Which is its evidence, where the film is the canvas."""
    subject = maker(LINEAR, {"mean": MEAN}, [WEIGHT], np.random.default_rng(1).random(shape))
    progress = last(integrated_gradients(subject, NAME, points=6))
    reading = subject.explanation.readings[NAME]
    if shape == (SIDE, SIDE):
        pixels = subject.film[13:77, 13:77].reshape(CELLS, 16, CELLS, 16).sum((1, 3))
        np.testing.assert_allclose(progress.map, WEIGHT * pixels / 64**2, atol=1e-5)
        np.testing.assert_allclose(progress.map, reading.evidence, atol=1e-5)
    assert progress.map.sum() == pytest.approx(reading.logit - BIAS, abs=1e-5)
    assert progress.done == progress.total == 6


def test_integrated_gradients_add_up_where_the_network_is_bent(maker):
    """The cell counts on the upper two thirds of the way: 3 · 0.75 · ⅔ / 16, and the logit rises by as much."""
    subject = maker(BENT, {"mean": MEAN, "quarter": QUARTER}, [WEIGHT], lit())
    heat = last(integrated_gradients(subject, NAME, points=6)).map
    assert heat[1, 2] == pytest.approx(WEIGHT * 0.5 / CELLS**2, rel=1e-5)
    black = subject.look([np.zeros_like(subject.film)]).logits[0, 0]
    assert heat.sum() == pytest.approx(subject.explanation.readings[NAME].logit - black, rel=1e-5)
    # The gradient in the film itself is higher: 3 · 0.75 / 16.
    assert last(integrated_gradients(subject, NAME, points=1)).map[1, 2] == pytest.approx(WEIGHT * 0.75 / CELLS**2)


# ---- SmoothGrad


@pytest.mark.parametrize("weight", [WEIGHT, -WEIGHT])
def test_smooth_grad_without_noise_is_the_size_of_the_gradient(maker, weight):
    """3 / 64² in each of the grid's pixels; the outermost cells hold pixels beyond it too, which count for nothing."""
    subject = maker(LINEAR, {"mean": MEAN}, [weight], lit())
    heat = last(smooth_grad(subject, NAME, copies=3, noise=0)).map
    np.testing.assert_allclose(heat[1:-1, 1:-1], WEIGHT / 64**2, rtol=1e-5)
    assert (heat[[0, -1]] < WEIGHT / 64**2).all()


def test_without_noise_only_the_cell_that_counts_has_a_gradient(maker):
    subject = maker(BENT, {"mean": MEAN, "quarter": QUARTER}, [WEIGHT], lit())
    heat = last(smooth_grad(subject, NAME, copies=1, noise=0)).map
    assert heat[1, 2] == pytest.approx(WEIGHT / 64**2) and np.count_nonzero(heat) == 1


def test_smooth_grads_noise_comes_again_with_its_seed(maker):
    film = np.full((SIDE, SIDE), 0.25)
    film[0, 0] = 1  # a range of grey
    subject = maker(BENT, {"mean": MEAN, "quarter": QUARTER}, [WEIGHT], film)
    first, again, other = (last(smooth_grad(subject, NAME, 4, seed=seed)).map for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


# ---- Grad-CAM of a finer layer

FINE = [
    helper.make_node("Conv", ["first", "tens"], ["means"], strides=[10, 10]),
    helper.make_node("Relu", ["means"], ["net/fine_1/Relu:0"]),
    helper.make_node("Conv", ["net/fine_1/Relu:0", "step"], ["last"], strides=[2, 2]),
]


def fine_constants(weights: list[float]) -> dict[str, np.ndarray]:
    """9 × 9 cells, each channel a mean of 11 × 11 pixels times its weight; then 4 × 4 means of 3 × 3 of those."""
    step = np.zeros((len(weights), len(weights), 3, 3), np.float32)
    step[np.diag_indices(len(weights))] = 1 / 9
    tens = np.float32(weights)[:, None, None, None] * np.full((1, 1, 11, 11), 1 / 121, np.float32)
    return {"tens": tens, "step": step}


def test_grad_cam_of_a_finer_layer(maker):
    """16 cells of nine ninths share 81 fine ones: each channel's mean gradient is its weight, 4 and −1, over 81."""
    film = np.random.default_rng(2).random((SIDE, SIDE))
    subject = maker(FINE, fine_constants([1, 2]), [4, -1], film)
    heat = last(finer_grad_cam(subject, NAME)).map
    means = np.array([[film[10 * i : 10 * i + 11, 10 * j : 10 * j + 11].mean() for j in range(9)] for i in range(9)])
    np.testing.assert_allclose(heat, halved(halved(means * (4 - 2) / 81).T).T, rtol=1e-4)
    against = maker(FINE, fine_constants([1, 2]), [1, -1], film)
    assert not last(finer_grad_cam(against, NAME)).map.any()


def test_a_finer_layer_is_summed_into_the_cells_above_it():
    fine = np.arange(5.0)[:, None] * np.ones(3)
    np.testing.assert_allclose(halved(fine), [[0 + 1 + 1] * 3, [1 + 3 + 2] * 3])


@pytest.mark.parametrize(("name", "layer"), [("guided", "mixed2"), ("small", "activation_13")])
def test_the_finer_layer_of_a_shipped_checkpoint_is_the_last_that_all_goes_through(name, layer):
    model = differentiable.network(xai.load(name, threads=1)).model
    assert finer_layer(model) == layer
    assert model.get_layer(layer).output.shape[1:3] == (35, 35)


def test_a_layer_beside_which_something_runs_is_not_the_one(maker):
    """The sum of two branches: the layer before them is, though one of them has as many cells."""
    nodes = [
        FINE[0],
        helper.make_node("Relu", ["means"], ["shared"]),
        helper.make_node("Relu", ["shared"], ["branch"]),
        helper.make_node("MaxPool", ["branch"], ["one"], kernel_shape=[3, 3], strides=[2, 2]),
        helper.make_node("MaxPool", ["shared"], ["other"], kernel_shape=[3, 3], strides=[2, 2]),
        helper.make_node("Concat", ["one", "other"], ["last"], axis=1),
    ]
    subject = maker(nodes, {"tens": fine_constants([1])["tens"]}, [1, 1], lit())
    assert finer_layer(differentiable.network(subject.classifier).model) == "shared"


def test_a_checkpoint_without_a_finer_layer_says_so_in_one_sentence(maker):
    subject = maker(LINEAR, {"mean": MEAN}, [WEIGHT], lit())
    with pytest.raises(MethodError, match=r"no layer of 9 × 9 cells.*choose other methods") as refused:
        METHODS["grad-cam-finer"].prepare(subject.classifier)
    assert "\n" not in str(refused.value)
    with pytest.raises(MethodError, match="choose other methods"):
        next(finer_grad_cam(subject, NAME))


# ---- all of them


def test_they_are_no_closed_forms_and_have_their_words():
    assert tuple(key for key, method in METHODS.items() if method.gradients) == GRADIENTS
    assert not set(CLOSED_FORMS) & set(GRADIENTS)


@pytest.mark.parametrize("name", GRADIENTS)
def test_progress_adds_up_and_closing_stops_the_work(maker, monkeypatch, name):
    subject = maker(FINE, fine_constants([1]), [WEIGHT], lit())
    steps = METHODS[name].steps
    progress = list(steps(subject, NAME))
    assert [one.complete for one in progress] == [False] * (len(progress) - 1) + [True]
    assert all(one.map.shape == (CELLS, CELLS) and one.map.dtype == np.float32 for one in progress)
    assert progress[-1].done == METHODS[name].films
    taken = []
    gradients = differentiable.Network.gradients
    monkeypatch.setattr(
        differentiable.Network, "gradients", lambda self, *given: taken.append(1) or gradients(self, *given)
    )
    work = steps(subject, NAME)
    next(work)
    work.close()
    assert list(work) == [] and len(taken) == 1


def test_a_network_is_built_once_however_many_ask_and_few_are_kept(maker, monkeypatch):
    built = []
    monkeypatch.setattr(differentiable, "backbone", lambda path: built.append(path) or object())
    differentiable._network.cache_clear()
    kinds = [{"mean": MEAN * (i + 1)} for i in range(differentiable.KEPT + 1)]
    first, *others = (maker(LINEAR, constants, [WEIGHT], lit()).classifier for constants in kinds)
    threads = [threading.Thread(target=differentiable.network, args=(first,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(built) == 1
    for classifier in others:
        differentiable.network(classifier)
    differentiable.network(others[-1])
    assert len(built) == 1 + len(others)
    differentiable.network(first)
    assert len(built) == 2 + len(others)
    differentiable._network.cache_clear()
