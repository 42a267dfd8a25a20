"""Hide a region and look again, beside the same for random regions of equal area and shape."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np

from xai.evidence import probability
from xai.lab.controls import elsewhere
from xai.lab.fills import DEFAULT, FILLS, cover
from xai.lab.subject import Subject

CONTROLS = 20


@dataclass(frozen=True)
class Effect:
    """What hiding did to one finding.

    Attributes:
        before, after: logits.
        random: ``(m,)`` by how much each random region looked at so far lowers the logit.
        complete: whether all random regions have been looked at.
    """

    before: float
    after: float
    random: np.ndarray
    complete: bool

    @property
    def drop(self) -> float:
        """By how much hiding the region lowers the evidence, in log-odds; negative where it raises it."""
        return self.before - self.after

    @property
    def p(self) -> float:
        """One-sided permutation p, ``(k + 1) / (m + 1)`` for ``k`` random regions that lower the evidence as much."""
        return (1 + int((self.random >= self.drop).sum())) / (1 + len(self.random))

    def to_dict(self) -> dict:
        """For JSON."""
        return {
            "logit": [self.before, self.after],
            "probability": [probability(self.before), probability(self.after)],
            "drop": self.drop,
            "random_drops": self.random.tolist(),
            "p": self.p,
        }


@dataclass(frozen=True)
class Hidden:
    """The film with a region hidden, and what is known so far.

    Attributes:
        names: of the findings, in the order of the arrays.
        fill: key of :data:`~xai.lab.fills.FILLS`.
        region: ``(H, W)`` bool, on the subject's film.
        film: ``(H, W)`` float32, the film as it was shown again.
        before, after: ``(c,)`` logits.
        maps: ``(c, h, w)`` evidence on the film with the region hidden.
        random: ``(m, c)`` logits with each random region hidden.
        controls: how many random regions there will be.
    """

    names: tuple[str, ...]
    fill: str
    region: np.ndarray
    film: np.ndarray
    before: np.ndarray
    after: np.ndarray
    maps: np.ndarray
    random: np.ndarray
    controls: int

    @property
    def share(self) -> float:
        """Of the film's area that is hidden."""
        return float(self.region.mean())

    @property
    def complete(self) -> bool:
        """Whether all random regions have been looked at."""
        return len(self.random) == self.controls

    def effect(self, name: str) -> Effect:
        """On one finding."""
        column = self.names.index(name)
        before = float(self.before[column])
        return Effect(before, float(self.after[column]), before - self.random[:, column], self.complete)


def hide(
    subject: Subject, region: np.ndarray, fill: str = DEFAULT, controls: int = CONTROLS, seed: int = 0
) -> Iterator[Hidden]:
    """Hide a region, then random ones: ``1 + controls`` films through the model, the first by itself.

    Args:
        subject: the film.
        region: ``(H, W)`` bool, from :mod:`xai.lab.regions`.
        fill: key of :data:`~xai.lab.fills.FILLS`.
        controls: how many random regions.
        seed: of the random regions; the same regions come again with it.

    Yields:
        All that is known so far: first the region alone, then more and more random regions.
    """
    filling = FILLS[fill].prepare(subject.film, subject.explanation.gate.population)
    rng = np.random.default_rng(seed)

    def hidden(part: np.ndarray) -> np.ndarray:
        return cover(subject.film, part, filling(part))

    film = hidden(region)
    look = subject.look([film])
    random = np.empty((0, len(subject.names)))

    def so_far() -> Hidden:
        return Hidden(subject.names, fill, region, film, subject.logits, look.logits[0], look.maps[0], random, controls)

    yield so_far()
    for more in subject.looks(map(hidden, islice(elsewhere(region, rng), controls))):
        random = np.concatenate([random, more.logits])
        yield so_far()
