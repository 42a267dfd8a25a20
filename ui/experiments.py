"""What the page is shown of an experiment while it runs: one JSON object after another, each with all that is known."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from ui.scene import base64, png
from xai.evidence import probability
from xai.explain import Explanation
from xai.lab import twin, words
from xai.lab.cascade import Step, cascade
from xai.lab.compare import Side, compare
from xai.lab.curves import Curve, Curves, curves
from xai.lab.hide import Hidden, hide
from xai.lab.meter import even, meter
from xai.lab.report import Settings, chosen_region, stability_line
from xai.lab.shortcuts import SHORTCUTS, shortcuts
from xai.lab.stability import CHANGES, stability
from xai.lab.subject import Subject
from xai.overlay import display
from xai.words import percent, share

# Every answer has ``done`` of how many parts (``of``), and ``verdict``: a sentence, or how far it has come.
Answers = Iterator[dict[str, Any]]


def hide_answers(subject: Subject, name: str, settings: Settings) -> Answers:
    """The region alone first, then beside more and more random ones."""
    reading = subject.explanation.readings[name]
    region, called = chosen_region(subject, name, settings)
    fixed: dict[str, Any] = {}  # film and map are the same all along
    for hidden in hide(subject, region, settings.fill):
        if not fixed:
            fixed = {
                "share": share(hidden.share),
                "cells": _cells(subject, region),
                "hidden": _look(hidden.film, hidden.maps[subject.names.index(name)]),
                "changes": [_change(hidden, other) for other in subject.names],
            }
        effect = hidden.effect(name)
        yield {
            "verdict": words.hide(reading, hidden, called),
            "done": len(effect.random),
            "of": hidden.controls,
            "drop": effect.drop,
            "random": effect.random.tolist(),
            **fixed,
        }


def _cells(subject: Subject, region: np.ndarray) -> list[list[int]]:
    """``[row, column]`` of the cells that make up a region."""
    columns = subject.grid[1]
    return [[int(cell) // columns, int(cell) % columns] for cell in np.unique(subject.cells[region])]


def _change(hidden: Hidden, name: str) -> dict:
    effect = hidden.effect(name)
    return {
        "finding": name,
        "before": percent(probability(effect.before)),
        "after": percent(probability(effect.after)),
        "change": -effect.drop,
    }


def curves_answers(subject: Subject, name: str, settings: Settings) -> Answers:
    """The curves from left to right."""
    reading = subject.explanation.readings[name]
    for drawn in curves(subject, reading.evidence, settings.fill):
        yield {
            "verdict": words.curves(reading, drawn),
            "done": drawn.share.shape[1] - 1,
            "of": drawn.steps,
            "deletion": _curves(drawn, "deletion", name),
            "insertion": _curves(drawn, "insertion", name),
        }


def _curves(drawn: Curves, kind: str, name: str) -> dict:
    own, random = drawn.of_map(kind, name), drawn.at_random(kind, name)
    areas = {"area": own.area, "random_area": float(np.mean([curve.area for curve in random]))}
    return {"own": _points(own), "random": [_points(curve) for curve in random], **(areas if drawn.begun else {})}


def _points(curve: Curve) -> list[list[float]]:
    return np.stack([curve.share, curve.probabilities], axis=1).tolist()


def shortcuts_answers(subject: Subject, name: str, settings: Settings) -> Answers:
    """One changed film after another."""
    reading, column = subject.explanation.readings[name], subject.names.index(name)
    extent = subject.explanation.extent
    trials, shown = [], []
    for trial in shortcuts(subject):
        trials.append(trial)
        logit = float(trial.logits[column])
        shown.append(
            {
                "line": words.shortcut(reading, logit, probability(logit), trial),
                "outside": percent(meter(trial.maps[column], extent).outside),
                **_look(trial.film, trial.maps[column]),
            }
        )
        yield _strip(shown, len(SHORTCUTS), lambda: words.shortcuts(reading, column, trials)) | {
            "outside": percent(meter(reading.evidence, extent).outside)
        }


def stability_answers(subject: Subject, name: str, settings: Settings) -> Answers:
    """One map after another, each brought back to the frame of the unchanged film."""
    reading, column = subject.explanation.readings[name], subject.names.index(name)
    trials, shown = [], []
    for trial in stability(subject):
        trials.append(trial)
        shown.append({"line": stability_line(trial, column), "evidence": base64(trial.maps[column].astype("<f4"))})
        yield _strip(shown, len(CHANGES), lambda: words.stability(reading, column, trials))


def cascade_answers(subject: Subject, name: str, settings: Settings) -> Answers:
    """One step after another, from the head down to the film."""
    column = subject.names.index(name)
    steps = 1 + len(twin.blocks(subject.classifier.backbone.read_bytes()))
    shown: list[dict] = []
    for step in cascade(subject):
        shown.append({"line": _agreement(step, column), "evidence": base64(step.maps[0, column].astype("<f4"))})
        yield _strip(shown, steps, lambda: "") | {"verdict": words.cascade(column, step)}


def _agreement(step: Step, column: int) -> str:
    size = np.abs(step.spearman(column))
    said = "the twin draws nothing"
    if np.isfinite(size).all():
        said = f"rank correlation {size.mean():.2f} ± {size.std():.2f}, whatever its sign"
    return f"{step.label[:1].upper()}{step.label[1:]} shuffled: {said}"


def _strip(trials: list[dict], of: int, verdict: Callable[[], str]) -> dict:
    """Trials one after another; there is a verdict when all have been seen."""
    return {"trials": list(trials), "done": len(trials), "of": of, "verdict": verdict() if len(trials) == of else ""}


def meter_answers(subject: Subject, name: str, settings: Settings) -> Answers:
    """The only answer: shares of the positive evidence beside those of evidence spread evenly."""
    reading, extent = subject.explanation.readings[name], subject.explanation.extent
    shares, chance = meter(reading.evidence, extent), even(reading.evidence.shape, extent)
    yield {
        "verdict": words.meter(reading, shares, chance),
        "done": 1,
        "of": 1,
        "shares": {key: [share, chance.to_dict()[key]] for key, share in shares.to_dict().items()},
    }


def compare_answers(first: Explanation, second: Explanation, name: str) -> Answers:
    """The only answer: two checkpoints' maps of one film, and where their evidence lies."""
    sides = compare(first, second)[name]
    yield {
        "verdict": words.compare(*sides),
        "done": 1,
        "of": 1,
        "sides": [_side(side, explanation, name) for side, explanation in zip(sides, (first, second))],
    }


def _side(side: Side, explanation: Explanation, name: str) -> dict:
    return {
        "model": side.model,
        "percent": percent(side.probability),
        "shares": side.meter.to_dict(),
        "evidence": base64(explanation.readings[name].evidence.astype("<f4")),
    }


def _look(film: np.ndarray, evidence: np.ndarray) -> dict:
    return {"picture": png(display(film)), "evidence": base64(evidence.astype("<f4"))}


EXPERIMENTS = {
    "hide": hide_answers,
    "curves": curves_answers,
    "shortcuts": shortcuts_answers,
    "meter": meter_answers,
    "stability": stability_answers,
    "cascade": cascade_answers,
}
