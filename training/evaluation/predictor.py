"""What can be evaluated: anything that turns films into logits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np


@dataclass(frozen=True)
class Answer:
    """What a predictor says of ``n`` films.

    Attributes:
        logits: ``(n, c)``, calibrated, in log-odds.
        maps: ``(n, h, w, c)``, signed, or None where the predictor has none.
        extent: ``(n, 4)``, where each grid lies on its film (see :class:`xai.Explanation`); None without maps.
    """

    logits: np.ndarray
    maps: np.ndarray | None = None
    extent: np.ndarray | None = None


class Predictor(Protocol):
    """A model whose thresholds were fixed beforehand.

    Attributes:
        name, version: of the checkpoint or recipe.
        findings: names out of :data:`training.data.FINDINGS`, in the order of the logits.
        thresholds: finding → operating point on the probability, in (0, 1). An evaluation never refits it.
        unsure: finding → ``(low, high)`` probabilities between which a reading is called unsure; empty where the
            model always commits itself.
    """

    name: str
    version: str
    findings: tuple[str, ...]
    thresholds: dict[str, float]
    unsure: dict[str, tuple[float, float]]

    def read(self, pixels: list[np.ndarray]) -> Answer:
        """Read films, each ``(H, W)`` uint8, bone white, normalised (see :func:`xai.radiograph.normalise`)."""
        ...
