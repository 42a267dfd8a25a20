"""Which readings are better left open, and what that buys: selective classification (Geifman & El-Yaniv 2017)."""

from __future__ import annotations

import numpy as np

# The unsure zone is widened until the readings outside it err this many times as often as all readings do, …
ERROR = 0.5
# … but leaves open no more than this share of the films.
OPEN = 1 / 3


def certainty(probability: np.ndarray, threshold: float) -> np.ndarray:
    """How far each reading lies from the operating point: the share of the readings on its own side that lie closer.

    Ranks on either side, and not a distance, so that both answers are left open at one rate. By distance, in
    probability or in log-odds, the side on which the readings crowd would be left open first, and the errors on the
    other would stand.

    Args:
        probability: ``(n,)``, or any score that ranks alike.
        threshold: the operating point, on the same scale.

    Returns:
        ``(n,)`` in [0, 1); readings of equal probability are equally certain.
    """
    certain = np.zeros(len(probability))
    above = probability >= threshold
    for side, distance in ((above, probability - threshold), (~above, threshold - probability)):
        ranked = np.sort(distance[side])
        certain[side] = np.searchsorted(ranked, distance[side], side="left") / max(len(ranked), 1)
    return certain


def risk_coverage(label: np.ndarray, probability: np.ndarray, threshold: float) -> tuple[np.ndarray, np.ndarray]:
    """The balanced error of the readings that are kept, as the least certain ones are left open.

    The risk is the mean of two rates: the films with the finding that are missed, and the films without it that are
    marked. Plain error would reward a model of a rare finding for never naming it.

    Args:
        label: ``(n,)`` 0 or 1.
        probability: ``(n,)``.
        threshold: the operating point.

    Returns:
        coverage: ``(m,)``, share of the films that is kept, rising to 1.
        risk: ``(m,)`` in [0, 1]; NaN where no film with the finding is kept, or none without it.
    """
    certain = certainty(probability, threshold)
    order = np.argsort(-certain, kind="stable")
    present, above = label[order] > 0.5, probability[order] >= threshold
    last = np.append(np.flatnonzero(np.diff(certain[order])), len(order) - 1)
    with np.errstate(invalid="ignore"):
        missed = np.cumsum(present & ~above)[last] / np.cumsum(present)[last]
        marked = np.cumsum(~present & above)[last] / np.cumsum(~present)[last]
    return (last + 1) / len(order), (missed + marked) / 2


def unsure_zone(label: np.ndarray, probability: np.ndarray, threshold: float) -> tuple[float, float]:
    """The zone around the operating point in which a reading is called unsure: the two thresholds at its edges.

    The narrowest zone, along the curve of :func:`risk_coverage`, outside which the balanced error is at most
    :data:`ERROR` of what it is at full coverage. Where no zone that holds at most :data:`OPEN` of the films achieves
    that, the widest of these: the weaker a finding, the more of its readings are called unsure, up to that share.

    Geifman & El-Yaniv also bound the risk with high probability. With a few dozen films with a finding such a bound
    says nothing, so the edges promise nothing: reports give the error of films on which they were not chosen.

    Args:
        label, probability, threshold: as for :func:`risk_coverage`; films of both kinds.

    Returns:
        low, high: a reading in ``[low, high)`` is unsure; ``low <= threshold <= high``.
    """
    certain = certainty(probability, threshold)
    coverage, risk = risk_coverage(label, probability, threshold)
    allowed = coverage >= 1 - OPEN
    enough = np.flatnonzero(allowed & (risk <= ERROR * risk[-1]))
    kept_from = np.unique(certain)[::-1][enough[-1] if len(enough) else np.flatnonzero(allowed)[0]]
    kept, above = certain >= kept_from, probability >= threshold
    # Halfway between the last reading that is left open and the first that is kept.
    low = probability[kept & ~above].max(initial=0) + probability[~kept & ~above].min(initial=threshold)
    high = probability[~kept & above].max(initial=threshold) + probability[kept & above].min(initial=1)
    return float(low / 2), float(high / 2)


def outside(probability: np.ndarray, zone: tuple[float, float]) -> np.ndarray:
    """``(n,)`` bool: the readings that the unsure zone ``[low, high)`` does not leave open."""
    return (probability < zone[0]) | (probability >= zone[1])
