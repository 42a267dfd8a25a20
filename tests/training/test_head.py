"""What is done to the head around the training: settled before, fitted once more after."""

from __future__ import annotations

import numpy as np
import pytest

keras = pytest.importorskip("keras")

from training import head
from training.contrasts import Pairs
from training.data import ADULT, CHILD, FINDINGS
from training.model import EvidenceHead, EvidenceModel


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
    monkeypatch.setattr(head, "pooled_features", lambda *_: pooled)
    monkeypatch.setattr(head, "RIDGE", 1e-6)
    # A constant feature lets the kernel take over what the bias gives up.
    pooled[:, 0] = 1
    before = pooled @ model.head.get_weights()[0] + 6
    moved = head.settle(model, np.array([-2.0]), [None] * 200, [None] * 200, 8)
    kernel, bias = model.head.get_weights()
    assert bias == pytest.approx([-2.0])
    assert moved < 1e-3
    assert (pooled @ kernel + bias)[:, 0] == pytest.approx(before[:, 0], abs=1e-2)
    assert kernel[:, 0] == pytest.approx([9, 1, 1], abs=0.02)


def test_an_anchored_fit_solves_what_it_says():
    rng = np.random.default_rng(0)
    pooled, kernel, bias = rng.random((60, 3)), rng.normal(size=(3, 2)), np.array([-1.0, 0.5])
    label, mask = (rng.random((60, 2)) < 0.4).astype(float), np.ones((60, 2))
    mask[40:, 1] = 0
    found = head.anchored_fit(pooled, label, mask, kernel, bias, 0.1)
    for column, known in enumerate((slice(None), slice(40))):
        x, y, k = pooled[known], label[known, column], found[:, column]
        p = 1 / (1 + np.exp(-(x @ k + bias[column])))
        ridge = 0.1 * (x**2).sum() / 3
        assert x.T @ (p - y) + ridge * (k - kernel[:, column]) == pytest.approx(0, abs=1e-8)


def test_a_strong_anchor_holds_the_kernel_and_a_weak_one_lets_it_fit():
    pooled, label = np.array([[1.0, 0.0], [0.0, 1.0]] * 10), np.array([[1.0], [0.0]] * 10)
    given = (pooled, label, np.ones((20, 1)), np.zeros((2, 1)), np.zeros(1))
    assert np.abs(head.anchored_fit(*given, 1e6)).max() < 1e-5
    weak = head.anchored_fit(*given, 1e-3)
    assert weak[0, 0] > 3 and weak[1, 0] < -3


def test_a_few_wrong_labels_far_from_the_rest_do_not_throw_the_fit_off():
    rng = np.random.default_rng(0)
    pooled = np.abs(rng.normal(size=(400, 6)))
    label = (pooled[:, :1] > pooled[:, 1:2]).astype(float)
    label[:10] = 1 - label[:10]
    start = np.zeros((6, 1))
    start[:2, 0] = 40, -40  # so sure of them that a full Newton step leaves the valley
    fitted = head.anchored_fit(pooled, label, np.ones_like(label), start, np.zeros(1), anchor=1e-5)
    assert np.linalg.norm(fitted) < 5 * np.linalg.norm(start)
    assert ((pooled @ fitted > 0) == (label > 0.5)).mean() > 0.95


def test_what_nothing_is_known_of_keeps_its_kernel():
    start = np.array([[3.0], [4.0]])
    assert np.array_equal(
        head.anchored_fit(np.ones((5, 2)), np.ones((5, 1)), np.zeros((5, 1)), start, np.zeros(1), 1.0), start
    )


