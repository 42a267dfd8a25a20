"""Gradient methods on networks that can be reckoned by hand."""

from __future__ import annotations

import numpy as np
import pytest

keras = pytest.importorskip("keras")

from tests.xai.lab.conftest import BIAS, CELLS, SIDE, WEIGHT, classifier, lit, subject_of  # noqa: E402, F401

from training import gradients as g  # noqa: E402
from training.model import EvidenceModel  # noqa: E402


def network(power: int = 1) -> keras.Model:
    """Both findings: −1 + 3 · mean over all cells of their mean pixel to a power; the checkpoint's second one at 1."""
    canvas = keras.Input((SIDE, SIDE, 1))
    grid = keras.layers.Cropping2D(((13, 14), (13, 14)))(canvas)
    values = keras.layers.Lambda(lambda pixels: pixels**power)(grid)
    cells = keras.layers.AveragePooling2D(16)(values)
    model = EvidenceModel(keras.Model(canvas, cells), 2)
    model.get_layer("head").set_weights([np.full((1, 2), WEIGHT, np.float32), np.full(2, BIAS, np.float32)])
    return model


def last(items):
    for item in items:
        pass
    return item


@pytest.mark.parametrize("shape", [(SIDE, SIDE), (60, 130)])
def test_integrated_gradients_of_a_linear_network_are_its_evidence(subject_of, shape):  # noqa: F811
    subject = subject_of(np.random.default_rng(1).random(shape))
    progress = last(g.integrated_gradients(network(), subject, "pneumonia_child", points=6))
    reading = subject.explanation.readings["pneumonia_child"]
    if shape == (SIDE, SIDE):
        np.testing.assert_allclose(progress.map, reading.evidence, atol=1e-5)
    assert progress.map.sum() == pytest.approx(reading.logit - BIAS, abs=1e-5)
    assert progress.done == progress.total == 6


def test_integrated_gradients_add_up_where_the_network_is_bent(lit):  # noqa: F811
    """One cell of 16 at 0.75: 3 · 0.75³ / 16 above black."""
    heat = last(g.integrated_gradients(network(3), lit, "cardiomegaly")).map
    assert heat.sum() == pytest.approx(3 * 0.75**3 / CELLS**2, rel=1e-3)
    assert heat.max() == pytest.approx(heat.sum(), rel=1e-5)


def test_smooth_grad_of_a_linear_network_is_its_gradient(lit):  # noqa: F811
    """3 / 64² in each of the grid's pixels; the outermost cells hold pixels beyond the grid, which count for nothing."""
    heat = last(g.smooth_grad(network(), lit, "cardiomegaly", copies=5)).map
    np.testing.assert_allclose(heat[1:-1, 1:-1], 3 / 64**2, rtol=1e-5)
    assert (heat[[0, -1]] < 3 / 64**2).all()


def test_smooth_grads_noise_comes_again_with_its_seed(lit):  # noqa: F811
    first, again, other = (last(g.smooth_grad(network(3), lit, "cardiomegaly", 4, seed=s)).map for s in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_a_finer_layer_is_summed_into_the_cells_above_it():
    fine = np.arange(5.0)[:, None] * np.ones(3)
    np.testing.assert_allclose(g.halved(fine), [[0 + 1 + 1] * 3, [1 + 3 + 2] * 3])


def test_grad_cam_of_a_finer_layer(lit):  # noqa: F811
    """Of 9 × 9 cells, one channel; the logit is their mean, less 1: Grad-CAM is each fine cell's share of it."""
    canvas = keras.Input((SIDE, SIDE, 1))
    fine = keras.layers.AveragePooling2D(10, name="fine")(canvas)
    model = EvidenceModel(keras.Model(canvas, fine), 2)
    model.get_layer("head").set_weights([np.ones((1, 2), np.float32), np.full(2, BIAS, np.float32)])
    model.trainable = False
    heat = last(g.finer_grad_cam(model, lit, "cardiomegaly", "fine")).map
    cells = np.asarray(keras.layers.AveragePooling2D(10)(lit.film[None, ..., None]))[0, ..., 0] / 81
    np.testing.assert_allclose(heat, g.halved(g.halved(cells).T).T, atol=1e-6)
    assert heat.any()


def test_closing_stops_the_work(lit, monkeypatch):  # noqa: F811
    seen = []
    taken = g._gradients
    monkeypatch.setattr(g, "_gradients", lambda *a: seen.append(1) or taken(*a))
    work = g.integrated_gradients(network(), lit, "cardiomegaly")
    assert not next(work).complete
    work.close()
    assert list(work) == [] and len(seen) == 1


def test_every_method_has_its_words():
    methods = g.methods(network())
    assert tuple(methods) == g.NAMES
    for method in methods.values():
        assert method.what.endswith(".") and method.link.startswith("https://")


def test_what_there_is_not_is_one_sentence_and_status_2(capsys):
    assert g.main(["film.png", "--model", "oracle"]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    with pytest.raises(SystemExit) as end:
        g.main(["film.png", "--method", "tea-leaves"])
    assert end.value.code == 2
