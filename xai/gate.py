"""Does the model know this kind of picture? Judged from the features that it computes anyway."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

# Parts of the picture along each side: coarse enough to say what lies where, and nothing about one film.
SIDE = 3
# Measures further off than so many standard deviations of films count as just so far.
_FURTHEST = 10.0
# The least ratio that reads as more than 1.
_TOLD = 1.05
FEATURES = "its features lie {:.1f} times as far from the training films as a chest film’s may"
LAYOUT = "the layout of its features lies {:.1f} times as far from the training films as a chest film’s may"
RESEMBLES = "its features resemble other pictures more than chest films"


@dataclass(frozen=True)
class Verdict:
    """What the gate says of one picture.

    Attributes:
        chest_film: whether the picture resembles the frontal chest films that the model was trained on.
        population: ``"adult"`` or ``"child"``, whichever training films it resembles more.
        distance: how strange its features are, 1.0 at the gate's threshold.
        noticed: what speaks against a refused picture, in short clauses; empty for a film that passes.
    """

    chest_film: bool
    population: str
    distance: float
    noticed: tuple[str, ...] = ()


def parts(features: np.ndarray) -> np.ndarray:
    """Features ``(h, w, k)``, h and w at least 3 → means in 3 × 3 parts of the picture, ``(9, k)``, row by row."""
    rows, columns = (np.rint(np.linspace(0, n, SIDE + 1)).astype(int) for n in features.shape[:2])
    return np.stack(
        [
            features[top:bottom, left:right].mean((0, 1))
            for top, bottom in pairwise(rows)
            for left, right in pairwise(columns)
        ]
    )


class Cloud:
    """Where the training films of two populations lie, and how far off anything else is.

    Vectors are projected on the training films' principal components; the distance is Mahalanobis' in that space, to
    the mean of each population, and what the projection leaves over is one more axis (Lee et al. 2018, one layer).
    """

    def __init__(self, mean, basis, scale, centres, precision):
        """
        Args:
            mean: ``(n,)`` of the training films.
            basis: ``(n, d)`` principal components.
            scale: ``(1,)`` standard deviation of the norm of what is left over.
            centres: ``(2, d + 1)`` means of adult and child films in the reduced space.
            precision: ``(d + 1, d + 1)`` shared inverse covariance there.
        """
        arrays = (mean, basis, scale, centres, precision)
        self.mean, self.basis, self.scale, self.centres, self.precision = (np.asarray(a, np.float32) for a in arrays)

    def inside(self, vectors: np.ndarray) -> np.ndarray:
        """``(…, n)`` → their principal components ``(…, d)``."""
        return (vectors - self.mean) @ self.basis

    def distances(self, vectors: np.ndarray) -> np.ndarray:
        """``(B, n)`` → Mahalanobis distances ``(B, 2)`` to adult and child films."""
        inside = self.inside(vectors)
        left_over = ((vectors - self.mean) ** 2).sum(1) - (inside**2).sum(1)
        reduced = np.concatenate([inside, np.sqrt(np.maximum(left_over, 0))[:, None] / self.scale], axis=1)
        delta = reduced[:, None] - self.centres
        return np.sqrt(np.maximum(np.einsum("bpi,ij,bpj->bp", delta, self.precision, delta), 0))


class Clouds:
    """Two views of one picture: its mean features, whatever their place, and their layout in 3 × 3 parts of it."""

    def __init__(self, arrays: dict[str, np.ndarray]):
        """
        Args:
            arrays: of a :class:`Cloud` of mean features, ``k`` channels in ``d`` components, as ``features_*``; and of
                one of every part's components, ``9 d``, as ``layout_*``.
        """
        self.features, self.layout = (
            Cloud(*(arrays[f"{view}_{name}"] for name in ("mean", "basis", "scale", "centres", "precision")))
            for view in ("features", "layout")
        )

    def arranged(self, pictures: np.ndarray) -> np.ndarray:
        """Parts ``(B, 9, k)`` → every part's components, ``(B, 9 d)``."""
        return self.features.inside(pictures).reshape(len(pictures), -1)

    def located(self, pictures: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Parts ``(B, 9, k)`` → where the pictures lie.

        Returns:
            Distances ``(B, 2, 2)`` of features and of layout to adult and child films; and measures ``(B, 2 + e)``: log
            distances to the nearer population, and the layout's components.
        """
        arranged = self.arranged(pictures)
        distances = np.stack([self.features.distances(pictures.mean(1)), self.layout.distances(arranged)], axis=1)
        nearest = np.log(np.maximum(distances.min(2), 1e-6))
        return distances, np.concatenate([nearest, self.layout.inside(arranged)], axis=1)

    def measures(self, pictures: np.ndarray) -> np.ndarray:
        """The second of :meth:`located`."""
        return self.located(pictures)[1]


class Stage:
    """Logistic regression on the measures: films against other pictures."""

    def __init__(self, middle, spread, weights, offset):
        """
        Args:
            middle, spread: mean and standard deviation of the ``m`` measures among training films, ``(m,)``.
            weights, offset: of the regression on standardised measures, ``(m,)`` and ``(1,)``.
        """
        self.middle, self.spread, self.weights, self.offset = middle, spread, weights, offset

    @staticmethod
    def standard(measures: np.ndarray, middle: np.ndarray, spread: np.ndarray) -> np.ndarray:
        """Measures in standard deviations of training films, cut off where only the distances should still speak."""
        return np.clip((measures - middle) / spread, -_FURTHEST, _FURTHEST)

    def odds(self, measures: np.ndarray) -> np.ndarray:
        """Measures ``(B, m)`` → odds ``(B,)`` that a picture is no chest film."""
        return np.exp(self.standard(measures, self.middle, self.spread) @ self.weights + self.offset)


class Gate:
    """Two distances from the training films, weighed by a stage that has also seen other pictures."""

    def __init__(self, arrays: dict[str, np.ndarray], threshold: float):
        """
        Args:
            arrays: of :class:`Clouds`; of :class:`Stage`, as ``stage_*``; and ``limits (2,)``, distances of features
                and of layout that hardly a validation film exceeds.
            threshold: odds beyond which a picture is refused, fixed on validation films.
        """
        self.clouds = Clouds(arrays)
        self.stage = Stage(*(arrays[f"stage_{name}"] for name in ("middle", "spread", "weights", "offset")))
        self.limits, self.threshold = arrays["limits"], threshold

    def judge(self, features: np.ndarray, noticed: Callable[[], tuple[str, ...]] = tuple, refused: bool = False) -> Verdict:
        """Features ``(h, w, k)`` → :class:`Verdict`.

        Args:
            features: of one picture.
            noticed: tells what its pixels show (see :func:`xai.noticed.noticed`); asked only if it is refused.
            refused: whether the pixels alone tell that it is no film.
        """
        (distances,), measures = self.clouds.located(parts(features)[None])
        strange = float(self.stage.odds(measures)[0]) / self.threshold
        population = ("adult", "child")[int(distances[0].argmin())]
        if strange <= 1 and not refused:
            return Verdict(True, population, strange)
        ratios = distances.min(1) / self.limits
        furthest, clauses = int(ratios.argmax()), noticed()
        if ratios[furthest] >= _TOLD:
            clauses = (*clauses, (FEATURES, LAYOUT)[furthest].format(ratios[furthest]))
        elif strange > 1:
            clauses = (*clauses, RESEMBLES)
        return Verdict(False, population, strange, clauses)
