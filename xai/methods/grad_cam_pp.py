"""Grad-CAM++ (Chattopadhay et al. 2018)."""

from __future__ import annotations

import numpy as np

from xai.methods.method import Method, closed_form, gradient


def channel_weights(features: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """``Σ_ij α_k[i, j] · ReLU(g_k[i, j])`` with ``α = g² / (2 g² + g³ Σ A_k)``, in closed form.

    A gradient that is the same in all HW cells leaves ``α_k = 1 / (2 + e_k)``, where ``e_k = g_k Σ A_k`` is what the
    channel adds to the logit, and so the weights ``ReLU(W_k) / (2 + e_k)``: channels that speak for the finding, and
    those that say most of it held back. The factor ``exp(z)`` of the paper is the same for all and left out.

    Args:
        features: ``(h, w, k)`` ≥ 0, after a ReLU as in the paper.
        weights: ``(k,)`` of one finding.

    Returns:
        ``(k,)`` ≥ 0.
    """
    said = np.maximum(gradient(features, weights) * features.sum((0, 1)), 0)
    return np.maximum(weights, 0) / (2 + said)


def grad_cam_pp(features: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """``ReLU(Σ_k w_k A_k)`` with the weights above: ``(h, w)`` ≥ 0, relative."""
    return np.maximum(features @ channel_weights(features, weights), 0)


METHOD = Method(
    "Grad-CAM++",
    "Only the channels that speak for the finding, and those that say most of it held back.",
    "relative",
    "Chattopadhay et al. 2018, Grad-CAM++",
    "https://arxiv.org/abs/1710.11063",
    1,
    closed_form(grad_cam_pp),
)
