"""Fits the gate: where the training films lie in a reduced feature space, and how far off is too far."""

from __future__ import annotations

import numpy as np
from sklearn.linear_model import LogisticRegression

from xai.gate import Cloud, Clouds, Stage

COMPONENTS, LAYOUT = 48, 96
# Share of validation films that may be refused, in the population that suffers most.
REFUSED = 0.005
FOLDS, SEED = 5, 0
# scikit-learn's C: how little the stage's prior weighs.
PRIOR = 0.01


def cloud(vectors: np.ndarray, adult: np.ndarray, components: int) -> dict[str, np.ndarray]:
    """The arrays of a :class:`~xai.gate.Cloud`, the basis in half precision.

    Args:
        vectors: ``(n, d)`` of training films.
        adult: ``(n,)`` bool, whose films they are.
        components: principal components to keep.
    """
    mean = vectors.mean(0)
    centred = vectors - mean
    basis = np.linalg.svd(centred, full_matrices=False)[2][:components].T.astype(np.float16)
    inside = centred @ basis.astype(np.float32)
    left_over = np.sqrt(np.maximum((centred**2).sum(1) - (inside**2).sum(1), 0))
    scale = np.maximum(left_over.std(keepdims=True), 1e-6)
    reduced = np.concatenate([inside, left_over[:, None] / scale], axis=1).astype(np.float64)
    centres = np.stack([reduced[adult].mean(0), reduced[~adult].mean(0)])
    spread = reduced - centres[np.where(adult, 0, 1)]
    precision = np.linalg.pinv(spread.T @ spread / len(spread))
    arrays = {"mean": mean, "scale": scale, "centres": centres, "precision": precision}
    return {"basis": basis} | {key: np.ascontiguousarray(value, np.float32) for key, value in arrays.items()}


def clouds(films: np.ndarray, adult: np.ndarray) -> dict[str, np.ndarray]:
    """The arrays of :class:`~xai.gate.Clouds` from parts ``(n, 9, k)`` of training films."""
    features = cloud(films.mean(1), adult, COMPONENTS)
    layout = cloud(Cloud(**features).inside(films).reshape(len(films), -1), adult, LAYOUT)
    named = {"features": features, "layout": layout}
    return {f"{view}_{key}": array for view, arrays in named.items() for key, array in arrays.items()}


def unseen(films: np.ndarray, adult: np.ndarray) -> np.ndarray:
    """Measures ``(n, m)`` of training films as if they were new: their distances are from the clouds of other films."""
    measures = Clouds(clouds(films, adult)).measures(films)
    fold = np.random.default_rng(SEED).permutation(len(films)) % FOLDS
    for k in range(FOLDS):
        others = Clouds(clouds(films[fold != k], adult[fold != k]))
        measures[fold == k, :2] = others.measures(films[fold == k])[:, :2]
    return measures


def stage(films: np.ndarray, others: np.ndarray) -> dict[str, np.ndarray]:
    """The arrays of a :class:`~xai.gate.Stage` from measures of films ``(n, m)`` and of other pictures ``(o, m)``."""
    middle, spread = films.mean(0), np.maximum(films.std(0), 1e-6)
    # Films and other pictures weigh the same, however many there are of each.
    model = LogisticRegression(C=PRIOR, class_weight="balanced", max_iter=1000)
    model.fit(
        Stage.standard(np.concatenate([films, others]), middle, spread), np.repeat([0, 1], (len(films), len(others)))
    )
    arrays = {"middle": middle, "spread": spread, "weights": model.coef_[0], "offset": model.intercept_}
    return {key: np.asarray(value, np.float32) for key, value in arrays.items()}


def highest(values: np.ndarray, adult: np.ndarray) -> float:
    """What all but the share :data:`REFUSED` of films stay below, in the population where it is higher."""
    return float(max(np.quantile(values[kind], 1 - REFUSED) for kind in (adult, ~adult)))


def kin(kind: str) -> str:
    """What a kind shares with its likes: ``"photograph, grey"`` → ``"photograph"``."""
    return kind.split(",")[0]


def fit(
    films: np.ndarray,
    adult: np.ndarray,
    others: np.ndarray,
    kinds: list[str],
    held_back: np.ndarray,
    held_back_adult: np.ndarray,
) -> tuple[dict[str, np.ndarray], dict]:
    """The gate's arrays, and its entry in the manifest.

    Args:
        films: ``(n, 9, k)`` parts (see :func:`xai.gate.parts`) of training films.
        adult: ``(n,)`` bool, whose films they are.
        others: ``(o, 9, k)`` parts of other pictures.
        kinds: theirs, ``o`` of them.
        held_back: ``(v, 9, k)`` parts of validation films, on which the threshold is fixed.
        held_back_adult: ``(v,)`` bool.

    Returns:
        Arrays as :class:`~xai.gate.Gate` takes them; and ``threshold``, ``refused_on_validation`` and
        ``refused_unmet``, the share of other pictures that is refused when the stage has met none of their kind.
    """
    arrays = clouds(films, adult)
    view = Clouds(arrays)
    own, foreign = unseen(films, adult), view.measures(others)
    distances, kept = view.located(held_back)

    def refused(met: np.ndarray) -> tuple[dict[str, np.ndarray], float, np.ndarray]:
        fitted = stage(own, foreign[met])
        odds = Stage(**fitted).odds
        threshold = highest(odds(kept), held_back_adult)
        return fitted, threshold, odds(foreign) > threshold

    families = np.array([kin(kind) for kind in kinds])
    unmet = [refused(families != family)[2][families == family] for family in dict.fromkeys(families)]
    fitted, threshold, _ = refused(np.ones(len(others), bool))
    odds = Stage(**fitted).odds(kept)
    limits = [highest(nearest, held_back_adult) for nearest in distances.min(2).T]
    arrays |= {f"stage_{key}": value for key, value in fitted.items()} | {"limits": np.array(limits, np.float32)}
    return arrays, {
        "threshold": round(threshold, 4),
        "refused_on_validation": round(float((odds > threshold).mean()), 4),
        "refused_unmet": round(float(np.concatenate(unmet).mean()), 4),
    }
