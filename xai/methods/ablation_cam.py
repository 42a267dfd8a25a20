"""Ablation-CAM (Desai & Ramaswamy 2020), in closed form."""

from __future__ import annotations

import numpy as np

from xai.methods.method import Method, closed_form, gradient


def drops(features: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """By how much the logit falls when one channel is set to zero: on this head exactly what the channel adds to it.

    Args:
        features: ``(h, w, k)``.
        weights: ``(k,)`` of one finding.

    Returns:
        ``(k,)``, in log-odds; with the bias they add up to the logit.
    """
    return gradient(features, weights) * features.sum((0, 1))


def ablation_cam(features: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """``ReLU(Σ_k (z − z_k) A_k)``.

    The paper divides the drops by the logit, which changes nothing but the scale where it is positive, and turns the
    map upside down where it is negative, as it is on most films here; so it is left out.

    Returns:
        ``(h, w)`` ≥ 0, log-odds times activation.
    """
    return np.maximum(features @ drops(features, weights), 0)


METHOD = Method(
    "Ablation-CAM",
    "Every channel, weighted by how far the logit falls without it.",
    "log-odds × activation",
    "Desai & Ramaswamy 2020, Ablation-CAM",
    "https://doi.org/10.1109/WACV45572.2020.9093360",
    1,
    closed_form(ablation_cam),
)
