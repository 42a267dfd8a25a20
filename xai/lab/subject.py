"""A film as one classifier sees it, ready to be changed and looked at again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

import numpy as np

from xai import evidence as maps
from xai.classifier import Classifier
from xai.explain import Explanation
from xai.geometry import Placement, letterbox

# Films per forward pass: few enough for quick feedback and little memory; more would hardly be faster per film.
BATCH = 4


@dataclass(frozen=True)
class Look:
    """What a classifier says of ``B`` films; for every finding in the order of :attr:`Subject.names`.

    Attributes:
        maps: ``(B, c, h, w)`` float32 signed evidence, in log-odds.
        logits: ``(B, c)`` float64, calibrated.
    """

    maps: np.ndarray
    logits: np.ndarray


@dataclass(frozen=True)
class Subject:
    """A film on the canvas of one classifier; see :meth:`of`.

    Experiments change the film at the canvas's resolution, so that all of them meet the model's own pixels, and never
    touch the black that pads a film to a square.

    Attributes:
        classifier: that explained it.
        explanation: of the unchanged film.
        film: ``(H, W)`` float32 in [0, 1], at the resolution of the canvas.
        where: the film's place on the canvas.
    """

    classifier: Classifier
    explanation: Explanation
    film: np.ndarray
    where: Placement

    @classmethod
    def of(cls, classifier: Classifier, explanation: Explanation) -> Subject:
        """The subject of an explanation that this classifier gave."""
        canvas, where = letterbox(explanation.radiograph.pixels, classifier.size)
        return cls(classifier, explanation, canvas[where.window].copy(), where)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all findings, in the order of logits and maps."""
        return tuple(self.explanation.readings)

    @property
    def logits(self) -> np.ndarray:
        """``(c,)`` float64 of the unchanged film."""
        return np.array([reading.logit for reading in self.explanation.readings.values()])

    @property
    def maps(self) -> np.ndarray:
        """``(c, h, w)`` evidence of the unchanged film."""
        return np.stack([reading.evidence for reading in self.explanation.readings.values()])

    @property
    def grid(self) -> tuple[int, int]:
        """``(h, w)`` of the evidence grid."""
        return next(iter(self.explanation.readings.values())).evidence.shape

    @cached_property
    def cells(self) -> np.ndarray:
        """``(H, W)`` int: the cell, counted row by row, that every pixel of the film belongs to.

        The pixels beyond the grid's edge belong to the nearest cell, so that the cells share out the whole film.
        """
        x0, y0, x1, y1 = self.explanation.extent
        h, w = self.grid
        rows = _cells(self.where.height, y0, y1, h)
        columns = _cells(self.where.width, x0, x1, w)
        return rows[:, None] * w + columns

    @cached_property
    def features(self) -> np.ndarray:
        """``(h, w, k)`` float32 features of the unchanged film: one forward pass, when first asked for."""
        return self.classifier.features(self.on_canvas(self.film)[None])[0]

    def on_canvas(self, film: np.ndarray) -> np.ndarray:
        """A changed ``(H, W)`` film on its ``(size, size)`` canvas, float32."""
        canvas = np.zeros((self.where.size, self.where.size), np.float32)
        canvas[self.where.window] = film
        return canvas

    def look(self, films: Iterable[np.ndarray]) -> Look:
        """Show changed ``(H, W)`` films to the classifier, all in one forward pass."""
        features = self.classifier.features(np.stack([self.on_canvas(film) for film in films]))
        evidence = np.moveaxis(maps.evidence(features, self.classifier.kernel), -1, 1)
        return Look(evidence, self.classifier.bias + evidence.sum((2, 3), dtype=np.float64))

    def looks(self, films: Iterable[np.ndarray]) -> Iterator[Look]:
        """The same in batches of :data:`BATCH`; films are drawn as they are needed."""
        waiting = iter(films)
        while some := list(islice(waiting, BATCH)):
            yield self.look(some)


def _cells(pixels: int, start: float, end: float, cells: int) -> np.ndarray:
    position = ((np.arange(pixels) + 0.5) / pixels - start) / (end - start) * cells
    return np.clip(np.floor(position), 0, cells - 1).astype(np.int64)
