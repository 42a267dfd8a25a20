"""Grad-CAM (Selvaraju et al. 2017)."""

from __future__ import annotations

import numpy as np

from xai.methods.method import Method, closed_form, gradient


def grad_cam(features: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """``ReLU(Σ_k mean(g_k) · A_k)``. On this head it is the positive part of the evidence.

    Args:
        features: ``(h, w, k)``.
        weights: ``(k,)`` of one finding.

    Returns:
        ``(h, w)`` ≥ 0, in log-odds. Every channel's gradient is the same in all cells, and so its own mean.
    """
    return np.maximum(features @ gradient(features, weights), 0)


METHOD = Method(
    "Grad-CAM",
    "Every channel of the last feature map, weighted by its mean gradient; what speaks against the finding is cut off.",
    "log-odds",
    "Selvaraju et al. 2017, Grad-CAM",
    "https://arxiv.org/abs/1610.02391",
    1,
    closed_form(grad_cam),
)
