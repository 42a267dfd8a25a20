"""A sheet of small panels, one for each finding."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from training.evaluation.words import label

COLUMNS, WIDTH, HEIGHT = 4, 3.0, 2.95  # inches a panel


def panels(names: Iterable[str], title: Callable[[str], str] = label) -> tuple[Figure, list[Axes]]:
    """An empty panel for each name, at most four abreast.

    Args:
        names: of findings, or others.
        title: name → what stands above its panel.
    """
    names = list(names)
    columns = min(COLUMNS, len(names))
    rows = -(-len(names) // columns)
    # A single panel is a little wider, lest its title be cut.
    figure = Figure((WIDTH * max(columns, 1.3), HEIGHT * rows), layout="constrained")
    figure.get_layout_engine().set(h_pad=0.09, w_pad=0.06)
    axes = [figure.add_subplot(rows, columns, place + 1) for place in range(len(names))]
    for name, axis in zip(names, axes):
        axis.set_axisbelow(True)
        axis.set_title(title(name), fontweight="bold")
    return figure, axes


def note(axis: Axes, text: str) -> None:
    """A line of figures between a panel and its title, where no curve can cross it."""
    axis.set_title(axis.get_title(), fontweight="bold", pad=17)
    axis.annotate(text, (0.5, 1), (0, 4), xycoords="axes fraction", textcoords="offset points", ha="center", fontsize=8)


def outer_labels(axes: list[Axes], x: str, y: str) -> None:
    """Label the lowest panel of each column and the first of each row only."""
    columns = min(COLUMNS, len(axes))
    for place, axis in enumerate(axes):
        if place + columns >= len(axes):
            axis.set_xlabel(x)
        if place % columns == 0:
            axis.set_ylabel(y)
