"""HiResCAM (Draelos & Carin 2020)."""

from __future__ import annotations

import numpy as np

from xai.methods.method import Method, closed_form, gradient


def hires_cam(features: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """``Σ_k g_k ⊙ A_k``, cell by cell and signed. On this head it is the evidence itself.

    Args:
        features: ``(h, w, k)``.
        weights: ``(k,)`` of one finding.

    Returns:
        ``(h, w)``, in log-odds.
    """
    gradients = np.broadcast_to(gradient(features, weights), features.shape)
    return np.einsum("hwk,hwk->hw", gradients, features)


METHOD = Method(
    "HiResCAM",
    "Every activation times its own gradient, summed over the channels; on this head the evidence itself.",
    "log-odds",
    "Draelos & Carin 2020, Use HiResCAM instead of Grad-CAM for faithful explanations",
    "https://arxiv.org/abs/2011.08891",
    1,
    closed_form(hires_cam),
)
