"""One method on one film: its map, what it cost, and what the laboratory says of it."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from xai.explain import Explanation
from xai.lab import words
from xai.lab.correlation import spearman
from xai.lab.curves import STEPS, curves
from xai.lab.hide import CONTROLS, hide
from xai.lab.meter import meter
from xai.lab.regions import hottest
from xai.lab.report import Settings, Watch, about, finite, unwatched
from xai.lab.subject import BATCH, Subject
from xai.methods.method import Method


@dataclass(frozen=True)
class Trial:
    """One method on one film.

    Attributes:
        map: ``(h, w)`` float32.
        films: that the model was shown for the map.
        seconds: that the map took, the film's own forward pass included where the method needs its features.
        figures: for JSON.
        lines: what a person reads.
    """

    map: np.ndarray
    films: int
    seconds: float
    figures: dict[str, Any]
    lines: list[str]


def draw(method: Method, subject: Subject, name: str, watch: Watch = unwatched) -> tuple[np.ndarray, int, float]:
    """A method's map ``(h, w)``, how many films the model was shown for it, and the seconds that it took.

    What a method has to do once per checkpoint is done before, and not among the seconds.

    Args:
        method: of :data:`xai.methods.METHODS`.
        subject: the film; what has been reckoned of it is not used, so that no method profits from the one before.
        name: of the finding.
        watch: told of the map in the making.
    """
    if method.prepare:
        method.prepare(subject.classifier)
    subject = replace(subject)
    begun = time.perf_counter()
    for progress in watch(method.steps(subject, name), None, method.label):
        pass
    return progress.map, progress.done, time.perf_counter() - begun


def trial(method: Method, subject: Subject, name: str, settings: Settings, watch: Watch = unwatched) -> Trial:
    """Draw a method's map and put it to the laboratory's tests.

    Args:
        method: of :data:`xai.methods.METHODS`.
        subject: the film.
        name: of the finding.
        settings: how much of the film is hidden, and with what.
        watch: told of each part of the work as it is done.
    """
    heat, shown, seconds = draw(method, subject, name, watch)
    # The laboratory's words ask a reading whether its map shows anything at all.
    reading = replace(subject.explanation.readings[name], evidence=heat)
    shares = meter(heat, subject.explanation.extent)
    region = hottest(subject, heat, settings.share)
    for hidden in watch(hide(subject, region, settings.fill), 1 + math.ceil(CONTROLS / BATCH), "hide"):
        pass
    for drawn in watch(curves(subject, heat, settings.fill), 1 + STEPS, "curves"):
        pass
    effect = hidden.effect(name)
    verdict, drawn_verdict = words.hide(reading, hidden), words.curves(reading, drawn)
    figures = {
        "label": method.label,
        "unit": method.unit,
        "films": shown,
        "seconds": seconds,
        "border": shares.border,
        "outside": shares.outside,
        "hide": {"fill": settings.fill, "share": hidden.share, **effect.to_dict(), "verdict": verdict},
        "curves": drawn.to_dict(name) | {"verdict": drawn_verdict},
    }
    films = "no further film" if not shown else f"{shown} film{'s' * (shown > 1)}"
    where = (
        f"{100 * shares.border:.0f} % in the outer 8 % of the film, {100 * shares.outside:.0f} % outside an average "
        "thorax’s lungs and heart"
    )
    lines = [
        f"{method.label}. {method.what}",
        f"  {films}, {seconds:.2f} s; of the positive map {where}",
        f"  {verdict}",
        f"  {drawn_verdict}",
    ]
    return Trial(heat, shown, seconds, figures, lines)


def agreement(trials: Mapping[str, Trial]) -> dict[str, dict[str, float | None]]:
    """Rank correlation of every two maps, by name; None where a map is the same everywhere."""
    out: dict[str, dict[str, float | None]] = {}
    for one, first in trials.items():
        values = {other: spearman(first.map, second.map) for other, second in trials.items() if other != one}
        out[one] = {other: finite(value) for other, value in values.items()}
    return out


def document(film: str, explanation: Explanation, name: str, trials: Mapping[str, Trial]) -> dict:
    """What a program gets: :func:`xai.lab.report.about`, and the figures of some methods, ``trials``, by name."""
    figures = {key: one.figures for key, one in trials.items()}
    return about(film, explanation, name) | {"methods": figures, "agreement": agreement(trials)}
