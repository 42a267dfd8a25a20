"""The head and the losses on maps small enough to work out by hand."""

from __future__ import annotations

import numpy as np
import pytest

keras = pytest.importorskip("keras")

from training import model as m  # noqa: E402


def map_of(*cells: float) -> np.ndarray:
    """A batch of one 2×2 map of one finding whose cells stand for these logits."""
    return np.array(cells, np.float32).reshape(1, 2, 2, 1) / 4


def test_head_adds_up_and_equals_pooling_and_a_dense_layer():
    features = np.array([[[[1, 0], [2, 1]], [[0, 3], [4, 0]]]], np.float32)
    head = m.EvidenceHead(2)
    head.build(features.shape)
    head.set_weights([np.array([[2, -1], [-4, 8]], np.float32), np.array([0.25, -1], np.float32)])
    out = head(features)
    assert np.asarray(out["evidence"])[0, ..., 0].tolist() == [[0.5, 0.0], [-3.0, 2.0]]
    assert np.asarray(out["logits"]).tolist() == [[-0.25, 5.25]]


def test_classification_loss_ignores_findings_that_a_film_is_not_labelled_for():
    logits = np.array([[0.0, 50.0]], np.float32)
    label, mask = np.array([[1.0, 0.0]], np.float32), np.array([[1.0, 0.0]], np.float32)
    assert float(m.classification_loss(logits, label, mask)) == pytest.approx(np.log(2), rel=1e-5)


def test_box_loss_is_minus_log_of_the_share_inside():
    sharp = lambda z: np.log1p(np.exp(3 * z)) / 3  # noqa: E731
    box = np.array([1, 0, 0, 0], np.float32).reshape(1, 2, 2, 1)
    expected = -np.log(sharp(2) / (sharp(2) + sharp(1) + 2 * sharp(0)))
    assert float(m.box_loss(map_of(2, 1, 0, 0), box)) == pytest.approx(expected, rel=1e-4)


def test_pointing_loss_is_minus_log_of_the_softmax_inside():
    box = np.array([1, 1, 0, 0], np.float32).reshape(1, 2, 2, 1)
    soft = np.exp([2, 1, 0, -1])
    expected = -np.log(soft[:2].sum() / soft.sum())
    assert float(m.pointing_loss(map_of(2, 1, 0, -1), box)) == pytest.approx(expected, rel=1e-4)


def test_losses_on_the_map_are_zero_where_no_film_has_a_box():
    nothing = np.zeros((1, 2, 2, 1), np.float32)
    assert float(m.box_loss(map_of(2, 1, 0, 0), nothing)) == 0
    assert float(m.pointing_loss(map_of(2, 1, 0, 0), nothing)) == 0


def test_absence_loss_counts_only_findings_known_to_be_absent():
    evidence = np.concatenate([map_of(3, 3, 3, 3)] * 3, axis=-1)
    label, mask = np.array([[1, 0, 0]], np.float32), np.array([[1, 1, 0]], np.float32)
    assert float(m.absence_loss(evidence, label, mask)) == pytest.approx(3, abs=1e-3)


def test_more_evidence_inside_the_box_lowers_both_losses():
    box = np.array([1, 0, 0, 0], np.float32).reshape(1, 2, 2, 1)
    for loss in (m.box_loss, m.pointing_loss):
        assert float(loss(map_of(4, 0, 0, 0), box)) < float(loss(map_of(0, 4, 0, 0), box))


@pytest.mark.parametrize(("whole", "target"), [(1.0, 0.7), (0.0, 1.0)])
def test_a_teacher_takes_its_share_of_the_target_unless_the_label_knows_better(whole, target):
    film = keras.Input((2, 2, 1))
    model = m.EvidenceModel(keras.Model(film, film), 1)
    model.get_layer("head").set_weights([np.array([[2.0]]), np.array([0.5])])
    model.learn_from(lambda canvas: np.full((3, 1), np.log(0.4 / 0.6), np.float32), 0.5)
    canvas = np.ones((3, 2, 2, 1), np.float32)
    ones = np.ones((3, 1), np.float32)
    y = {"label": ones, "mask": ones, "whole": whole * ones}
    p = 1 / (1 + np.exp(-2.5))
    expected = -(target * np.log(p) + (1 - target) * np.log(1 - p))
    assert float(model.compute_loss(canvas, y, model(canvas))) == pytest.approx(expected, rel=1e-5)


def test_a_teachers_weights_are_not_the_models():
    film = keras.Input((2, 2, 1))
    teacher = keras.Model(film, keras.layers.Dense(1)(keras.layers.Flatten()(film)))
    model = m.EvidenceModel(keras.Model(film, film), 1)
    before = set(m.to_arrays(model))
    model.learn_from(lambda canvas: teacher(canvas), 0.5)
    assert set(m.to_arrays(model)) == before
