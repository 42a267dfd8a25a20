"""Score-CAM (Wang et al. 2020), with fewer channels than all where that is enough."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from xai.lab.subject import BATCH, Subject
from xai.methods.method import Method, Progress
from xai.methods.spread import spread

CHANNELS = 96


def score_cam(subject: Subject, name: str, channels: int | None = None) -> Iterator[Progress]:
    """``ReLU(Σ_k s_k A_k)``, ``s`` the softmax of the logits of the film seen through each channel.

    Every channel, scaled to [0, 1] and spread over the film, is a mask; where it is 0 the film is black. Channels that
    are the same everywhere make a black film, so that one look does for all of them. Where fewer are asked for than
    there are, those that vary most over the cells (standard deviation) are looked through, and every other channel
    counts with their mean logit.

    Args:
        subject: the film.
        name: of the finding.
        channels: how many to look through; all if None.

    Yields:
        ``(h, w)`` ≥ 0 with activations ≥ 0, in units of the activations: a weighted mean of all channels.
    """
    column = subject.names.index(name)
    features = subject.features
    low, high = features.min((0, 1)), features.max((0, 1))
    order = np.argsort(-features.std((0, 1)), kind="stable")
    # A rounded deviation need not be 0: those that do not vary go last.
    order = np.concatenate([order[high[order] > low[order]], order[high[order] == low[order]]])
    varying, wanted = int((high > low).sum()), len(order) if channels is None else min(channels, len(order))
    looked = min(varying, wanted)
    total = looked + (wanted > varying)

    scores = np.empty(0)
    while len(scores) < looked:
        some = order[len(scores) : min(len(scores) + BATCH, looked)]
        masks = (features[..., some] - low[some]) / (high[some] - low[some])
        films = subject.film * spread(subject, np.moveaxis(masks, -1, 0))
        scores = np.concatenate([scores, subject.look(films).logits[:, column]])
        if len(scores) < total:
            yield Progress(_combine(features, order, scores), 1 + len(scores), 1 + total)
    if wanted > varying:
        black = subject.look([np.zeros_like(subject.film)]).logits[0, column]
        scores = np.concatenate([scores, np.full(len(order) - varying, black)])
    yield Progress(_combine(features, order, scores), 1 + total, 1 + total)


def _combine(features: np.ndarray, order: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """The map from the scores of the first channels in order; the others have their mean."""
    every = np.full(len(order), scores.mean())
    every[order[: len(scores)]] = scores
    odds = np.exp(every - every.max())
    return np.maximum(features @ (odds / odds.sum()), 0).astype(np.float32)


def chosen(subject: Subject, name: str) -> Iterator[Progress]:
    """With :data:`CHANNELS` alone."""
    return score_cam(subject, name, CHANNELS)


METHOD = Method(
    "Score-CAM",
    f"All channels, weighted by the logit of the film seen through each; measured for the {CHANNELS} that vary most.",
    "activation",
    "Wang et al. 2020, Score-CAM",
    "https://arxiv.org/abs/1910.01279",
    2 + CHANNELS,
    chosen,
)
METHOD_ALL = replace(
    METHOD,
    label="Score-CAM, all channels",
    what="All channels, weighted by the logit of the film seen through each.",
    films=2 + 768,
    steps=score_cam,
)
