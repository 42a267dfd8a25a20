"""What is gained by leaving the readings open that lie nearest to the operating point."""

from __future__ import annotations

import numpy as np
from scipy.special import logit as log_odds


def risk_coverage(label: np.ndarray, logit: np.ndarray, threshold: float) -> tuple[np.ndarray, np.ndarray]:
    """Error rate of the readings that are kept, as the least certain ones are left open.

    Certainty is the distance from the operating point, in log-odds; readings of equal certainty go together.

    Args:
        label: ``(n,)`` 0 or 1.
        logit: ``(n,)``.
        threshold: the operating point, on the probability.

    Returns:
        coverage: share of the films that is kept, rising to 1.
        risk: share of the kept films on the wrong side of the operating point.
    """
    margin = logit - log_odds(np.clip(threshold, 1e-9, 1 - 1e-9))
    certainty = np.abs(margin)
    order = np.argsort(-certainty, kind="stable")
    wrong = ((margin >= 0) != (label > 0.5))[order]
    last = np.append(np.flatnonzero(np.diff(certainty[order])), len(order) - 1)
    kept = last + 1
    return kept / len(order), np.cumsum(wrong)[last] / kept


def unsure_point(
    label: np.ndarray, probability: np.ndarray, threshold: float, unsure: tuple[float, float]
) -> tuple[float, float]:
    """Coverage and risk when exactly the unsure zone ``[low, high)`` is left open; risk is NaN if nothing is kept."""
    kept = (probability < unsure[0]) | (probability >= unsure[1])
    wrong = (probability >= threshold) != (label > 0.5)
    return float(kept.mean()), float(wrong[kept].mean()) if kept.any() else float("nan")
