"""Turns raw logits into calibrated ones, and fixes the operating points, on validation films only."""

from __future__ import annotations

import numpy as np

from training.abstention import unsure_zone

# What each operating point promises on validation films: the share of films with the finding that reach it.
SENSITIVITY = {"pneumonia_child": 0.95, "bacterial_child": 0.90, "cardiomegaly": 0.85}
OTHERWISE = 0.80


def platt(logit: np.ndarray, label: np.ndarray, rounds: int = 100) -> tuple[float, float]:
    """Slope and offset of the logistic fit ``sigmoid(slope · logit + offset)`` (Platt 1999), by Newton's method.

    Labels are softened as Platt proposes, so that few positives cannot buy certainty.

    Args:
        logit: ``(n,)`` raw.
        label: ``(n,)`` 0 or 1.
    """
    n, m = label.sum(), (1 - label).sum()
    target = np.where(label > 0.5, (n + 1) / (n + 2), 1 / (m + 2))
    design = np.stack([logit, np.ones_like(logit)], axis=1).astype(np.float64)

    def cost(at: np.ndarray) -> float:
        z = design @ at
        return float((np.logaddexp(0, z) - target * z).sum())

    beta = np.array([1.0, 0.0])
    for _ in range(rounds):
        p = 1 / (1 + np.exp(-np.clip(design @ beta, -500, 500)))
        gradient = design.T @ (target - p)
        hessian = (design * (p * (1 - p))[:, None]).T @ design + 1e-9 * np.eye(2)
        step = np.linalg.solve(hessian, gradient)
        # On nearly separable films a full step overshoots: halve it until it helps.
        while cost(beta + step) > cost(beta) and np.abs(step).max() > 1e-12:
            step /= 2
        beta = beta + step
        if np.abs(step).max() < 1e-10:
            break
    slope, offset = beta
    if slope <= 0:
        raise ValueError("the raw logit ranks films with the finding below films without it: nothing to calibrate")
    return float(slope), float(offset)


def at_sensitivity(probability: np.ndarray, label: np.ndarray, target: float) -> float:
    """The highest threshold that at least ``target`` of the films with the finding reach."""
    positives = np.sort(probability[label > 0.5])
    return float(positives[int(np.floor((1 - target) * len(positives)))])


def at_specificity(probability: np.ndarray, label: np.ndarray, target: float) -> float:
    """The lowest threshold (a film's own value, plus a hair) that at least ``target`` of the films without it miss."""
    negatives = np.sort(probability[label < 0.5])
    return float(np.nextafter(negatives[int(np.ceil(target * len(negatives))) - 1], np.inf))


def operating_point(name: str, probability: np.ndarray, label: np.ndarray) -> dict:
    """The manifest's ``operating_point``, ``promise`` and ``unsure`` of one finding.

    Args:
        name: of the finding.
        probability, label: ``(n,)``, of validation films of both kinds.
    """
    target = SENSITIVITY.get(name, OTHERWISE)
    threshold = round(at_sensitivity(probability, label, target), 4)
    return {
        "operating_point": threshold,
        "promise": f"{target:.0%} sensitivity".replace("%", " %"),
        "unsure": [round(edge, 4) for edge in unsure_zone(label, probability, threshold)],
    }


def foreign(probability: np.ndarray, threshold: float, normal: np.ndarray, own: np.ndarray) -> dict:
    """The manifest's ``foreign`` of one finding: what its operating point does on the other population's normal films.

    Args:
        probability: ``(n,)``, of films of both populations.
        threshold: the operating point.
        normal: ``(n,)`` bool, published as showing nothing.
        own: ``(n,)`` bool, of the population that the finding was trained on.

    Returns:
        ``films``: how many normal films of the other population; ``reach``: the share of them that reaches the
        operating point; ``own``: the same share of the own population's.
    """
    reached = probability >= threshold
    return {
        "films": int((normal & ~own).sum()),
        "reach": round(float(reached[normal & ~own].mean()), 4),
        "own": round(float(reached[normal & own].mean()), 4),
    }
