"""Insertion and deletion curves (Petsiuk et al. 2018): the film taken away, or brought back, hottest cells first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from xai.lab.fills import DEFAULT, FILLS
from xai.lab.regions import cell_areas, ranked
from xai.lab.subject import Subject

STEPS, ORDERS = 20, 3


@dataclass(frozen=True)
class Curve:
    """One finding along one way of taking the film away or bringing it back, as far as it has been drawn.

    Attributes:
        share: ``(s,)`` of the film that has been taken away or brought back, rising from 0.
        logits: ``(s,)``.
    """

    share: np.ndarray
    logits: np.ndarray

    @property
    def probabilities(self) -> np.ndarray:
        """``(s,)`` in [0, 1]."""
        return 1 / (1 + np.exp(-self.logits))

    @property
    def area(self) -> float:
        """Under the probability, as in the paper: its mean along the way, in [0, 1] once the curve is complete."""
        return float(np.trapezoid(self.probabilities, self.share))

    @property
    def log_odds(self) -> float:
        """Under the logit: its mean along the way, which tells curves apart where probabilities are all small."""
        return float(np.trapezoid(self.logits, self.share))


@dataclass(frozen=True)
class Curves:
    """Both kinds of curve, for the map's order (first) and for random orders of the same cells.

    Attributes:
        names: of the findings, in the order of the arrays.
        fill: key of :data:`~xai.lab.fills.FILLS`, what stands in the place of what is not there.
        share: ``(1 + orders, s)`` of the film.
        deletion, insertion: ``(1 + orders, s, c)`` logits.
        steps: how many there will be after the start.
    """

    names: tuple[str, ...]
    fill: str
    share: np.ndarray
    deletion: np.ndarray
    insertion: np.ndarray
    steps: int

    @property
    def begun(self) -> bool:
        """Whether any step has been taken: at the start alone there is no area."""
        return self.share.shape[1] > 1

    @property
    def complete(self) -> bool:
        """Whether the curves have been drawn to their end."""
        return self.share.shape[1] == self.steps + 1

    def of_map(self, kind: str, name: str) -> Curve:
        """``"deletion"`` or ``"insertion"`` of one finding in the map's order."""
        return self._curve(kind, name, 0)

    def at_random(self, kind: str, name: str) -> list[Curve]:
        """The same in every random order."""
        return [self._curve(kind, name, order) for order in range(1, len(self.share))]

    def _curve(self, kind: str, name: str, order: int) -> Curve:
        logits = {"deletion": self.deletion, "insertion": self.insertion}[kind]
        return Curve(self.share[order], logits[order, :, self.names.index(name)])

    def to_dict(self, name: str) -> dict:
        """One finding's curves, for JSON."""
        out: dict = {"fill": self.fill}
        for kind in ("deletion", "insertion"):
            own, random = self.of_map(kind, name), self.at_random(kind, name)
            out[kind] = {
                "share": own.share.tolist(),
                "probability": own.probabilities.tolist(),
                "area": own.area,
                "log_odds": own.log_odds,
                "random_areas": [curve.area for curve in random],
                "random_log_odds": [curve.log_odds for curve in random],
            }
        return out


def curves(
    subject: Subject, heat: np.ndarray, fill: str = DEFAULT, steps: int = STEPS, orders: int = ORDERS, seed: int = 0
) -> Iterator[Curves]:
    """Draw the curves of a map from left to right, all at once.

    Args:
        subject: the film.
        heat: ``(h, w)`` on the subject's grid, the hottest highest.
        fill: key of :data:`~xai.lab.fills.FILLS`; ``"mean"`` is here the mean grey of the whole film.
        steps: from nothing to everything.
        orders: how many random orders of the cells.
        seed: of the random orders.

    Yields:
        All that is known so far: first where the curves start, then one more step at a time, each of which shows the
        model ``2 · (1 + orders)`` films.
    """
    population = subject.explanation.gate.population
    empty = FILLS[fill].prepare(subject.film, population)(np.ones(subject.film.shape, bool))
    rng = np.random.default_rng(seed)
    own = ranked(subject, heat)
    ways = [own, *(rng.permutation(own) for _ in range(orders))]
    areas = cell_areas(subject)
    # How much of the film lies in a cell and those before it: in the order of each way, and by cell.
    ends = [np.cumsum(areas[way]) / subject.film.size for way in ways]
    ranks = np.ones((len(ways), len(areas)))
    for rank, way, end in zip(ranks, ways, ends):
        rank[way] = end

    start = subject.look([empty]).logits[0]
    share = np.zeros((len(ways), 1))
    deletion = np.tile(subject.logits, (len(ways), 1, 1))
    insertion = np.tile(start, (len(ways), 1, 1))
    yield Curves(subject.names, fill, share, deletion, insertion, steps)
    for step in range(1, steps + 1):
        # The cell that crosses the line is taken whole: the last step takes all.
        reached = np.array([end[min(np.searchsorted(end, step / steps - 1e-9), len(end) - 1)] for end in ends])
        gone = (ranks <= reached[:, None])[:, subject.cells]
        films = [np.where(part, empty, subject.film) for part in gone]
        films += [np.where(part, subject.film, empty) for part in gone]
        logits = np.concatenate([look.logits for look in subject.looks(films)])[:, None]
        share = np.concatenate([share, reached[:, None]], axis=1)
        deletion = np.concatenate([deletion, logits[: len(ways)]], axis=1)
        insertion = np.concatenate([insertion, logits[len(ways) :]], axis=1)
        yield Curves(subject.names, fill, share, deletion, insertion, steps)
