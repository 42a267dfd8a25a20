"""What a map must beat: chance, the middle of the film, and an edge detector (Adebayo et al. 2018).

They have the signature of :class:`xai.methods.Method`, and know nothing of the model.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from zlib import crc32

import cv2
import numpy as np

from xai.lab.subject import Subject
from xai.methods import Method, Progress
from xai.methods.spread import gather


def random(subject: Subject, draw: int = 0) -> np.ndarray:
    """``(h, w)`` in [0, 1): chance, the same for the same film and draw."""
    return np.random.default_rng([draw, crc32(subject.film.tobytes())]).random(subject.grid, np.float32)


def centre(subject: Subject) -> np.ndarray:
    """``(h, w)`` in [0, 1]: 1 in the middle of the film, falling to 0 at its edge, along squares."""
    rows, columns = (np.abs((np.arange(side) + 0.5) / side - 0.5) for side in subject.film.shape)
    return gather(subject, 1 - 2 * np.maximum.outer(rows, columns)).astype(np.float32)


def edges(subject: Subject) -> np.ndarray:
    """``(h, w)`` ≥ 0: the mean steepness of the film's greys (Sobel) in every cell."""
    across, down = (cv2.Sobel(subject.film, cv2.CV_32F, *order) for order in ((1, 0), (0, 1)))
    return gather(subject, np.hypot(across, down)).astype(np.float32)


def _method(label: str, what: str, draw: Callable[[Subject], np.ndarray]) -> Method:
    def steps(subject: Subject, name: str) -> Iterator[Progress]:
        yield Progress(draw(subject), 0, 0)

    paper = ("Adebayo et al. 2018, Sanity Checks for Saliency Maps", "https://arxiv.org/abs/1810.03292")
    return Method(label, what, "relative", *paper, 0, steps)


BASELINES = {
    "random": _method("Chance", "A random value in every cell.", random),
    "centre": _method("Middle of the film", "The nearer to the middle of the film, the hotter.", centre),
    "edges": _method("Edge detector", "How steeply the film's greys change; it knows no model at all.", edges),
}