def test_pairs_are_fitted_beside_the_films_with_the_share_that_they_are_given():
    rng = np.random.default_rng(0)
    pooled, kernel, bias = rng.random((40, 3)), rng.normal(size=(3, 2)), np.array([-1.0, 0.5])
    label, mask = (rng.random((40, 2)) < 0.4).astype(float), np.ones((40, 2))
    rows = rng.normal(size=(8, 3))
    pairs = [[Pairs(rows, 0.5), Pairs(np.empty((0, 3)), 0.5)], []]
    found = head.anchored_fit(pooled, label, mask, kernel, bias, 0.1, pairs)
    k, ridge = found[:, 0], 0.1 * (pooled**2).sum() / 3
    of_films = pooled.T @ (1 / (1 + np.exp(-(pooled @ k + bias[0]))) - label[:, 0])
    # 40 films: half their weight is 20, shared by eight pairs, each of which should be positive.
    of_pairs = 20 / 8 * rows.T @ (1 / (1 + np.exp(-(rows @ k))) - 1)
    assert of_films + of_pairs + ridge * (k - kernel[:, 0]) == pytest.approx(0, abs=1e-8)
    without = head.anchored_fit(pooled, label, mask, kernel, bias, 0.1)
    assert np.array_equal(found[:, 1], without[:, 1])
    assert (rows @ k).mean() > (rows @ without[:, 0]).mean()


def test_the_last_fit_sees_films_as_they_are_and_framed_at_random_each_population_with_its_own_anchor(
    films, monkeypatch
):
    rng = np.random.default_rng(0)
    sources, anchors = [], []

    def features(model, films, pixels, size, source=None):
        sources.append((source is not None, {film.population for film in films}))
        return rng.random((len(films), 3))

    def fitted(pooled, label, mask, kernel, bias, anchor, pairs):
        anchors.append((anchor, len(pooled), kernel.shape[1]))
        return kernel + anchor

    monkeypatch.setattr(head, "pooled_features", features)
    monkeypatch.setattr(head, "anchored_fit", fitted)
    model = Model(np.zeros((3, len(FINDINGS))), np.zeros(len(FINDINGS)))
    head.refit(model, head.Fitted(anchor={"adult": 0.5, "child": 0.25}), films, [None] * len(films), 8)
    assert sources == [(False, {"adult"}), *[(True, {"adult"})] * 2, (False, {"child"}), (True, {"child"})]
    assert anchors == [(0.5, 4 * 3, len(ADULT)), (0.25, 8 * 2, len(CHILD))]
    kernel = model.head.get_weights()[0]
    assert (kernel[:, FINDINGS.index("edema")] == 0.5).all()
    assert (kernel[:, FINDINGS.index("pneumonia_child")] == 0.25).all()


def test_a_population_that_is_not_named_keeps_its_kernel(films, monkeypatch):
    rng = np.random.default_rng(0)
    monkeypatch.setattr(head, "pooled_features", lambda model, films, *_: rng.random((len(films), 3)))
    model = Model(np.ones((3, len(FINDINGS))), np.zeros(len(FINDINGS)))
    head.refit(model, head.Fitted(anchor={"child": 0.1}), films, [None] * len(films), 8)
    kernel = model.head.get_weights()[0]
    assert (kernel[:, : len(ADULT)] == 1).all() and (kernel[:, FINDINGS.index("pneumonia_child")] != 1).all()


def test_pairs_are_made_with_the_maps_of_a_first_fit_and_again_with_those_of_the_next(films, monkeypatch):
    rng = np.random.default_rng(0)
    asked = []

    def pairs(features, kernel, films, pixels, size, hidden, pointed):
        asked.append((kernel.copy(), hidden, pointed))
        return {"edema": [Pairs(np.array([[0.0, 0.0, 1.0]]), hidden)]}

    monkeypatch.setattr(head, "pooled_features", lambda model, films, *_: rng.random((len(films), 3)))
    monkeypatch.setattr(head.contrasts, "pairs", pairs)
    canvas = keras.Input((8, 8, 1))
    model = EvidenceModel(keras.Model(canvas, keras.layers.Conv2D(3, 1)(canvas)), len(FINDINGS))
    how = head.Fitted(anchor={"adult": 0.1, "child": 0.1}, hidden=2.0, pointed=0.5)
    head.refit(model, how, films, [None] * len(films), 8)
    (first, hidden, pointed), (second, *_) = asked
    kernel, edema = model.get_layer("head").get_weights()[0], FINDINGS.index("edema")
    # Both rounds together weigh what was asked for.
    assert (hidden, pointed) == (1.0, 0.25) and first.any()
    assert kernel[2, edema] > second[2, edema] > first[2, edema] + 0.1
    others = [i for i in range(len(FINDINGS)) if i != edema]
    assert kernel[:, others] == pytest.approx(first[:, others])
