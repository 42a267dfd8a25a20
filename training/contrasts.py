"""What a head must tell apart within one film, so that its map says where the evidence comes from.

A pair is a difference of features on which a finding's evidence should be positive: a row of a logistic regression
without bias. *Hidden*: without the region that the map points at, the film shows less of the finding than without
another region of its shape. *Pointed*: the hottest cells in a radiologist's box are hotter than any outside.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from types import SimpleNamespace

import numpy as np
from tqdm import tqdm

from training import augment
from training.data import FINDINGS, Film
from xai.evidence import evidence
from xai.geometry import letterbox
from xai.lab.controls import elsewhere
from xai.lab.fills import DEFAULT, FILLS, cover
from xai.lab.regions import hottest
from xai.lab.subject import Subject

# Films of each finding that show it, boxed ones first.
FILMS = 150
# How much of a film is hidden, and how many other regions of its shape.
SHARE, CONTROLS = 0.10, 3
# The hottest cells in the box, against as many outside.
CELLS = 3
# By what the log-odds of a pair are multiplied: how soon it counts as told apart.
HIDDEN_GAIN, POINTED_GAIN = 2, 10
BATCH, SEED = 32, 0

Features = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Pairs:
    """Rows ``(n, k)`` that one finding's kernel should find positive.

    Attributes:
        rows: differences of features.
        share: how much they weigh together, as a share of the weight of all films.
    """

    rows: np.ndarray
    share: float


def pairs(
    features: Features,
    kernel: np.ndarray,
    films: list[Film],
    pixels: list[np.ndarray],
    size: int,
    hidden: float,
    pointed: float,
) -> dict[str, list[Pairs]]:
    """The pairs of every finding.

    Args:
        features: canvases ``(B, size, size, 1)`` → ``(B, h, w, k)``.
        kernel: ``(k, c)``, of the head whose maps say what is hidden and which cells are hot.
        films, pixels: to learn from.
        size: side of the canvas.
        hidden, pointed: the share of either kind.
    """
    work = shown(films)
    found: dict[str, tuple[list, list]] = {name: ([], []) for name in FINDINGS}
    order = sorted(work)
    for start in tqdm(range(0, len(order), BATCH), desc="pairs for the head", mininterval=10):
        rows = order[start : start + BATCH]
        canvases = [letterbox(pixels[i].astype(np.float32) / 255, size) for i in rows]
        seen = features(np.stack([canvas for canvas, _ in canvases])[..., None])
        names, changed = [], []
        for i, (canvas, where), grid in zip(rows, canvases, seen):
            box = augment.sample(pixels[i], films[i], size, len(grid), None)[3]
            for name in work[i]:
                column = FINDINGS.index(name)
                heat = evidence(grid, kernel[:, column : column + 1])[..., 0]
                names.append(name)
                changed += _hidden(canvas, where, heat, films[i].population, i)
                found[name][1].extend(inside_and_outside(grid, heat, box[..., column]))
        pooled = _pooled(features, changed).reshape(len(names), 1 + CONTROLS, -1)
        for name, (hot, *others) in zip(names, pooled):
            found[name][0].extend(other - hot for other in others)
    return {
        name: [
            Pairs(HIDDEN_GAIN * np.array(without, np.float64), hidden),
            Pairs(POINTED_GAIN * np.array(cells, np.float64), pointed),
        ]
        for name, (without, cells) in found.items()
    }


def shown(films: list[Film]) -> dict[int, list[str]]:
    """Row of a film → the findings that it shows and is taken for; at most :data:`FILMS` films of each finding."""
    rng = np.random.default_rng(SEED)
    work: dict[int, list[str]] = {}
    for name in FINDINGS:
        positive = rng.permutation([i for i, film in enumerate(films) if film.labels.get(name)])
        for i in sorted(positive, key=lambda i: name not in films[i].boxes)[:FILMS]:
            work.setdefault(int(i), []).append(name)
    return work


def inside_and_outside(grid: np.ndarray, heat: np.ndarray, box: np.ndarray) -> np.ndarray:
    """Differences between the hottest cells in a box, their mean, and each of the hottest outside.

    Args:
        grid: ``(h, w, k)`` features.
        heat: ``(h, w)`` evidence.
        box: ``(h, w)``, how much of each cell lies in a box.

    Returns:
        ``(n, k)``, as parts of the film's mean feature; none where there is no box.
    """
    if not box.any():
        return np.empty((0, grid.shape[-1]))
    cells, warmth, covered = grid.reshape(-1, grid.shape[-1]) / heat.size, heat.ravel(), box.ravel()
    inside = np.flatnonzero(covered >= min(0.5, covered.max()))
    outside = np.flatnonzero(covered == 0)
    best, worst = (rows[np.argsort(-warmth[rows])[:CELLS]] for rows in (inside, outside))
    return cells[best].mean(0) - cells[worst]


def _hidden(canvas: np.ndarray, where, heat: np.ndarray, population: str, seed: int) -> list[np.ndarray]:
    """A canvas without the region that the map points at, then without others of its shape."""
    film = canvas[where.window].copy()
    # What regions ask of an explanation: only the classifier that ships can give a whole one.
    drawn = SimpleNamespace(extent=where.grid_extent(len(heat)), readings={"": SimpleNamespace(evidence=heat)})
    subject = Subject(None, drawn, film, where)
    region = hottest(subject, heat, SHARE)
    rng = np.random.default_rng([SEED, seed])
    filling = FILLS[DEFAULT].prepare(film, population)
    regions = [region, *islice(elsewhere(region, rng), CONTROLS)]
    return [subject.on_canvas(cover(film, part, filling(part))) for part in regions]


def _pooled(features: Features, canvases: list[np.ndarray]) -> np.ndarray:
    parts = [np.stack(canvases[i : i + BATCH])[..., None] for i in range(0, len(canvases), BATCH)]
    return np.concatenate([features(part).mean((1, 2)) for part in parts])
