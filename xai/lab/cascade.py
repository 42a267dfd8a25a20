"""The randomised twin (Adebayo et al. 2018): shuffle what was learnt, from the head downwards; does the map survive?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from xai import evidence as maps
from xai.lab import twin
from xai.lab.correlation import spearman
from xai.lab.subject import Subject

HEADS = 20


@dataclass(frozen=True)
class Step:
    """One step down the cascade: everything above it, and itself, shuffled.

    Attributes:
        label: what has been shuffled.
        maps: ``(t, c, h, w)`` evidence of ``t`` twins, which differ in how their head was shuffled.
        before: ``(c, h, w)`` evidence of the real model.
    """

    label: str
    maps: np.ndarray
    before: np.ndarray

    def spearman(self, column: int) -> np.ndarray:
        """``(t,)`` rank correlations of one finding's map with the real one; NaN where a twin's map is constant."""
        return np.array([spearman(self.before[column], one) for one in self.maps[:, column]])


def cascade(subject: Subject, heads: int = HEADS, seed: int = 0) -> Iterator[Step]:
    """Shuffle the head's weights, then those of the last block too, and so on down to the film.

    The head's weights are shuffled over the channels, for every finding by itself, and its maps are had in closed form
    from one forward pass. Every step further down loads one more twin of the backbone, for one forward pass, and drops
    it again.

    Args:
        subject: the film.
        heads: how many shuffled heads at every step.
        seed: of the shuffling.

    Yields:
        One step at a time.
    """
    rng = np.random.default_rng(seed)
    kernel = subject.classifier.kernel
    kernels = [rng.permuted(kernel, axis=0) for _ in range(heads)]
    canvas = subject.on_canvas(subject.film)[None]

    def step(label: str, features: np.ndarray) -> Step:
        drawn = [np.moveaxis(maps.evidence(features, one), -1, 0) for one in kernels]
        return Step(label, np.stack(drawn), subject.maps)

    yield step("the head", subject.classifier.features(canvas)[0])
    model = subject.classifier.backbone.read_bytes()
    parts = twin.blocks(model)
    for lowest in reversed(range(len(parts))):
        # Going on from the last step's file: what was shuffled stays as it is.
        model = twin.shuffled(model, [parts[lowest]], rng)
        which = f"block {len(parts)}" if lowest == len(parts) - 1 else f"blocks {lowest + 1} to {len(parts)}"
        yield step(f"the head and {which} of {len(parts)}", twin.load(model)(canvas)[0])
