"""``python -m training.framing``: what the shipped checkpoints say of children's films that were cut otherwise.

Kermany's normal films and those with pneumonia were framed differently, and those of the official test split differently
again. A model that has learnt the frame is right on validation films and wrong on the next hospital's.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

import xai
from training.data import DATA, Film, load, read_split
from training.metrics import auc, sensitivity, specificity
from training.report import read_films
from xai.classifier import Classifier

FINDING = "pneumonia_child"
# Films of each kind, normal and with pneumonia.
EACH, SEED = 150, 0

Cut = Callable[[np.ndarray], np.ndarray]


def cut(share: float) -> Cut:
    """So much off each of the four sides."""

    def apply(film: np.ndarray) -> np.ndarray:
        top, left = (int(share * side) for side in film.shape)
        return film[top : film.shape[0] - top, left : film.shape[1] - left]

    return apply


def padded(share: float) -> Cut:
    """Black added on each side."""

    def apply(film: np.ndarray) -> np.ndarray:
        rows, columns = (int(share * side) for side in film.shape)
        return cv2.copyMakeBorder(film, rows, rows, columns, columns, cv2.BORDER_CONSTANT)

    return apply


def wider(factor: float) -> Cut:
    """Stretched from side to side."""
    return lambda film: cv2.resize(film, None, fx=factor, fy=1, interpolation=cv2.INTER_LINEAR)


FRAMES: dict[str, Cut] = {
    "as published": lambda film: film,
    "5 % cut off each side": cut(0.05),
    "10 % cut off each side": cut(0.10),
    "8 % black added on each side": padded(0.08),
    "15 % narrower": wider(0.85),
    "15 % wider": wider(1.15),
}


def chosen(films: list[Film]) -> list[Film]:
    """Children's films, normal and with pneumonia, at most :data:`EACH` of either, drawn at random."""
    rng = np.random.default_rng(SEED)
    kinds = ([f for f in films if f.population == "child" and f.normal == normal] for normal in (True, False))
    return [kind[i] for kind in kinds for i in rng.permutation(len(kind))[:EACH]]


def report(classifier: Classifier, films: list[Film], pixels: list[np.ndarray]) -> dict:
    """By frame: ``auc``, ``sensitivity`` and ``specificity`` at the operating point, ``moved`` (median log-odds, normal).

    Args:
        classifier: as visitors load it.
        films: from :func:`chosen`.
        pixels: theirs, from :func:`training.data.load`.
    """
    finding = classifier.findings[FINDING]
    column = list(classifier.findings).index(FINDING)
    label = np.array([film.labels[FINDING] for film in films], float)
    out, first = {}, None
    for name, frame in FRAMES.items():
        framed = [frame(grey) for grey in pixels]
        logits = read_films(classifier, framed, f"{classifier.name}: {name}").logits[:, column]
        first = logits if first is None else first
        probability = 1 / (1 + np.exp(-logits))
        out[name] = {
            "auc": auc(label, logits),
            "sensitivity": sensitivity(label, probability, finding.operating_point),
            "specificity": specificity(label, probability, finding.operating_point),
            "moved": float(np.median((logits - first)[label < 0.5])),
        }
    return out


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m training.framing", description=__doc__)
    parser.add_argument("names", nargs="*", default=["guided", "plain"], help="checkpoints (default: guided and plain)")
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--weights", type=Path, default=Path("weights"))
    parser.add_argument("--report", type=Path, default=Path("reports/framing.json"))
    arguments = parser.parse_args()
    films = chosen(read_split(arguments.data)[1])
    pixels = load(films, "validation films")
    classifiers = {name: xai.load(name, arguments.weights) for name in arguments.names}
    figures = {
        "command": "python -m training.framing",
        "finding": FINDING,
        "films": {"normal": sum(film.normal for film in films), "pneumonia": sum(not film.normal for film in films)},
        "note": "children's validation films; sensitivity and specificity at the shipped operating point",
        "versions": {name: classifier.version for name, classifier in classifiers.items()},
        "models": {name: report(classifier, films, pixels) for name, classifier in classifiers.items()},
    }
    arguments.report.write_text(json.dumps(figures, indent=1) + "\n")
    print(arguments.report)


if __name__ == "__main__":
    main()
