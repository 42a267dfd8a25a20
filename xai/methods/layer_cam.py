"""LayerCAM (Jiang et al. 2021)."""

from __future__ import annotations

import numpy as np

from xai.methods.method import Method, closed_form, gradient


def layer_cam(features: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """``ReLU(Σ_k ReLU(g_k) ⊙ A_k)``: Grad-CAM with the ReLU on every channel instead of on their sum.

    On this head, with activations ≥ 0, it is the sum of all positive parts of the evidence before the channels are
    added up; it is nowhere below Grad-CAM, and the same only where no channel speaks against the finding.

    Args:
        features: ``(h, w, k)``.
        weights: ``(k,)`` of one finding.

    Returns:
        ``(h, w)`` ≥ 0, in log-odds.
    """
    return np.maximum(features @ np.maximum(gradient(features, weights), 0), 0)


METHOD = Method(
    "LayerCAM",
    "Only the channels that speak for the finding; what others say against it in the same place does not count.",
    "log-odds",
    "Jiang et al. 2021, LayerCAM",
    "https://doi.org/10.1109/TIP.2021.3089943",
    1,
    closed_form(layer_cam),
)
