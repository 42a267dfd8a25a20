"""One page of figures: who ranks films well, and whose map lies where radiologists drew their boxes."""

from __future__ import annotations

from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from training.card import LABELS
from training.evaluation.figures.theme import LIGHT, drawing
from training.recipes.compare import Line

ROW, TOP = 0.26, 1.1  # inches: one network, and what the titles and the axis take


def draw(found: list[Line], path: Path) -> None:
    """Write the page as SVG; the same lines give the same bytes.

    Args:
        found: from :func:`training.recipes.compare.lines`, at least one.
        path: of the file; its folder is made where it is missing.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with drawing(LIGHT):
        figure = Figure((10, TOP + ROW * _height(found)), layout="constrained")
        ranking, pointing = figure.subplots(1, 2, sharey=True)
        for at, line in _places(found):
            _dot(ranking, at, line, line.figures["auc"], line.figures["auc_interval"])
            if line.boxes:
                _dot(pointing, at, line, line.boxes["argmax_in_box"], line.boxes["argmax_in_box_interval"])
                for other, marker, words in (("centre", "|", "the film’s centre"), ("random", "x", "a random place")):
                    x = line.boxes[other]["argmax_in_box"]
                    pointing.plot(x, at, marker, color=LIGHT.muted, markersize=6, label=words)
        lowest = min(0.47, *(line.figures["auc_interval"][0] for line in found))
        ranking.set(title="Ranks films: AUC", xlim=(lowest - 0.02, 1.01))
        pointing.set(title="Looks where the box is: hottest cell in box", xlim=(-0.03, 1.03))
        _rows(ranking, pointing, found, lowest)
        ranking.axvline(0.5, color=LIGHT.muted, linewidth=1)
        _legend(pointing)
        figure.savefig(path, format="svg", metadata={"Date": None})


def _places(found: list[Line]) -> list[tuple[int, Line]]:
    """Each line's row, with an empty row above every finding for its name."""
    at, placed, finding = -1, [], None
    for line in found:
        at += 2 if line.finding != finding else 1
        finding = line.finding
        placed.append((at, line))
    return placed


def _height(found: list[Line]) -> int:
    return _places(found)[-1][0] + 1


def _rows(ranking: Axes, pointing: Axes, found: list[Line], left: float) -> None:
    placed = _places(found)
    ranking.set_yticks([at for at, _ in placed], [line.name for _, line in placed])
    ranking.set_ylim(_height(found) - 0.5, -0.7)
    for tick, (_, line) in zip(ranking.get_yticklabels(), placed):
        tick.set_fontweight("bold" if line.ours else "normal")
    style = {"va": "center", "color": LIGHT.muted, "style": "italic", "backgroundcolor": LIGHT.paper}
    for finding in dict.fromkeys(line.finding for line in found):
        rows = [(at, line) for at, line in placed if line.finding == finding]
        heading = rows[0][0] - 1
        ranking.text(left, heading, LABELS.get(finding, finding), **style)
        if any(line.boxes for _, line in rows):
            boxed = rows[0][1].boxed
            pointing.text(0, heading, f"boxes of {'adults’ ' if boxed != finding else ''}{boxed}", **style)


def _dot(axis: Axes, at: int, line: Line, value: float, limits: tuple[float, float]) -> None:
    colour = LIGHT.present if line.ours else LIGHT.absent
    axis.plot(limits, (at, at), color=colour, linewidth=1.5)
    axis.plot(value, at, "o", color=colour, markersize=5, label="our checkpoints" if line.ours else "recipes")


def _legend(axis: Axes) -> None:
    handles, labels = axis.get_legend_handles_labels()
    by_label = dict(zip(labels, handles))
    if by_label:
        axis.legend(by_label.values(), by_label.keys(), loc="lower right")
