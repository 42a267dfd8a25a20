"""A warm ``explain()`` of a decoded film, beside the bare forward pass of the same session on the same canvas."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import cv2
import numpy as np

import xai
from benchmarks import films
from benchmarks.result import Figure, Result, interleave, summary
from benchmarks.settings import Settings
from xai.geometry import letterbox
from xai.weights import models

ROUNDS, WARM_UP = 150, 5
LARGE = (2500, 2000)


def milliseconds(call: Callable[[], object]) -> float:
    """How long one call takes."""
    started = time.perf_counter()
    call()
    return 1e3 * (time.perf_counter() - started)


def run(settings: Settings) -> Result:
    """Every checkpoint, on a film as it is and on one of 2500×2000 pixels."""
    cv2.setNumThreads(settings.threads)
    with tempfile.TemporaryDirectory() as scratch:
        film = xai.read(films.paths(settings.films, 4, Path(scratch))[0])
    large = xai.Radiograph(cv2.resize(film.pixels, LARGE[::-1]), "large", ())
    result = Result()
    for name in models(settings.weights):
        classifier = xai.load(name, settings.weights, settings.threads)
        for size, radiograph in (("film", film), ("large film", large)):
            canvas = np.ascontiguousarray(letterbox(radiograph.pixels, classifier.size)[0][None])
            contestants = {
                "explain": partial(milliseconds, partial(xai.explain, classifier, radiograph)),
                "forward": partial(milliseconds, partial(classifier.features, canvas)),
            }
            interleave(contestants, WARM_UP)
            samples = interleave(contestants, settings.repeats(ROUNDS))
            medians = {key: summary(values) for key, values in samples.items()}
            ratio = medians["explain"]["median"] / medians["forward"]["median"]
            pixels = "×".join(map(str, radiograph.pixels.shape))
            result.raw[f"{name}, {size}"] = {"pixels": pixels, "ms": medians, "ratio": ratio}
            result.figures += [
                Figure(f"{name}, {pixels} film: explain()", medians["explain"]["median"], "ms"),
                Figure.at_most(f"{name}, {pixels} film: explain() / forward pass", ratio, 1.3, "×"),
            ]
    return result
