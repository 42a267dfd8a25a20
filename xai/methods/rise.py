"""RISE (Petsiuk, Das & Saenko 2018)."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np

from xai.lab.subject import BATCH, Subject
from xai.methods.method import Method, Progress
from xai.methods.spread import gather

MASKS, SIDE, KEPT = 1000, 7, 0.5


def rise(subject: Subject, name: str, masks: int = MASKS, seed: int = 0) -> Iterator[Progress]:
    """The film through random masks: where the logit is high when a place is seen, that place matters.

    Masks are 7 × 7 cells, each kept with probability ½, enlarged and shifted at random as in the paper. Two things
    differ from it. The score is the logit, for a probability near 0 tells nothing. And scores are taken from their
    mean, which changes nothing in the limit of many masks, and at 1000 of them takes away what chance alone would
    draw: how often a cell was seen.

    Args:
        subject: the film.
        name: of the finding.
        masks: how many.
        seed: of the masks; the same ones come again with it.

    Yields:
        ``(h, w)`` signed, in log-odds: mean of (score − mean score) · mask, over the chance of being kept.
    """
    rng = np.random.default_rng(seed)
    column = subject.names.index(name)
    scores, seen = np.empty(0), np.empty((0, *subject.grid))
    while len(scores) < masks:
        some = [_mask(rng, subject.film.shape) for _ in range(min(BATCH, masks - len(scores)))]
        look = subject.look(subject.film * mask for mask in some)
        scores = np.concatenate([scores, look.logits[:, column]])
        seen = np.concatenate([seen, [gather(subject, mask) for mask in some]])
        heat = np.tensordot(scores - scores.mean(), seen, 1) / (len(scores) * KEPT)
        yield Progress(heat.astype(np.float32), len(scores), masks)


def _mask(rng: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    """``(H, W)`` float32 in [0, 1]."""
    cell = [-(-side // SIDE) for side in shape]
    coarse = (rng.random((SIDE, SIDE)) < KEPT).astype(np.float32)
    size = [(SIDE + 1) * side for side in cell]
    fine = cv2.resize(coarse, size[::-1], interpolation=cv2.INTER_LINEAR)
    top, left = (int(rng.integers(side)) for side in cell)
    return fine[top : top + shape[0], left : left + shape[1]]


METHOD = Method(
    "RISE",
    f"The film through {MASKS} random masks: whether the logit is higher when the place is seen.",
    "log-odds",
    "Petsiuk, Das & Saenko 2018, RISE",
    "https://arxiv.org/abs/1806.07421",
    MASKS,
    rise,
)
