"""Do a predictor's maps lie where radiologists drew their boxes?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from training import report
from training.data import ADULT, FINDINGS, Film
from training.evaluation.predictor import Predictor
from training.evaluation.reading import Readings


def localisation(predictor: Predictor, films: list[Film], readings: Readings) -> dict:
    """The table of :func:`training.report.maps_against_boxes`; empty without maps, or without boxes to compare."""
    if readings.maps is None:
        return {}
    own = [name for name in ADULT if name in predictor.findings]
    boxed = [films[i] for i in readings.boxed]
    boxed = [replace(film, boxes={name: film.boxes[name] for name in film.boxes if name in own}) for film in boxed]
    if not any(film.boxes for film in boxed):
        return {}
    evidence = np.zeros((*readings.maps.shape[:3], len(FINDINGS)), np.float32)
    for column, name in enumerate(predictor.findings):
        evidence[..., FINDINGS.index(name)] = readings.maps[..., column]
    nothing = np.zeros(len(boxed))
    return report.maps_against_boxes(
        boxed, report.Readings(readings.logits[readings.boxed], evidence, readings.extent, nothing, nothing > 0)
    )
