"""Draws all figures: PNG files, and pairs of SVG that a page can hold."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from training.evaluation.figures.confusion import confusion
from training.evaluation.figures.coverage import coverage
from training.evaluation.figures.curves import precision_recall, roc
from training.evaluation.figures.reliability import reliability
from training.evaluation.figures.scores import scores
from training.evaluation.figures.theme import DARK, LIGHT, Theme, drawing
from training.evaluation.figures.training import learning
from training.evaluation.judgement import Judgement

DPI = 150
FIGURES: dict[str, tuple[str, Callable[..., Figure]]] = {
    "roc": ("ROC", roc),
    "precision_recall": ("Precision and recall", precision_recall),
    "confusion": ("At the operating point", confusion),
    "reliability": ("Reliability", reliability),
    "scores": ("Readings", scores),
    "coverage": ("Risk and coverage", coverage),
}
CAPTIONS = {
    "roc": """How well the readings rank films with a finding above films without it. The band is the 95 % interval from
        resampled patients, the dot the operating point.""",
    "precision_recall": """Of the films that reach a threshold, how many have the label; the dotted line is chance, the
        share of films with the label here. Precision depends on that share and does not carry over to another
        hospital.""",
    "confusion": "Films by label and by whether the reading reaches the operating point, which was fixed beforehand.",
    "reliability": """On the dotted line, of films that are given 30 %, 30 % have the label. Ten bins of equal count;
        bars are 95 % Wilson intervals.""",
    "scores": """Readings on films with and without the label. The line is the operating point; in the grey zone a
        reading is called unsure.""",
    "coverage": """The balanced error at the operating point (the mean of the share of films with the label that are
        missed and of films without it that are marked) as the readings closest to it on either side are left open.
        The dot is the unsure zone, which was fixed beforehand, so that it may lie off the line.""",
    "learning": "Each epoch of the training, from its own log.",
}


@dataclass(frozen=True)
class Drawn:
    """One figure for a page: title, caption, and the data URIs of its SVG on light and on dark paper."""

    name: str
    title: str
    caption: str
    light: str
    dark: str


def save(
    judged: dict[str, Judgement], entries: dict[str, dict], log: dict[str, np.ndarray] | None, folder: Path
) -> list[Drawn]:
    """Draw every figure into ``folder`` as ``NAME.png``.

    Args:
        judged: by finding, not empty.
        entries: figures of merit by finding (see :func:`training.evaluation.judgement.figures`).
        log: of the training, or None.
        folder: is made where it is missing.
    """
    folder.mkdir(parents=True, exist_ok=True)
    plans = {name: (title, partial(draw, judged, entries)) for name, (title, draw) in FIGURES.items()}
    if log is not None:
        plans["learning"] = ("Learning", partial(learning, log))
    drawn = []
    for name, (title, draw) in plans.items():
        with drawing(LIGHT):
            figure = draw(LIGHT)
            figure.savefig(folder / f"{name}.png", dpi=DPI)
            light = _uri(figure)
        drawn.append(Drawn(name, title, " ".join(CAPTIONS[name].split()), light, _dark(draw)))
    return drawn


def _dark(draw: Callable[[Theme], Figure]) -> str:
    with drawing(DARK):
        return _uri(draw(DARK))


def _uri(figure: Figure) -> str:
    file = io.BytesIO()
    # Without metadata the file names no address outside itself but its own namespaces, and is the same tomorrow.
    figure.savefig(file, format="svg", metadata=dict.fromkeys(("Creator", "Date", "Format", "Type")))
    return "data:image/svg+xml;base64," + base64.b64encode(file.getvalue()).decode()
