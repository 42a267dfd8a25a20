"""Figures of merit, each with the interval that resampling patients gives it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

BINS = 10
WILSON = 1.96  # standard deviations on either side of a 95 % interval


def auc(label: np.ndarray, score: np.ndarray) -> float:
    """Area under the ROC curve (Mann-Whitney, ties count half); NaN where one class is empty."""
    order = np.argsort(score, kind="stable")
    _, inverse, counts = np.unique(score[order], return_inverse=True, return_counts=True)
    ranks = np.empty(len(score))
    ranks[order] = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    positives = label > 0.5
    n, m = positives.sum(), (~positives).sum()
    return float((ranks[positives].sum() - n * (n + 1) / 2) / (n * m)) if n and m else float("nan")


def sensitivity(label: np.ndarray, probability: np.ndarray, threshold: float) -> float:
    """Share of the films with the finding that reach the threshold."""
    return float((probability[label > 0.5] >= threshold).mean())


def specificity(label: np.ndarray, probability: np.ndarray, threshold: float) -> float:
    """Share of the films without the finding that stay below the threshold."""
    return float((probability[label < 0.5] < threshold).mean())


def balanced_error(label: np.ndarray, above: np.ndarray) -> float:
    """Mean of the share of films with the finding that are missed and of films without it that are marked.

    Args:
        label: ``(n,)`` 0 or 1.
        above: ``(n,)`` bool, whether each film is marked.

    Returns:
        In [0, 1], 0.5 for a guess; NaN where one class is empty.
    """
    present = label > 0.5
    if present.all() or not present.any():
        return float("nan")
    return float(((~above[present]).mean() + above[~present].mean()) / 2)


def calibration_error(label: np.ndarray, probability: np.ndarray) -> float:
    """Expected calibration error over ten bins of equal count (Nguyen & O'Connor 2015)."""
    bins = equal_bins(probability)
    return float(sum(len(b) * abs(label[b].mean() - probability[b].mean()) for b in bins) / len(label))


def equal_bins(probability: np.ndarray) -> list[np.ndarray]:
    """Rows of up to ten bins of equal count, from the lowest probability to the highest; none is empty."""
    return [rows for rows in np.array_split(np.argsort(probability, kind="stable"), BINS) if len(rows)]


def resamples(patients: np.ndarray, rounds: int = 1000, seed: int = 0) -> Iterator[np.ndarray]:
    """Rows of each bootstrap round: as many whole patients ``(n,)`` as there are, drawn with replacement."""
    rng = np.random.default_rng(seed)
    _, group = np.unique(patients, return_inverse=True)
    rows_of = np.split(np.argsort(group, kind="stable"), np.cumsum(np.bincount(group))[:-1])
    for _ in range(rounds):
        yield np.concatenate([rows_of[i] for i in rng.integers(len(rows_of), size=len(rows_of))])


def interval(
    figure: Callable[..., float], patients: np.ndarray, *columns: np.ndarray, rounds: int = 1000, seed: int = 0
) -> tuple[float, float]:
    """The 95 % bootstrap interval of ``figure(*columns)``, resampling whole patients.

    Args:
        figure: takes the columns, returns one number; rounds where it is NaN are left out.
        patients: ``(n,)`` identifiers.
        columns: arrays of ``n`` rows.
    """
    values = [figure(*(column[rows] for column in columns)) for rows in resamples(patients, rounds, seed)]
    low, high = np.nanpercentile(values, (2.5, 97.5))
    return float(low), float(high)


def mean_interval(patients: np.ndarray, values: np.ndarray) -> tuple[float, float]:
    """The 95 % interval of a mean: :func:`interval`, or :func:`unanimous` where every film has 0, or every film 1.

    Args:
        patients: ``(n,)`` identifiers, at least one.
        values: ``(n,)``.
    """
    if values[0] in (0, 1) and (values == values[0]).all():
        return unanimous(values[0], patients)
    return interval(np.mean, patients, values)


def unanimous(share: float, patients: np.ndarray) -> tuple[float, float]:
    """Wilson's 95 % interval of a share of 0 or 1, every patient being one trial.

    Resampled, twenty hits out of twenty are twenty out of twenty every time: the bootstrap has nothing to say here.
    """
    away = WILSON**2 / (len(np.unique(patients)) + WILSON**2)
    return (1 - away, 1.0) if share else (0.0, away)


def means(patients: np.ndarray, rows: Sequence[Mapping[str, float]]) -> dict[str, float | tuple[float, float]]:
    """The mean of every figure, and its :func:`mean_interval` as ``…_interval``.

    Args:
        patients: ``(n,)`` identifiers.
        rows: the same figures of ``n`` films, at least one.
    """
    out: dict[str, float | tuple[float, float]] = {}
    for name in rows[0]:
        values = np.array([row[name] for row in rows], float)
        out[name] = float(values.mean())
        out[f"{name}_interval"] = mean_interval(patients, values)
    return out
