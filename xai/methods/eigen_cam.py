"""Eigen-CAM (Muhammad & Yeasin 2020)."""

from __future__ import annotations

import numpy as np

from xai.methods.method import Method, closed_form


def eigen_cam(features: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The features ``(HW, k)`` projected on their first right singular vector; as in the paper, not centred.

    The sign of a singular vector is free. Here the map's sum is ≥ 0; with activations ≥ 0 so is every cell.

    Args:
        features: ``(h, w, k)``.
        weights: ``(k,)`` of one finding. Not used: the map is the same for every finding.

    Returns:
        ``(h, w)``, in units of the activations.
    """
    h, w, k = features.shape
    cells = features.reshape(h * w, k).astype(np.float64)
    _, vectors = np.linalg.eigh(cells.T @ cells if k < h * w else cells @ cells.T)
    first = vectors[:, -1]
    projected = cells @ first if k < h * w else first * np.linalg.norm(first @ cells)
    return (projected * (1 if projected.sum() >= 0 else -1)).reshape(h, w)


METHOD = Method(
    "Eigen-CAM",
    "What most activations have in common; it knows nothing of the finding, and is the same for all of them.",
    "activation",
    "Muhammad & Yeasin 2020, Eigen-CAM",
    "https://arxiv.org/abs/2008.00299",
    1,
    closed_form(eigen_cam),
)
