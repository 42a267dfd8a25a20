"""What a benchmark hands back: figures beside their targets, and the raw numbers behind them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True)
class Figure:
    """One number for the table.

    Attributes:
        what: in words.
        value: NaN where it could not be measured.
        unit: ``"×"``, ``"ms"``, ``"MB"``, … or empty.
        target: in words (``"≤ 1.3"``), empty where there is none.
        met: whether the target is met; None without a target.
    """

    what: str
    value: float
    unit: str = ""
    target: str = ""
    met: bool | None = None

    @classmethod
    def at_most(cls, what: str, value: float, limit: float, unit: str = "") -> Figure:
        """A figure that should not exceed ``limit``; a value that is not a number fails."""
        return cls(what, float(value), unit, f"≤ {limit:.3g}", bool(value <= limit))

    @classmethod
    def at_least(cls, what: str, value: float, limit: float, unit: str = "") -> Figure:
        """A figure that should reach ``limit``; a value that is not a number fails."""
        return cls(what, float(value), unit, f"≥ {limit:.3g}", bool(value >= limit))

    def to_dict(self) -> dict:
        """For the JSON file; a number that could not be measured is null there."""
        value = float(self.value) if math.isfinite(self.value) else None
        return {"what": self.what, "value": value, "unit": self.unit, "target": self.target, "met": self.met}


@dataclass
class Result:
    """Of one benchmark.

    Attributes:
        figures: for the table.
        raw: medians, versions and conditions, for the JSON file.
        errors: contestant → why it could not be measured.
    """

    figures: list[Figure] = field(default_factory=list)
    raw: dict = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    def to_dict(self) -> dict:
        """For the JSON file."""
        return {"figures": [figure.to_dict() for figure in self.figures], "raw": self.raw, "errors": self.errors}


def summary(samples: Iterable[float]) -> dict[str, float]:
    """Median, quartiles, interquartile range, extremes and count of samples in any one unit."""
    values = np.asarray(list(samples), float)
    low, middle, high = np.percentile(values, (25, 50, 75))
    numbers = {"median": middle, "q1": low, "q3": high, "iqr": high - low, "min": values.min(), "max": values.max()}
    return {key: round(float(value), 4) for key, value in numbers.items()} | {"n": values.size}


def interleave(contestants: dict[str, Callable[[], float]], rounds: int) -> dict[str, list[float]]:
    """Call every contestant once per round, forwards and backwards in turn (ABBA…), and collect what they return.

    A machine that slows down or speeds up during the run then does so for all of them alike.
    """
    samples: dict[str, list[float]] = {name: [] for name in contestants}
    order = list(contestants)
    for _ in range(rounds):
        for name in order:
            samples[name].append(contestants[name]())
        order.reverse()
    return samples
