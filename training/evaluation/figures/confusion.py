"""Confusion matrices at the operating points."""

from __future__ import annotations

from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from training.evaluation.figures.panels import outer_labels, panels
from training.evaluation.figures.theme import Theme
from training.evaluation.judgement import Judgement


def confusion(judged: dict[str, Judgement], entries: dict[str, dict], theme: Theme) -> Figure:
    """Counts of films, with the share of each row: all films that have, or have not, the finding's label."""
    figure, axes = panels(judged)
    shades = LinearSegmentedColormap.from_list("shades", [theme.paper, theme.absent])
    for name, axis in zip(judged, axes):
        entry = entries[name]
        rows = [
            [entry["true_positive"], entry["false_negative"]],
            [entry["false_positive"], entry["true_negative"]],
        ]
        shares = [[count / sum(row) for count in row] for row in rows]
        axis.imshow(shares, cmap=shades, vmin=0, vmax=1.6)
        for y in (0, 1):
            for x in (0, 1):
                axis.text(x, y, f"{rows[y][x]}\n{100 * shares[y][x]:.0f} %", ha="center", va="center", fontsize=10)
        axis.grid(False)
        axis.spines[:].set_visible(False)
        axis.tick_params(length=0)
        axis.set_xticks((0, 1), ("reaches it", "stays below"))
        axis.set_yticks((0, 1), ("present", "absent"), rotation=90, va="center")
    outer_labels(axes, "the operating point", "label")
    return figure
