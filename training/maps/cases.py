"""On which films: every boxed finding, a sample of them for what takes long, and true positives."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from training.data import Film

# Boxed films of each finding on which everything is measured, and what takes longest.
SAMPLED, SAMPLED_DEAR = 2, 1
# True positives of each finding.
TRUE_POSITIVES = 12
SEED = 0


@dataclass(frozen=True)
class Case:
    """One finding on one film that shows it.

    Attributes:
        film: a validation film.
        finding: its name.
    """

    film: Film
    finding: str

    @property
    def key(self) -> str:
        """Names the case in records."""
        return f"{self.film.path.name} {self.finding}"

    @property
    def boxes(self) -> list[tuple[float, float, float, float]]:
        """The finding's boxes, as fractions of the film; none where no radiologist drew any."""
        return self.film.boxes.get(self.finding, [])


def boxed(films: list[Film], findings: list[str]) -> list[Case]:
    """Every finding with a box, of those that the model knows."""
    return [Case(film, name) for film in films for name in film.boxes if name in findings]


def sampled(cases: list[Case], each: int, seed: int = SEED) -> list[Case]:
    """At most ``each`` cases of every finding, drawn at random; a smaller draw is part of a larger one."""
    order = np.random.default_rng(seed).permutation(len(cases))
    taken: dict[str, list[Case]] = {}
    for i in order:
        taken.setdefault(cases[i].finding, []).append(cases[i])
    return [case for of_finding in taken.values() for case in of_finding[:each]]
