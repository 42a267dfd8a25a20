"""What a trained recipe does on validation patients, with the measures of :mod:`training.evaluation`."""

from __future__ import annotations

import datetime
import json
import time
from types import SimpleNamespace

import numpy as np

from training.data import ADULT, Film, load
from training.evaluation.boxes import localisation
from training.evaluation.judgement import counts, figures, judge, rates
from training.evaluation.reading import read
from training.recipes.baseline import to_json
from training.recipes.films import labelled
from training.recipes.predictor import Committee, Trained

TIMED = 20  # films read one at a time


def report(predictor: Trained | Committee, validation: list[Film], training: dict, command: str) -> dict:
    """The committed report of one recipe.

    Args:
        predictor: with its thresholds fixed.
        validation: films of validation patients, from :func:`training.data.split`.
        training: what is to be said of the training.
        command: that made the report.
    """
    films = labelled(validation, predictor.findings)
    pixels = load(films, f"{predictor.name}: validation films")
    members = predictor.members if isinstance(predictor, Committee) else [predictor]
    document = {
        "recipe": predictor.name,
        "declared": to_json(predictor.baseline) if isinstance(predictor, Trained) else None,
        "date": datetime.date.today().isoformat(),
        "command": command,
        "split": "validation: one patient in five, by hash of the patient's identifier",
        "note": "thresholds were fixed on held-out training patients, never on these films; probabilities as served",
        "films": {"total": len(films), "patients": len({film.patient for film in films})},
        "training": training,
        "parameters": predictor.parameters,
        "seconds_per_film": seconds(predictor, pixels),
        "findings": _findings(predictor, films, pixels),
        "localisation": _localisation(predictor, validation, members[0].baseline.boxes),
    }
    if isinstance(predictor, Trained) and predictor.baseline.served_scaling:
        document["served_scaling"] = {
            "learnt": predictor.baseline.scaling,
            "served": predictor.baseline.served_scaling,
            "findings": _findings(predictor.served(), films, pixels),
        }
    # JSON has no NaN: null where nothing could be counted.
    return json.loads(json.dumps(document), parse_constant=lambda _: None)


def seconds(predictor: Trained | Committee, pixels: list[np.ndarray]) -> dict[str, float]:
    """Median wall time of one film, letter-boxing included: logits alone, and with Grad-CAM."""
    taken = {}
    for key, answer in (("logits", predictor.logits), ("with_grad_cam", predictor.read)):
        answer(pixels[:1])  # the first call compiles
        times = []
        for grey in pixels[:TIMED]:
            began = time.perf_counter()
            answer([grey])
            times.append(time.perf_counter() - began)
        taken[key] = round(float(np.median(times)), 5)
    return taken


def _findings(predictor: Trained | Committee, films: list[Film], pixels: list[np.ndarray]) -> dict:
    judged = judge(predictor, films, predictor.logits(pixels))
    out = {}
    for name, judgement in judged.items():
        half = judgement.probability >= 0.5
        out[name] = figures(judgement) | {
            "at_half": rates(judgement.label, half) | counts(judgement.label, half),
            "commoner_answer": float(max(judgement.label.mean(), 1 - judgement.label.mean())),
        }
    return out


def _localisation(predictor: Trained | Committee, validation: list[Film], stand_in: str | None) -> dict:
    """The maps of adults' findings against boxes; a child's finding is judged on its stand-in among the adults'."""
    names = (stand_in,) if stand_in else tuple(name for name in predictor.findings if name in ADULT)
    boxed = [film for film in validation if any(name in film.boxes for name in names)]
    if not boxed:
        return {}
    readings = read(predictor, boxed)
    columns = SimpleNamespace(findings=(stand_in,) if stand_in else predictor.findings)
    return localisation(columns, boxed, readings)
