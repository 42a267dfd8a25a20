"""From records to the report: means, with the intervals that resampling patients gives them."""

from __future__ import annotations

import numpy as np

from training.data import ADULT, Film
from training.maps.baselines import BASELINES
from training.maps.cases import Case
from training.maps.survey import SURVEYED
from training.metrics import means
from xai.classifier import Classifier

Rows = list[tuple[str, dict]]  # patient and figures


def summary(classifier: Classifier, films: list[Film], survey: dict) -> dict:
    """One checkpoint's part of the report, see ``docs/laboratory.md``.

    Args:
        classifier: that was surveyed.
        films: validation films.
        survey: of :func:`training.maps.survey.survey`.
    """
    by_key = {case.key: case for case in [*survey["boxed"], *survey["positive"]]}
    methods = {**SURVEYED, **BASELINES}
    return {
        "version": classifier.version,
        "films": {"boxed": len(survey["placed"]), "sample": len(survey["sample"]), "validation": len(films)},
        "methods": {key: _method(key, methods[key], survey, by_key) for key in methods},
        "findings": _findings(survey, by_key),
        "true_positives": _true_positives(survey, by_key),
        "meter": _meter(classifier, films, survey),
    }


def _rows(records: dict[str, dict], by_key: dict[str, Case], *path: str) -> Rows:
    """What lies at ``path`` in every record that has it."""
    rows = []
    for key, figures in records.items():
        for step in path:
            figures = figures.get(step) if figures is not None else None
        if figures is not None:
            rows.append((by_key[key].film.patient, figures))
    return rows


def _means(rows: Rows) -> dict | None:
    """``films``, and of every figure its mean and ``…_interval``; None without rows."""
    if not rows:
        return None
    patients, figures = zip(*rows)
    return {"films": len(rows), **means(np.array(patients), figures)}


def _named(rows: Rows, name: str) -> Rows:
    return [(patient, {name: value}) for patient, value in rows]


def _method(key: str, method, survey: dict, by_key: dict[str, Case]) -> dict:
    sample, placed = survey["sample"], survey["placed"]
    shown, seconds = ([value for _, value in _rows(sample, by_key, key, what)] for what in ("passes", "seconds"))
    return {
        "label": method.label,
        "unit": method.unit,
        "baseline": key in BASELINES,
        "passes": float(np.median(shown)) if shown else None,
        "seconds": float(np.median(seconds)) if seconds else None,
        "localisation": _means(_rows(placed, by_key, key) or _rows(sample, by_key, key, "boxes")),
        "hide": _means(_rows(sample, by_key, key, "hide")),
        "deletion": _means(_named(_rows(sample, by_key, key, "deletion"), "log_odds")),
        "insertion": _means(_named(_rows(sample, by_key, key, "insertion"), "log_odds")),
        "stability": _means(_named(_rows(sample, by_key, key, "stability"), "spearman")),
        "randomised": _means(_rows(sample, by_key, key, "randomised")),
    }


def _findings(survey: dict, by_key: dict[str, Case]) -> dict:
    """The evidence map's hottest point beside chance, by finding."""
    rows = survey["placed"]

    def entry(keys: list[str]) -> dict:
        hit, chance = (
            float(np.mean([rows[key][method]["argmax_in_box"] for key in keys])) for method in ("evidence", "random")
        )
        return {"films": len(keys), "argmax_in_box": hit, "random": chance}

    out = {}
    for name in ADULT:
        keys = [key for key in rows if by_key[key].finding == name]
        if keys:
            out[name] = entry(keys)
    return out | ({"all": entry(list(rows))} if rows else {})


def _true_positives(survey: dict, by_key: dict[str, Case]) -> dict | None:
    rows = _rows(survey["hidden"], by_key)
    if not rows:
        return None
    by_finding: dict[str, list[float]] = {}
    for key, figures in survey["hidden"].items():
        by_finding.setdefault(by_key[key].finding, []).append(figures["above_random"])
    return _means(rows) | {
        "by_finding": {
            name: {"films": len(values), "above_random": float(np.mean(values))} for name, values in by_finding.items()
        }
    }


def _meter(classifier: Classifier, films: list[Film], survey: dict) -> dict:
    """Mean shares of the positive evidence over the films of each finding's population that have any."""
    out = {}
    for name, finding in classifier.findings.items():
        shares = [
            reading["meter"]
            for film in films
            if film.population == finding.population and (reading := survey["readings"][film.path.name][name])["any"]
        ]
        if shares:
            average = {part: float(np.mean([one[part] for one in shares])) for part in shares[0]}
            out[name] = {"films": len(shares), **average}
    return out
