"""What an attribution method is: a film and a finding in, a map on the evidence grid out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from xai.classifier import Classifier
from xai.lab.subject import Subject


@dataclass(frozen=True)
class Progress:
    """A map as far as it has been reckoned.

    Attributes:
        map: ``(h, w)`` float32 on the evidence grid, which lies on the film at the explanation's extent.
        done: films that the model has been shown for it so far.
        total: films that it will have been shown in the end.
    """

    map: np.ndarray
    done: int
    total: int

    @property
    def complete(self) -> bool:
        """Whether this is the map itself."""
        return self.done == self.total


@dataclass(frozen=True)
class Method:
    """One attribution method.

    Attributes:
        label: as shown.
        what: one sentence on what its map shows.
        unit: of the map's values.
        paper, link: where it comes from.
        films: how many the model is shown for one map at most, where features are 17 × 17 × 768 as in the checkpoints.
        steps: a subject and the name of a finding → the map in the making. Closing the generator stops the work.
        prepare: what has to be done once per checkpoint where gradients of the whole network are needed: TensorFlow is
            imported, and the network compiled; None for all other methods.
    """

    label: str
    what: str
    unit: str
    paper: str
    link: str
    films: int
    steps: Callable[[Subject, str], Iterator[Progress]]
    prepare: Callable[[Classifier], None] | None = None

    @property
    def gradients(self) -> bool:
        """Whether it needs gradients of the whole network: every film goes through it forwards and back."""
        return self.prepare is not None

    def map(self, subject: Subject, name: str) -> np.ndarray:
        """The finished ``(h, w)`` float32 map of one finding."""
        for progress in self.steps(subject, name):
            pass
        return progress.map


# Features ``(h, w, k)`` and one finding's weights ``(k,)`` → map ``(h, w)``.
ClosedForm = Callable[[np.ndarray, np.ndarray], np.ndarray]


def closed_form(function: ClosedForm) -> Callable[[Subject, str], Iterator[Progress]]:
    """The steps of a method that needs no more than the features of the film: one."""

    def steps(subject: Subject, name: str) -> Iterator[Progress]:
        weights = subject.classifier.kernel[:, subject.names.index(name)]
        yield Progress(function(subject.features, weights).astype(np.float32), 1, 1)

    return steps


def gradient(features: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The gradient of the logit with respect to the features, ``(k,)``: on this head the same in every cell."""
    h, w, _ = features.shape
    return weights / np.float32(h * w)
