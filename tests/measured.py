"""A report of ``python -m training maps`` as tests see it: figures made up, in the shape of the real one."""

from __future__ import annotations

import json
from pathlib import Path

from xai.methods import METHODS

# How often the hottest point lies in a box, by method; the rest of the figures follow from it.
HITS = {"evidence": 0.59, "hires-cam": 0.59, "grad-cam": 0.59, "layer-cam": 0.52, "eigen-cam": 0.14}
BASELINES = {"random": ("Chance", 0.08), "centre": ("Middle of the film", 0.18), "edges": ("Edge detector", 0.11)}


def report(versions: dict[str, str], hits: dict[str, float] = HITS, scale: float = 1.0) -> dict:
    """A report on checkpoints of these versions, with cardiomegaly and effusion boxed; later ones hit ever less."""
    return {
        "command": "python -m training maps",
        "date": "2026-11-21",
        "split": "validation: one patient in five",
        "note": "Hidden: the hottest 10% of the film <beside> random regions.",
        "machine": "x86_64, 2 threads",
        "models": {
            name: model(version, {key: value * scale * 0.5**i for key, value in hits.items()})
            for i, (name, version) in enumerate(versions.items())
        },
    }


def model(version: str, hits: dict[str, float]) -> dict:
    """One checkpoint's part."""
    methods = {key: method(METHODS[key].label, hit, False) for key, hit in hits.items()}
    methods |= {key: method(label, hit, True) for key, (label, hit) in BASELINES.items()}
    if "eigen-cam" in methods:
        methods["eigen-cam"]["randomised"] = mean(32, head=1.0, all=0.1)
    return {
        "version": version,
        "films": {"boxed": 190, "sample": 32, "validation": 1513},
        "methods": methods,
        "findings": {
            "cardiomegaly": {"films": 20, "argmax_in_box": 1.0, "random": 0.16},
            "effusion": {"films": 8, "argmax_in_box": 0.5, "random": 0.07},
            "all": {"films": 190, "argmax_in_box": hits["evidence"], "random": 0.08},
        },
        "true_positives": mean(120, above_random=0.93) | {"by_finding": {}},
        "meter": {
            "cardiomegaly": {
                "films": 501,
                "border": 0.05,
                "corners": 0.01,
                "heart": 0.61,
                "lungs": 0.3,
                "outside": 0.09,
            }
        },
    }


def method(label: str, hit: float, baseline: bool) -> dict:
    """One method's part: the better it points, the better its other figures."""
    return {
        "label": label,
        "unit": "log-odds",
        "baseline": baseline,
        "passes": 0 if baseline else 1,
        "seconds": 0.08,
        "localisation": mean(190, argmax_in_box=hit, share_in_box=0.6 * hit, iou=0.5 * hit),
        "hide": mean(32, drop=2 * hit, random=0.1, above_random=0.5 + 0.5 * hit),
        "deletion": mean(32, log_odds=-5 * hit),
        "insertion": mean(32, log_odds=-3 + hit),
        "stability": None if baseline else mean(32, spearman=0.9),
        "randomised": None if baseline else mean(32, head=0.2, all=0.1),
    }


def mean(films: int, **figures: float) -> dict:
    """Figures with intervals of ±0.05."""
    intervals = {f"{name}_interval": [value - 0.05, value + 0.05] for name, value in figures.items()}
    return {"films": films, **figures, **intervals}


def write(path: Path, versions: dict[str, str]) -> Path:
    """The report as a file. Returns its path."""
    path.write_text(json.dumps(report(versions)))
    return path
