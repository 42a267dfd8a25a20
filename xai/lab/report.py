"""Experiments run to their end: one finding's figures for JSON, and the lines that a person reads."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from xai.evidence import probability
from xai.explain import Explanation
from xai.lab import words
from xai.lab.cascade import cascade
from xai.lab.compare import compare
from xai.lab.curves import STEPS, curves
from xai.lab.fills import DEFAULT
from xai.lab.hide import CONTROLS, hide
from xai.lab.meter import even, meter
from xai.lab.regions import hottest, of_cells
from xai.lab.shortcuts import SHORTCUTS, shortcuts
from xai.lab.stability import CHANGES, Trial, stability
from xai.lab.subject import BATCH, Subject
from xai.words import percent

# What an experiment yields, how much that will be (None: not known) and its name → the same items, watched as they come.
Watch = Callable[[Iterator, int | None, str], Iterator]


def unwatched(items: Iterator, total: int | None, name: str) -> Iterator:
    """Nobody looks on."""
    return items


@dataclass(frozen=True)
class Settings:
    """How the experiments are run.

    Attributes:
        share: of the film to hide, in [0.05, 0.40].
        cells: ``(row, column)`` of cells to hide instead of the hottest.
        fill: key of :data:`~xai.lab.fills.FILLS`.
    """

    share: float = 0.10
    cells: tuple[tuple[int, int], ...] = ()
    fill: str = DEFAULT


@dataclass(frozen=True)
class Report:
    """One experiment on one finding: figures for JSON, and lines to read."""

    figures: dict[str, Any]
    lines: list[str]


def chosen_region(subject: Subject, name: str, settings: Settings) -> tuple[np.ndarray, str]:
    """What is to be hidden, ``(H, W)`` bool, and what it is called within a sentence.

    Raises:
        RegionError: as :mod:`xai.lab.regions` says.
    """
    if settings.cells:
        return of_cells(subject, settings.cells), "the chosen cells"
    return hottest(subject, subject.explanation.readings[name].evidence, settings.share), "the hot region"


def hide_report(subject: Subject, name: str, settings: Settings, watch: Watch = unwatched) -> Report:
    """Hide and look again."""
    reading = subject.explanation.readings[name]
    region, called = chosen_region(subject, name, settings)
    for hidden in watch(hide(subject, region, settings.fill), 1 + math.ceil(CONTROLS / BATCH), "hide"):
        pass
    verdict = words.hide(reading, hidden, called)
    effects = {other: hidden.effect(other).to_dict() for other in subject.names}
    figures = {"fill": settings.fill, "share": hidden.share, "effects": effects, "verdict": verdict}
    return Report(figures, [verdict])


def curves_report(subject: Subject, name: str, settings: Settings, watch: Watch = unwatched) -> Report:
    """Insertion and deletion."""
    reading = subject.explanation.readings[name]
    for drawn in watch(curves(subject, reading.evidence, settings.fill), 1 + STEPS, "curves"):
        pass
    verdict = words.curves(reading, drawn)
    return Report(drawn.to_dict(name) | {"verdict": verdict}, [verdict])


def shortcuts_report(subject: Subject, name: str, settings: Settings, watch: Watch = unwatched) -> Report:
    """Shortcut bench."""
    reading, column = subject.explanation.readings[name], subject.names.index(name)
    extent = subject.explanation.extent
    trials = list(watch(shortcuts(subject), len(SHORTCUTS), "shortcuts"))
    verdict = words.shortcuts(reading, column, trials)
    figures, lines = [], [verdict]
    for trial in trials:
        logit = float(trial.logits[column])
        changed = {"logit": logit, "probability": probability(logit)}
        shares = meter(trial.maps[column], extent).to_dict()
        figures.append({"name": trial.shortcut.name, **changed, "meter": shares})
        lines.append("  " + words.shortcut(reading, **changed, trial=trial))
    return Report({"trials": figures, "verdict": verdict}, lines)


def stability_report(subject: Subject, name: str, settings: Settings, watch: Watch = unwatched) -> Report:
    """Stability strip."""
    reading, column = subject.explanation.readings[name], subject.names.index(name)
    trials = list(watch(stability(subject), len(CHANGES), "stability"))
    verdict = words.stability(reading, column, trials)
    figures, lines = [], [verdict]
    for trial in trials:
        logit = float(trial.logits[column])
        figures.append(
            {
                "name": trial.change.name,
                "logit": logit,
                "probability": probability(logit),
                "pearson": finite(trial.pearson(column)),
                "spearman": finite(trial.spearman(column)),
            }
        )
        lines.append("  " + stability_line(trial, column))
    spread = float(np.std([trial["probability"] for trial in figures]))
    return Report({"trials": figures, "probability_sd": spread, "verdict": verdict}, lines)


def stability_line(trial: Trial, column: int) -> str:
    """One line: ``shifted 2 % down: 17 %, rank correlation 0.94``."""
    chance = percent(probability(float(trial.logits[column])))
    return f"{trial.change.name}: {chance}, rank correlation {_figure(trial.spearman(column))}"


def cascade_report(subject: Subject, name: str, settings: Settings, watch: Watch = unwatched) -> Report:
    """Randomised twin, from the head down to the film."""
    column = subject.names.index(name)
    steps = list(watch(cascade(subject), None, "cascade"))
    verdicts = [words.cascade(column, step) for step in steps]
    figures = [{"label": step.label, "spearman": [finite(value) for value in step.spearman(column)]} for step in steps]
    return Report({"steps": figures, "verdict": verdicts[-1]}, verdicts)


def meter_report(subject: Subject, name: str, settings: Settings, watch: Watch = unwatched) -> Report:
    """Shortcut meter."""
    reading, extent = subject.explanation.readings[name], subject.explanation.extent
    shares, chance = meter(reading.evidence, extent), even(reading.evidence.shape, extent)
    verdict = words.meter(reading, shares, chance)
    return Report({**shares.to_dict(), "even": chance.to_dict(), "verdict": verdict}, [verdict])


def compare_report(first: Explanation, second: Explanation, name: str) -> Report:
    """Two checkpoints, one film; for a finding that both know."""
    sides = compare(first, second)[name]
    verdict = words.compare(*sides)
    return Report({"sides": [side.to_dict() for side in sides], "verdict": verdict}, [verdict])


EXPERIMENTS = {
    "hide": hide_report,
    "curves": curves_report,
    "shortcuts": shortcuts_report,
    "meter": meter_report,
    "stability": stability_report,
    "cascade": cascade_report,
}


def about(film: str, explanation: Explanation, name: str) -> dict:
    """What a program is told of the film, the model and the finding, before any figures of a test.

    Args:
        film: its name or path, as the asker knows it.
        explanation: of the film.
        name: of the finding.
    """
    reading = explanation.readings[name]
    return {
        "film": film,
        "model": explanation.model,
        "version": explanation.version,
        "gate": explanation.to_dict()["gate"],
        "finding": name,
        "logit": reading.logit,
        "probability": reading.probability,
    }


def document(film: str, explanation: Explanation, name: str, reports: dict[str, Report]) -> dict:
    """What a program gets: :func:`about`, and the figures of some experiments, ``reports``, by name."""
    figures = {key: report.figures for key, report in reports.items()}
    return about(film, explanation, name) | {"experiments": figures}


def _figure(value: float) -> str:
    return f"{value:.2f}".replace("-", "−") if math.isfinite(value) else "none (a map is the same everywhere)"


def finite(value: float) -> float | None:
    """The value; None for what JSON has not, NaN and infinities."""
    return float(value) if math.isfinite(value) else None
