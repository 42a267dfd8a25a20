"""Exact values on hand-weighted maps."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xai import evidence as maps

FEATURES = np.array([[[1, 0], [2, 1]], [[0, 3], [4, 0]]], np.float32)  # 2×2 cells, 2 channels
KERNEL = np.array([[2, -1], [-4, 8]], np.float32)  # 2 channels, 2 findings


def test_evidence_of_a_hand_weighted_head():
    # Cell (0, 1) of finding 0: (2·2 + 1·(−4)) / 4 cells = 0.
    assert maps.evidence(FEATURES, KERNEL)[..., 0].tolist() == [[0.5, 0.0], [-3.0, 2.0]]
    assert maps.evidence(FEATURES, KERNEL)[..., 1].tolist() == [[-0.25, 1.5], [6.0, -1.0]]


def test_it_adds_up_to_the_logit_of_pooling_and_a_linear_layer():
    bias = np.array([0.25, -1.0], np.float32)
    expected = FEATURES.mean((0, 1)) @ KERNEL + bias
    assert expected.tolist() == [-0.25, 5.25]
    found = maps.evidence(FEATURES, KERNEL)
    assert [maps.logit(found[..., c], bias[c]) for c in (0, 1)] == [-0.25, 5.25]


def test_a_batch_is_its_films_one_by_one():
    batch = np.stack([FEATURES, FEATURES[::-1] * 3])
    assert np.array_equal(maps.evidence(batch, KERNEL)[1], maps.evidence(batch[1], KERNEL))


def test_grad_cam_is_the_positive_part():
    assert maps.grad_cam(maps.evidence(FEATURES, KERNEL)[..., 0]).tolist() == [[0.5, 0.0], [0.0, 2.0]]


def test_sides_split_the_sum():
    assert maps.sides(maps.evidence(FEATURES, KERNEL)[..., 0]) == (2.5, -3.0)


def test_the_reference_moves_evidence_into_the_bias_and_keeps_the_logit():
    one = maps.evidence(FEATURES, KERNEL)[..., 0]
    reference = np.array([[0.5, 0.5], [-1.0, 0.0]], np.float32)
    above, bias = maps.against_reference(one, 0.25, reference)
    assert above.tolist() == [[0.0, -0.5], [-2.0, 2.0]]
    assert bias == 0.25
    assert maps.logit(above, bias) == maps.logit(one, 0.25)


@given(st.floats(-1e4, 1e4))
@settings(max_examples=200)
def test_probability_is_the_logistic_function_at_any_logit(logit):
    p = maps.probability(logit)
    assert 0 <= p <= 1
    assert p == pytest.approx(1 - maps.probability(-logit), abs=1e-12)


def test_probability_of_known_logits():
    assert maps.probability(0) == 0.5
    assert maps.probability(np.log(3)) == pytest.approx(0.75)
    assert maps.probability(-np.log(4)) == pytest.approx(0.2)
