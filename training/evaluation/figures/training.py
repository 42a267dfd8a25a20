"""Learning curves."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from training.evaluation.figures.panels import outer_labels, panels
from training.evaluation.figures.theme import Theme

VALIDATION = "val_"


def learning(log: dict[str, np.ndarray], theme: Theme) -> Figure:
    """One panel for each quantity of a log (see :func:`training.evaluation.learning.read_log`)."""
    names = list(dict.fromkeys(name.removeprefix(VALIDATION) for name in log if name != "epoch"))
    figure, axes = panels(names, lambda name: name.replace("_", " "))
    for name, axis in zip(names, axes):
        for column, colour, words in (
            (name, theme.absent, "training"),
            (VALIDATION + name, theme.present, "validation"),
        ):
            if column in log:
                axis.plot(log["epoch"], log[column], "o-", color=colour, markersize=3, linewidth=1.3, label=words)
        axis.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=6))
        axis.legend()
    outer_labels(axes, "epoch", "")
    return figure
