"""The same figures on parts of the films: does the model read everybody's film equally well?"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from training.data import Film
from training.evaluation.collection import Collection
from training.evaluation.judgement import Judgement, rates
from training.metrics import auc, interval

FEWEST = 10  # films with, or without, the finding: below it a slice is marked as too small
ROUNDS = 300
AGES = ((0, 18, "under 18"), (18, 40, "18–39"), (40, 60, "40–59"), (60, 80, "60–79"), (80, 200, "80 and over"))
SIDES = ((0, 500), (500, 1000), (1000, 1500), (1500, 2000), (2000, 2500), (2500, None))


def sex(film: Film) -> str:
    """``"women"``, ``"men"``, or ``""`` where unknown."""
    return {"F": "women", "M": "men"}.get(film.sex.upper(), "")


def age_band(film: Film) -> str:
    """The band that holds the film's age in years; ``""`` where unknown, or not a number."""
    if not film.age.isdecimal():
        return ""
    return next((name for low, high, name in AGES if low <= int(film.age) < high), "")


def size_band(width: int, height: int) -> str:
    """The band that holds the longer side of a film, in pixels."""
    low, high = next((low, high) for low, high in SIDES if high is None or max(width, height) < high)
    return f"{low} px and over" if high is None else f"{low}–{high - 1} px" if low else f"under {high} px"


def groups(collection: Collection, shapes: np.ndarray) -> dict[str, np.ndarray]:
    """Every film's group in every dimension, ``""`` where unknown.

    Args:
        collection: the films.
        shapes: ``(n, 2)``, height and width of the decoded films, where the published size is not known.
    """
    films = collection.films
    sizes = [collection.sizes.get(film.path, (width, height)) for film, (height, width) in zip(films, shapes)]
    return {
        "sex": np.array([sex(film) for film in films]),
        "age": np.array([age_band(film) for film in films]),
        "view": np.array([film.view.upper() for film in films]),
        "film size": np.array([size_band(*size) for size in sizes]),
    }


def measure(judgement: Judgement, group: np.ndarray) -> dict[str, dict]:
    """Figures of one finding in every group of one dimension, in the order of the bands.

    Args:
        judgement: of the finding.
        group: of every film of the collection; ``""`` is left out.

    Returns:
        Group → films, positive, AUC with interval, sensitivity, specificity, and whether the slice is too small to say
        anything. Empty if all films fall into one group.
    """
    group = group[judgement.rows]
    names = ordered(set(group.tolist()) - {""})
    return {name: _slice(judgement, group == name) for name in names} if len(names) > 1 else {}


def ordered(names: Iterable[str]) -> list[str]:
    """Names of groups, each once: bands from low to high, others by name."""
    bands = [*(band[2] for band in AGES), *(size_band(low, low) for low, _ in SIDES)]
    return sorted(set(names), key=lambda name: (bands.index(name) if name in bands else -1, name))


def _slice(judgement: Judgement, chosen: np.ndarray) -> dict:
    y, z, who = judgement.label[chosen], judgement.logit[chosen], judgement.patients[chosen]
    positive = int(y.sum())
    both = 0 < positive < len(y)
    at_point = rates(y, judgement.above[chosen])
    return {
        "films": len(y),
        "positive": positive,
        "too_small": min(positive, len(y) - positive) < FEWEST,
        "auc": auc(y, z),
        "auc_interval": interval(auc, who, y, z, rounds=ROUNDS) if both else None,
        "sensitivity": at_point["sensitivity"],
        "specificity": at_point["specificity"],
    }
