"""Histograms of what was read on films with and without each finding."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from scipy.special import expit
from scipy.special import logit as log_odds

from training.evaluation.figures.panels import outer_labels, panels
from training.evaluation.figures.theme import Theme
from training.evaluation.judgement import Judgement

BINS = 28
TICKS = (0.5, 0.01, 0.99, 0.1, 0.9, 0.001, 0.999, 0.0001, 0.9999)  # the first that have room are drawn
ROOM = 0.25  # of the axis, between two ticks


def scores(judged: dict[str, Judgement], entries: dict[str, dict], theme: Theme) -> Figure:
    """Share of the films in each step of log-odds; the line is the operating point, the grey zone is called unsure."""
    figure, axes = panels(judged)
    for (name, judgement), axis in zip(judged.items(), axes):
        z, present = np.clip(judgement.logit, *log_odds((1e-5, 1 - 1e-5))), judgement.label > 0.5
        steps = np.linspace(z.min(), max(z.max(), z.min() + 1e-3), BINS + 1)
        if judgement.unsure:
            axis.axvspan(
                *log_odds(np.clip(judgement.unsure, 1e-5, 1 - 1e-5)), color=theme.muted, alpha=0.18, linewidth=0
            )
        for chosen, colour, words in ((~present, theme.absent, "absent"), (present, theme.present, "present")):
            weights = np.full(chosen.sum(), 1 / chosen.sum())
            axis.hist(z[chosen], steps, weights=weights, color=colour, alpha=0.3)
            axis.hist(z[chosen], steps, weights=weights, color=colour, histtype="step", linewidth=1.2, label=words)
        axis.axvline(log_odds(np.clip(judgement.threshold, 1e-5, 1 - 1e-5)), color=theme.ink, linewidth=1)
        ticks = _ticks(steps[0], steps[-1])
        axis.set_xticks(log_odds(ticks), [f"{100 * p:.6g} %" for p in ticks])
        axis.yaxis.set_major_formatter(lambda value, _: f"{100 * value:.3g} %")
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside upper left", ncols=2)
    outer_labels(axes, "probability (log-odds scale)", "share of films")
    return figure


def _ticks(low: float, high: float) -> list[float]:
    """Probabilities to mark on an axis from ``low`` to ``high`` log-odds, far enough apart to be read."""
    ticks: list[float] = []
    for p in TICKS:
        at = log_odds(p)
        if low <= at <= high and all(abs(at - log_odds(other)) >= ROOM * (high - low) for other in ticks):
            ticks.append(p)
    # A narrow axis holds too few of the usual ones.
    return ticks if len(ticks) > 1 else [float(f"{p:.2g}") for p in expit(np.linspace(low, high, 4)[1:3])]
