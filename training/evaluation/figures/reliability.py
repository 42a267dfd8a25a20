"""Reliability diagrams: does a probability mean what it says?"""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from scipy.stats import binomtest

from training.evaluation.figures.panels import note, outer_labels, panels
from training.evaluation.figures.theme import Theme
from training.evaluation.judgement import Judgement
from training.metrics import equal_bins


def points(judgement: Judgement) -> np.ndarray:
    """What is drawn: ``(bins, 4)``, for each bin of equal count.

    Mean probability, share of films with the finding, and the lower and upper 95 % Wilson limit of that share.
    """
    rows = []
    for chosen in equal_bins(judgement.probability):
        label = judgement.label[chosen]
        limits = binomtest(int(label.sum()), len(label)).proportion_ci(method="wilson")
        rows.append((judgement.probability[chosen].mean(), label.mean(), limits.low, limits.high))
    return np.array(rows)


def reliability(judged: dict[str, Judgement], entries: dict[str, dict], theme: Theme) -> Figure:
    """Observed against predicted, to the same scale, as far as the probabilities go."""
    figure, axes = panels(judged)
    for (name, judgement), axis in zip(judged.items(), axes):
        predicted, seen, low, high = points(judgement).T
        top = min(1.0, 1.08 * max(predicted.max(), high.max()))
        axis.plot([0, top], [0, top], color=theme.muted, linewidth=0.8, linestyle=":")
        errors = np.clip([seen - low, high - seen], 0, None)
        axis.errorbar(predicted, seen, errors, fmt="o-", color=theme.absent, markersize=4, linewidth=1, elinewidth=0.8)
        margin = 0.03 * top
        axis.set(xlim=(-margin, top + margin), ylim=(-margin, top + margin), aspect="equal")
        entry = entries[name]
        note(axis, f"ECE {entry['ece']:.3f}, Brier {entry['brier']:.3f}")
    outer_labels(axes, "mean probability", "share with the finding")
    return figure
