"""What several tests of training need."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from training.data import Film

ROUNDS = 50


@pytest.fixture
def films() -> list[Film]:
    """Four of adults and eight of children; every second one shows the one finding that it is labelled for."""
    labelled = [("adult", "edema")] * 4 + [("child", "pneumonia_child")] * 8
    return [
        Film(Path(str(i)), str(i), population, False, {finding: bool(i % 2)})
        for i, (population, finding) in enumerate(labelled)
    ]


@pytest.fixture(scope="module")
def few_rounds() -> Iterator[None]:
    """Fifty bootstrap rounds for a thousand: what intervals are is for :mod:`training.metrics` and its own tests."""
    from training import metrics
    from training.evaluation import judgement
    from training.evaluation.figures import curves

    drawn = metrics.resamples

    def few(patients: np.ndarray, rounds: int = ROUNDS, seed: int = 0) -> Iterator[np.ndarray]:
        return drawn(patients, min(rounds, ROUNDS), seed)

    with pytest.MonkeyPatch.context() as patch:
        for module in (metrics, judgement, curves):
            patch.setattr(module, "resamples", few)
        yield
