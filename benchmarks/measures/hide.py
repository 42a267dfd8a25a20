"""Hide and look again with all its random regions, beside the bare forward pass of the same session."""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path

import cv2
import numpy as np

import xai
from benchmarks import films
from benchmarks.measures.explain import milliseconds
from benchmarks.result import Figure, Result, interleave, summary
from benchmarks.settings import Settings
from xai.classifier import Classifier
from xai.explain import Explanation
from xai.foremost import foremost
from xai.lab.fills import FILLS
from xai.lab.hide import CONTROLS, hide
from xai.lab.regions import hottest
from xai.lab.report import Settings as Choices
from xai.lab.subject import BATCH, Subject
from xai.weights import models

ROUNDS, WARM_UP = 10, 1
# What the whole experiment may cost: so many forward passes, and a fifth more.
PASSES, SLACK = 25, 1.2
# "At once", in ms: up to here a person's thought does not pause for a machine (Doherty and Thadani 1982).
AT_ONCE = 400


def experiment(classifier: Classifier, explanation: Explanation, name: str, fill: str, answers: int | None) -> None:
    """What a visitor starts: the hottest part of one finding's map, hidden; up to so many answers, or to the end."""
    subject = Subject.of(classifier, explanation)
    region = hottest(subject, explanation.readings[name].evidence, Choices.share)
    for count, _ in enumerate(hide(subject, region, fill), start=1):
        if count == answers:
            return


def forward(classifier: Classifier, canvases: np.ndarray, batch: int) -> None:
    """The bare forward pass of ``(B, size, size)`` canvases, so many at once."""
    for start in range(0, len(canvases), batch):
        classifier.features(canvases[start : start + batch])


def ratios(medians: dict[str, float]) -> tuple[float, float]:
    """The whole experiment over the bare passes, and its first answer over one pass.

    Args:
        medians: milliseconds, by name: ``one``, ``batch …`` of :data:`PASSES` canvases each, and for every fill
            ``hide …`` and ``first …``.

    Returns:
        Both for the slowest fill, beside the fastest way to do the bare passes.
    """

    def of(prefix: str) -> list[float]:
        return [value for key, value in medians.items() if key.startswith(prefix)]

    return max(of("hide")) / min(of("batch")), max(of("first")) / medians["one"]


def run(settings: Settings) -> Result:
    """Every checkpoint and fill; the bare passes are timed in one batch and in those of the laboratory."""
    cv2.setNumThreads(settings.threads)
    with tempfile.TemporaryDirectory() as scratch:
        film = xai.read(films.paths(settings.films, 4, Path(scratch))[0])
    result = Result()
    for name in models(settings.weights):
        classifier = xai.load(name, settings.weights, settings.threads)
        explanation = xai.explain(classifier, film)
        subject = Subject.of(classifier, explanation)
        canvases = np.repeat(subject.on_canvas(subject.film)[None], PASSES, axis=0)
        work = {"one": partial(forward, classifier, canvases[:1], 1)}
        work |= {f"batch {batch}": partial(forward, classifier, canvases, batch) for batch in (BATCH, PASSES)}
        for kind, answers in (("hide", None), ("first", 1)):
            arguments = (classifier, explanation, foremost(explanation))
            work |= {f"{kind} {fill}": partial(experiment, *arguments, fill, answers) for fill in FILLS}
        contestants = {key: partial(milliseconds, call) for key, call in work.items()}
        interleave(contestants, WARM_UP)
        samples = interleave(contestants, settings.repeats(ROUNDS))
        result.raw[name] = {key: summary(values) for key, values in samples.items()}
        medians = {key: entry["median"] for key, entry in result.raw[name].items()}
        whole, first = ratios(medians)
        result.figures += [
            Figure.at_most(f"{name}: first answer", max(medians[f"first {fill}"] for fill in FILLS), AT_ONCE, "ms"),
            Figure(f"{name}: first answer / one forward pass", first, "×"),
            Figure(f"{name}: with {CONTROLS} random regions", max(medians[f"hide {fill}"] for fill in FILLS), "ms"),
            Figure.at_most(f"{name}: with {CONTROLS} random regions / {PASSES} bare forward passes", whole, SLACK, "×"),
        ]
    return result
