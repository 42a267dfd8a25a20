"""Does the model know this kind of picture? Judged from the features that it computes anyway."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Verdict:
    """What the gate says of one picture.

    Attributes:
        chest_film: whether the picture resembles the frontal chest films that the model was trained on.
        population: ``"adult"`` or ``"child"``, whichever training films it resembles more.
        distance: from the training films, 1.0 at the gate's threshold.
    """

    chest_film: bool
    population: str
    distance: float


class Gate:
    """Mahalanobis distance of pooled features to the nearer population (Lee et al. 2018, one layer, reduced space).

    Pooled features are projected on the training films' principal components; the distance is taken in that space,
    to the mean of each population, and what the projection leaves over is added as one more axis.
    """

    def __init__(self, mean, basis, scale, centres, precision, threshold: float):
        """
        Args:
            mean: ``(k,)`` mean pooled features of the training films.
            basis: ``(k, d)`` principal components.
            scale: ``(1,)`` standard deviation of the residual's norm.
            centres: ``(2, d + 1)`` means of adult and child films in the reduced space.
            precision: ``(d + 1, d + 1)`` shared inverse covariance there.
            threshold: distance beyond which a picture is called unfamiliar, fixed on validation films.
        """
        self.mean, self.basis, self.scale = mean, basis, scale
        self.centres, self.precision, self.threshold = centres, precision, threshold

    def distances(self, pooled: np.ndarray) -> np.ndarray:
        """Pooled features ``(B, k)`` → Mahalanobis distances ``(B, 2)`` to adult and child films."""
        centred = pooled - self.mean
        inside = centred @ self.basis
        left_over = np.sqrt(np.maximum((centred**2).sum(1) - (inside**2).sum(1), 0)) / self.scale
        reduced = np.concatenate([inside, left_over[:, None]], axis=1)
        delta = reduced[:, None] - self.centres
        return np.sqrt(np.einsum("bpi,ij,bpj->bp", delta, self.precision, delta))

    def judge(self, pooled: np.ndarray) -> Verdict:
        """Pooled features ``(k,)`` → :class:`Verdict`."""
        distances = self.distances(pooled[None])[0]
        nearest = int(distances.argmin())
        distance = float(distances[nearest] / self.threshold)
        return Verdict(distance <= 1, ("adult", "child")[nearest], distance)
