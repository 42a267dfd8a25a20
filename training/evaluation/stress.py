"""How far a predictor's probabilities, ranking and maps move when its films are made worse."""

from __future__ import annotations

import cv2
import numpy as np
from scipy.special import expit

from training.data import FINDINGS, Film, targets
from training.evaluation.predictor import Answer, Predictor
from training.evaluation.reading import batches, decode
from training.evaluation.stresses import STRESSES, Stress
from training.metrics import auc
from xai.localisation import on_film
from xai.radiograph import normalise

SEED = 0
FEWEST = 5  # films with, or without, a finding: below it no AUC is given
RASTER = 64  # samples along the longer side of a film on which maps are compared


def subset(films: list[Film], count: int) -> list[Film]:
    """``count`` films at random, the same on every call; all where there are no more."""
    rows = np.random.default_rng(SEED).permutation(len(films))[:count]
    return [films[i] for i in sorted(rows)]


def measure(predictor: Predictor, films: list[Film], stresses: tuple[Stress, ...] = STRESSES) -> dict[str, dict]:
    """Read films as they are and under every stress.

    A changed film is normalised again, as an upload is. Where a stress moves the anatomy, the film's own map is moved
    alike before both are compared.

    Returns:
        Stress → ``words`` and ``findings``: finding → ``films`` that are labelled for it, ``probability_moved`` (mean
        absolute), ``auc_before``, ``auc_after`` (NaN with fewer than :data:`FEWEST` films of either kind) and
        ``map_correlation`` (Pearson, mean over films; NaN without maps).
    """
    labels, masks = targets(films)
    names = [name for name in FINDINGS if name in predictor.findings and masks[:, FINDINGS.index(name)].any()]
    columns = [predictor.findings.index(name) for name in names]
    mask = masks[:, [FINDINGS.index(name) for name in names]] > 0
    label = labels[:, [FINDINGS.index(name) for name in names]]
    before = np.zeros((len(films), len(names)))
    after = np.zeros((len(stresses), *before.shape))
    alike = np.full_like(after, np.nan)
    for rows in batches(len(films), f"{predictor.name}: under stress"):
        pixels = [decode(films[i]) for i in rows]
        own = predictor.read(pixels)
        before[rows] = own.logits[:, columns]
        for s, stress in enumerate(stresses):
            changed = [_renormalised(stress.apply(grey, _chance(i, s))) for i, grey in zip(rows, pixels)]
            answer = predictor.read(changed)
            after[s, rows] = answer.logits[:, columns]
            if own.maps is None:
                continue
            for k, i in enumerate(rows):
                for c in np.flatnonzero(mask[i]):
                    alike[s, i, c] = _correlation(own, answer, k, columns[c], pixels[k].shape, stress, (i, s))
    return {
        stress.name: {
            "words": stress.words,
            "findings": {
                name: _moved(label[known, c], before[known, c], after[s, known, c], alike[s, known, c])
                for c, name in enumerate(names)
                for known in [mask[:, c]]
            },
        }
        for s, stress in enumerate(stresses)
    }


def _chance(film: int, stress: int) -> np.random.Generator:
    return np.random.default_rng([SEED, film, stress])


def _renormalised(film: np.ndarray) -> np.ndarray:
    return np.round(normalise(film) * 255).astype(np.uint8)


def _moved(label: np.ndarray, before: np.ndarray, after: np.ndarray, alike: np.ndarray) -> dict:
    enough = min(label.sum(), (1 - label).sum()) >= FEWEST
    return {
        "films": len(label),
        "probability_moved": float(np.abs(expit(after) - expit(before)).mean()),
        "auc_before": auc(label, before) if enough else float("nan"),
        "auc_after": auc(label, after) if enough else float("nan"),
        "map_correlation": float(np.nanmean(alike)) if np.isfinite(alike).any() else float("nan"),
    }


def _correlation(
    own: Answer, answer: Answer, row: int, column: int, shape: tuple[int, int], stress: Stress, draw: tuple[int, int]
) -> float:
    """Pearson's correlation of a film's map with its map under stress, where both grids lie; NaN if one is flat."""

    def raster(values: np.ndarray, extent: np.ndarray) -> np.ndarray:
        side = [max(1, round(RASTER * length / max(shape))) for length in shape]
        return cv2.resize(on_film(values, tuple(extent), RASTER), side[::-1], interpolation=cv2.INTER_AREA)

    ones = np.ones(own.maps.shape[1:3], np.float32)
    first, second = (raster(a.maps[row, ..., column], a.extent[row]) for a in (own, answer))
    there, here = (raster(ones, a.extent[row]) for a in (own, answer))
    if stress.moves:
        first, there = (stress.apply(picture, _chance(*draw)) for picture in (first, there))
    both = (there > 0.5) & (here > 0.5)
    a, b = first[both], second[both]
    if a.size < 2 or a.std() == 0 or b.std() == 0:
        return float("nan")
    return float(np.corrcoef(a, b)[0, 1])
