"""Risk–coverage curves: what leaving the uncertain readings open buys."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from training.abstention import outside, risk_coverage
from training.evaluation.figures.panels import outer_labels, panels
from training.evaluation.figures.theme import Theme
from training.evaluation.judgement import Judgement
from training.metrics import balanced_error

SHOWN_FROM = 0.05  # coverage below which the error is one of a handful of films


def coverage(judged: dict[str, Judgement], entries: dict[str, dict], theme: Theme) -> Figure:
    """Balanced error of the readings kept; the dot is where exactly the unsure zone is left open."""
    figure, axes = panels(judged)
    for judgement, axis in zip(judged.values(), axes):
        share, risk = risk_coverage(judgement.label, judgement.probability, judgement.threshold)
        shown = share >= SHOWN_FROM
        axis.plot(share[shown], risk[shown], color=theme.absent, linewidth=1.5)
        top = np.nanmax(risk[shown])
        if judgement.unsure:
            kept = outside(judgement.probability, judgement.unsure)
            error = balanced_error(judgement.label[kept], judgement.above[kept])
            if np.isfinite(error):
                axis.plot(kept.mean(), error, "o", color=theme.present, markersize=5, clip_on=False)
                top = max(top, error)
        axis.set(xlim=(-0.03, 1.03), ylim=(0, max(1.15 * top, 0.01)))
        for side in (axis.xaxis, axis.yaxis):
            side.set_major_formatter(lambda value, _: f"{100 * value:.3g} %")
    outer_labels(axes, "share of films kept", "balanced error")
    return figure
