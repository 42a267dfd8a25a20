"""Labelled films to judge a model on, and where they came from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from training.data import Film, read_all, split


@dataclass(frozen=True)
class Collection:
    """Films in the order in which they are read.

    Attributes:
        source: what they are, for the reader of a report ("Kermany's layout, split test"); no path.
        films: at least one.
        sizes: path → ``(width, height)`` in pixels as published, only where the file itself has been resized.
    """

    source: str
    films: list[Film]
    sizes: dict[Path, tuple[int, int]] = field(default_factory=dict)


def validation(root: Path) -> Collection:
    """The validation patients of the training data: one in five, by hash (see :func:`training.data.split`)."""
    return Collection("validation patients: one in five, by hash of the identifier", split(read_all(root))[1])


def shared(films: Iterable[Film], others: Iterable[Film]) -> int:
    """How many of the films are among others, or of the same patients.

    A film counts if another has its file name (whatever the format), or, for NIH, its patient. Kermany's splits number
    their patients anew, so there the name alone decides.
    """
    names, patients = set(), set()
    for film in others:
        names.add(film.path.stem)
        if film.population == "adult":
            patients.add(film.patient)
    return sum(film.path.stem in names or film.patient in patients for film in films)
