"""Fits the gate: where the training films lie in a reduced feature space, and how far off is too far."""

from __future__ import annotations

import numpy as np

from xai.gate import Gate

COMPONENTS = 48
# Share of validation films that may be refused.
REFUSED = 0.005


def fit(pooled: np.ndarray, adult: np.ndarray, held_back: np.ndarray) -> tuple[dict[str, np.ndarray], float]:
    """The gate's arrays and its threshold.

    Args:
        pooled: ``(n, k)`` pooled features of training films.
        adult: ``(n,)`` bool, whose films they are.
        held_back: ``(m, k)`` pooled features of validation films, on which the threshold is fixed.
    """
    mean = pooled.mean(0)
    centred = pooled - mean
    _, _, components = np.linalg.svd(centred, full_matrices=False)
    basis = components[:COMPONENTS].T
    inside = centred @ basis
    left_over = np.sqrt(np.maximum((centred**2).sum(1) - (inside**2).sum(1), 0))
    scale = left_over.std(keepdims=True)
    reduced = np.concatenate([inside, left_over[:, None] / scale], axis=1)
    centres = np.stack([reduced[adult].mean(0), reduced[~adult].mean(0)])
    spread = reduced - centres[np.where(adult, 0, 1)]
    precision = np.linalg.inv(spread.T @ spread / len(spread))
    arrays = {"mean": mean, "basis": basis, "scale": scale, "centres": centres, "precision": precision}
    arrays = {key: np.ascontiguousarray(value, np.float32) for key, value in arrays.items()}
    distance = Gate(**arrays, threshold=1.0).distances(held_back).min(1)
    return arrays, float(np.quantile(distance, 1 - REFUSED))
