"""How alike two maps are: of values (Pearson) and of ranks (Spearman)."""

from __future__ import annotations

import numpy as np


def pearson(a: np.ndarray, b: np.ndarray) -> float:
    """Correlation of two arrays of one shape, in [−1, 1]; NaN where either is constant or empty."""
    if not a.size:
        return float("nan")
    x, y = (values.ravel().astype(np.float64) - values.mean(dtype=np.float64) for values in (a, b))
    scale = np.sqrt((x @ x) * (y @ y))
    return float(np.clip(x @ y / scale, -1, 1)) if scale > 0 else float("nan")


def spearman(a: np.ndarray, b: np.ndarray) -> float:
    """Correlation of ranks, ties sharing their mean rank, in [−1, 1]; NaN where either is constant or empty."""
    return pearson(_ranks(a), _ranks(b))


def _ranks(values: np.ndarray) -> np.ndarray:
    _, place, counts = np.unique(values.ravel(), return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return (last - (counts - 1) / 2)[place]
