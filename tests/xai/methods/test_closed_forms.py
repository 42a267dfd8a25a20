"""Methods in closed form: values reckoned by hand, and how they hang together on this head."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xai import evidence as maps
from xai.methods.ablation_cam import ablation_cam, drops
from xai.methods.eigen_cam import eigen_cam
from xai.methods.grad_cam import grad_cam
from xai.methods.grad_cam_pp import channel_weights, grad_cam_pp
from xai.methods.hires_cam import hires_cam
from xai.methods.layer_cam import layer_cam

# Two cells beside each other, two channels: what each adds to the logit is (4 + 2) / 2 · 1 and (0 + 3) / 2 · −2.
FEATURES = np.array([[[4.0, 0.0], [2.0, 3.0]]], np.float32)
WEIGHTS = np.array([1.0, -2.0], np.float32)

ALL = [grad_cam, hires_cam, grad_cam_pp, layer_cam, ablation_cam, eigen_cam]


def test_values_reckoned_by_hand():
    np.testing.assert_allclose(hires_cam(FEATURES, WEIGHTS), [[2, -2]])
    np.testing.assert_allclose(grad_cam(FEATURES, WEIGHTS), [[2, 0]])
    np.testing.assert_allclose(layer_cam(FEATURES, WEIGHTS), [[2, 1]])
    # Channel 0 says 3: its weight is 1 / (2 + 3); channel 1 speaks against.
    np.testing.assert_allclose(grad_cam_pp(FEATURES, WEIGHTS), [[4 / 5, 2 / 5]], rtol=1e-6)
    # 3 · 4 − 3 · 0 and 3 · 2 − 3 · 3, cut off at 0.
    np.testing.assert_allclose(ablation_cam(FEATURES, WEIGHTS), [[12, 0]])


def test_eigen_cam_of_one_direction_is_its_length():
    """Cells 3 and 5 times (0.6, 0.8)."""
    features = np.array([[[1.8, 2.4], [3.0, 4.0]]], np.float32)
    np.testing.assert_allclose(eigen_cam(features, WEIGHTS), [[3, 5]], rtol=1e-6)
    np.testing.assert_allclose(eigen_cam(features, -WEIGHTS), [[3, 5]], rtol=1e-6)


@st.composite
def cases(draw) -> tuple[np.ndarray, np.ndarray]:
    """Features as after a ReLU, some channels dead, and weights of either sign."""
    h, w, k = (draw(st.integers(1, 5)) for _ in range(3))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    features = np.maximum(rng.normal(size=(h, w, k)), 0) * (rng.random(k) < 0.8)
    return features.astype(np.float32), rng.normal(size=k).astype(np.float32)


@settings(max_examples=60, deadline=None)
@given(cases())
def test_identities_on_this_head(case):
    features, weights = case
    evidence = maps.evidence(features, weights[:, None])[..., 0]
    np.testing.assert_allclose(hires_cam(features, weights), evidence, atol=1e-6)
    np.testing.assert_allclose(grad_cam(features, weights), np.maximum(evidence, 0), atol=1e-6)
    by_channel = features * weights / np.float32(features.shape[0] * features.shape[1])
    np.testing.assert_allclose(layer_cam(features, weights), np.maximum(by_channel, 0).sum(-1), atol=1e-6)
    assert (layer_cam(features, weights) >= grad_cam(features, weights) - 1e-6).all()
    favourable = np.abs(weights)
    np.testing.assert_allclose(layer_cam(features, favourable), grad_cam(features, favourable), atol=1e-6)


@settings(max_examples=60, deadline=None)
@given(cases())
def test_grad_cam_pp_is_the_papers_formula(case):
    """α of every cell, written out as in equation 19 for a score whose higher derivatives are powers of its first."""
    features, weights = case
    cells = features.shape[0] * features.shape[1]
    g = np.broadcast_to(weights.astype(np.float64) / cells, features.shape)
    below = 2 * g**2 + g**3 * features.sum((0, 1), dtype=np.float64)
    alpha = np.divide(g**2, below, out=np.zeros_like(g), where=g > 1e-12)
    np.testing.assert_allclose(channel_weights(features, weights), (alpha * np.maximum(g, 0)).sum((0, 1)), rtol=1e-5)


@settings(max_examples=60, deadline=None)
@given(cases(), st.floats(-3, 3))
def test_ablating_a_channel_or_a_cell_costs_what_it_adds(case, bias):
    features, weights = case

    def logit(changed: np.ndarray) -> float:
        return float(changed.astype(np.float64).mean((0, 1)) @ weights + bias)

    fallen = drops(features, weights)
    for channel in range(len(weights)):
        changed = features.copy()
        changed[..., channel] = 0
        assert logit(features) - logit(changed) == pytest.approx(fallen[channel], abs=1e-5)
    assert fallen.sum() + bias == pytest.approx(logit(features), abs=1e-5)
    evidence = maps.evidence(features, weights[:, None])[..., 0]
    for cell in np.ndindex(evidence.shape):
        changed = features.copy()
        changed[cell] = 0
        assert logit(features) - logit(changed) == pytest.approx(evidence[cell], abs=1e-5)


@settings(max_examples=40, deadline=None)
@given(cases())
def test_eigen_cam_is_a_singular_vector_and_never_negative(case):
    features, weights = case
    heat = eigen_cam(features, weights)
    flat = features.reshape(-1, features.shape[-1]).astype(np.float64)
    _, values, _ = np.linalg.svd(flat)
    assert np.linalg.norm(heat) == pytest.approx(values[0], abs=1e-5)
    np.testing.assert_allclose(flat @ (flat.T @ heat.ravel()), values[0] ** 2 * heat.ravel(), atol=1e-4)
    if len(values) < 2 or values[0] - values[1] > 1e-3:
        assert (heat >= -1e-6).all()


@pytest.mark.parametrize("method", ALL)
@settings(max_examples=25, deadline=None)
@given(cases())
def test_finite_of_the_grids_shape_and_turning_with_the_features(method, case):
    features, weights = case
    heat = method(features, weights)
    assert heat.shape == features.shape[:2] and np.isfinite(heat).all()
    gap = np.linalg.svd(features.reshape(-1, features.shape[-1]), compute_uv=False)
    if method is not eigen_cam or len(gap) < 2 or gap[0] - gap[1] > 1e-2:
        np.testing.assert_allclose(method(features[::-1], weights), heat[::-1], atol=1e-4)
        np.testing.assert_allclose(method(features.transpose(1, 0, 2), weights), heat.T, atol=1e-4)


@pytest.mark.parametrize("method", ALL)
def test_a_film_without_activations_has_an_empty_map(method):
    assert not method(np.zeros((3, 4, 5), np.float32), np.ones(5, np.float32)).any()
