"""What is done to the head around the training: settled before, fitted once more after."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

keras = pytest.importorskip("keras")

from training import fit
from training.data import FINDINGS, Film
from training.model import EvidenceHead

FILMS = [
    Film(Path(str(i)), str(i), population, False, {finding: bool(i % 2)})
    for i, (population, finding) in enumerate([("adult", "edema")] * 4 + [("child", "pneumonia_child")] * 8)
]


class Model:
    """As much of a model as settling needs: a head."""

    def __init__(self, kernel: np.ndarray, bias: np.ndarray):
        self.head = EvidenceHead(kernel.shape[1])
        self.head.build((None, 1, 1, kernel.shape[0]))
        self.head.set_weights([kernel, bias])

    def get_layer(self, name: str) -> EvidenceHead:
        return {"head": self.head}[name]


def test_settling_moves_the_bias_keeps_the_logits_and_drops_weights_that_cancel(monkeypatch):
    rng = np.random.default_rng(0)
    pooled = rng.random((200, 3))
    pooled[:, 2] = pooled[:, 1] + rng.normal(0, 1e-6, 200)  # two features that say the same
    model = Model(np.array([[1.0], [50.0], [-48.0]]), np.array([6.0]))
    monkeypatch.setattr(fit, "pooled_features", lambda *_: pooled)
    monkeypatch.setattr(fit, "RIDGE", 1e-6)
    # A constant feature lets the kernel take over what the bias gives up.
    pooled[:, 0] = 1
    before = pooled @ model.head.get_weights()[0] + 6
    moved = fit.settle(model, np.array([-2.0]), FILMS[:1] * 200, [None] * 200, 8)
    kernel, bias = model.head.get_weights()
    assert bias == pytest.approx([-2.0])
    assert moved < 1e-3
    assert (pooled @ kernel + bias)[:, 0] == pytest.approx(before[:, 0], abs=1e-2)
    assert kernel[:, 0] == pytest.approx([9, 1, 1], abs=0.02)


def test_the_prior_is_the_log_odds_among_the_films_that_are_drawn():
    recipe = fit.Recipe(start=None, epochs=1, batch=8, children=0.5)
    prior = fit.Batches(recipe, FILMS, [None] * len(FILMS), 17).prior()
    # Half of the children's films have pneumonia, and a share of one half is not drawn more often.
    assert prior[FINDINGS.index("pneumonia_child")] == pytest.approx(0, abs=1e-6)
    assert prior[FINDINGS.index("edema")] == pytest.approx(0, abs=1e-6)


def test_an_anchored_fit_solves_what_it_says():
    rng = np.random.default_rng(0)
    pooled, kernel, bias = rng.random((60, 3)), rng.normal(size=(3, 2)), np.array([-1.0, 0.5])
    label, mask = (rng.random((60, 2)) < 0.4).astype(float), np.ones((60, 2))
    mask[40:, 1] = 0
    found = fit.anchored_fit(pooled, label, mask, kernel, bias, 0.1)
    for column, known in enumerate((slice(None), slice(40))):
        x, y, k = pooled[known], label[known, column], found[:, column]
        p = 1 / (1 + np.exp(-(x @ k + bias[column])))
        ridge = 0.1 * (x**2).sum() / 3
        assert x.T @ (p - y) + ridge * (k - kernel[:, column]) == pytest.approx(0, abs=1e-8)


def test_a_strong_anchor_holds_the_kernel_and_a_weak_one_lets_it_fit():
    pooled, label = np.array([[1.0, 0.0], [0.0, 1.0]] * 10), np.array([[1.0], [0.0]] * 10)
    given = (pooled, label, np.ones((20, 1)), np.zeros((2, 1)), np.zeros(1))
    assert np.abs(fit.anchored_fit(*given, 1e6)).max() < 1e-5
    weak = fit.anchored_fit(*given, 1e-3)
    assert weak[0, 0] > 3 and weak[1, 0] < -3


def test_the_heads_kernel_takes_longer_steps():
    head = EvidenceHead(1, name="head")
    other = keras.layers.Dense(1, name="other", kernel_initializer="zeros")
    inputs = keras.Input((1, 1, 2))
    model = keras.Model(inputs, head(inputs)["logits"] + keras.ops.sum(other(inputs), (1, 2)))
    model.compile(fit.LayerwiseAdamW(0.01, weight_decay=0, head_rate=10), "mse", jit_compile=False)
    model.train_on_batch(np.ones((4, 1, 1, 2), np.float32), np.ones((4, 1), np.float32))
    np.testing.assert_allclose(head.kernel, 0.1, rtol=1e-3)
    np.testing.assert_allclose(other.kernel, 0.01, rtol=1e-3)


def test_a_few_wrong_labels_far_from_the_rest_do_not_throw_the_fit_off():
    rng = np.random.default_rng(0)
    pooled = np.abs(rng.normal(size=(400, 6)))
    label = (pooled[:, :1] > pooled[:, 1:2]).astype(float)
    label[:10] = 1 - label[:10]
    start = np.zeros((6, 1))
    start[:2, 0] = 40, -40  # so sure of them that a full Newton step leaves the valley
    fitted = fit.anchored_fit(pooled, label, np.ones_like(label), start, np.zeros(1), anchor=1e-5)
    assert np.linalg.norm(fitted) < 5 * np.linalg.norm(start)
    assert ((pooled @ fitted > 0) == (label > 0.5)).mean() > 0.95


def test_what_nothing_is_known_of_keeps_its_kernel():
    start = np.array([[3.0], [4.0]])
    assert np.array_equal(
        fit.anchored_fit(np.ones((5, 2)), np.ones((5, 1)), np.zeros((5, 1)), start, np.zeros(1), 1.0), start
    )


def test_only_childrens_findings_are_fitted_to_films_framed_at_random(monkeypatch):
    rng = np.random.default_rng(0)
    sources = []

    def features(model, films, pixels, size, source=None):
        sources.append((source is not None, {film.population for film in films}))
        return rng.random((len(films), 3)) + (source is not None)

    monkeypatch.setattr(fit, "pooled_features", features)
    kernels = {}
    for framed in (0.0, 0.1):
        rng = np.random.default_rng(0)
        model = Model(np.zeros((3, len(FINDINGS))), np.zeros(len(FINDINGS)))
        fit.refit(model, fit.Recipe(start=None, epochs=1, anchor=0.1, framed=framed), FILMS, [None] * len(FILMS))
        kernels[framed] = model.head.get_weights()[0]
    child, adult = FINDINGS.index("pneumonia_child"), FINDINGS.index("edema")
    assert np.array_equal(kernels[0.0][:, adult], kernels[0.1][:, adult]) and kernels[0.0][:, adult].any()
    assert not np.allclose(kernels[0.0][:, child], kernels[0.1][:, child])
    assert sources[1:] == [sources[0], (False, {"child"}), (True, {"child"})]
