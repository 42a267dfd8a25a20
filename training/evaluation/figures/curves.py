"""ROC and precision-recall curves with the band that resampling patients gives them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from sklearn.metrics import precision_recall_curve, roc_curve

from training.evaluation.figures.panels import note, outer_labels, panels
from training.evaluation.figures.theme import Theme
from training.evaluation.judgement import Judgement
from training.metrics import resamples

ROUNDS = 200
GRID = np.linspace(0, 1, 101)

Curve = Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]


def roc_points(label: np.ndarray, score: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """False positive rate, rising, and sensitivity."""
    return roc_curve(label, score)[:2]


def recall_points(label: np.ndarray, score: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Recall, rising, and precision."""
    precision, recall, _ = precision_recall_curve(label, score)
    return recall[::-1], precision[::-1]


def band(judgement: Judgement, curve: Curve) -> tuple[np.ndarray, np.ndarray]:
    """The 95 % bootstrap band of a curve: lower and upper limit at every abscissa of :data:`GRID`."""
    drawn = []
    for rows in resamples(judgement.patients, ROUNDS):
        label = judgement.label[rows]
        if 0 < label.sum() < len(label):
            drawn.append(np.interp(GRID, *curve(label, judgement.logit[rows])))
    low, high = np.percentile(drawn, (2.5, 97.5), axis=0) if drawn else (np.zeros_like(GRID), np.ones_like(GRID))
    return low, high


def roc(judged: dict[str, Judgement], entries: dict[str, dict], theme: Theme) -> Figure:
    """ROC curves, with the operating point marked."""
    figure, axes = panels(judged)
    for (name, judgement), axis in zip(judged.items(), axes):
        axis.plot([0, 1], [0, 1], color=theme.muted, linewidth=0.8, linestyle=":")
        axis.fill_between(GRID, *band(judgement, roc_points), color=theme.absent, alpha=0.2, linewidth=0)
        axis.plot(*roc_points(judgement.label, judgement.logit), color=theme.absent, linewidth=1.5)
        entry = entries[name]
        axis.plot(1 - entry["specificity"], entry["sensitivity"], "o", color=theme.present, markersize=5)
        _finish(axis, "AUC", entry["auc"], entry["auc_interval"])
    outer_labels(axes, "1 − specificity", "sensitivity")
    return figure


def precision_recall(judged: dict[str, Judgement], entries: dict[str, dict], theme: Theme) -> Figure:
    """Precision-recall curves, with the operating point marked; dotted, the share of films with the finding."""
    figure, axes = panels(judged)
    for (name, judgement), axis in zip(judged.items(), axes):
        axis.axhline(judgement.label.mean(), color=theme.muted, linewidth=0.8, linestyle=":")
        axis.fill_between(GRID, *band(judgement, recall_points), color=theme.absent, alpha=0.2, linewidth=0)
        points = recall_points(judgement.label, judgement.logit)
        axis.plot(*points, color=theme.absent, linewidth=1.5, drawstyle="steps-pre")
        entry = entries[name]
        axis.plot(entry["sensitivity"], entry["precision"], "o", color=theme.present, markersize=5)
        _finish(axis, "AP", entry["average_precision"], entry["average_precision_interval"])
    outer_labels(axes, "sensitivity (recall)", "precision")
    return figure


def _finish(axis: Axes, what: str, value: float, limits: tuple[float, float]) -> None:
    axis.set(xlim=(-0.03, 1.03), ylim=(-0.03, 1.03), aspect="equal")
    note(axis, f"{what} {value:.2f} ({limits[0]:.2f}–{limits[1]:.2f})")
