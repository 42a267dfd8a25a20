"""Integrated gradients (Sundararajan, Taly & Yan 2017)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from xai.lab.regions import cell_areas
from xai.lab.subject import Subject
from xai.methods.differentiable import pixel_gradients, prepare
from xai.methods.method import Method, Progress
from xai.methods.spread import gather

# Along the way from black.
POINTS = 64


def integrated_gradients(subject: Subject, name: str, points: int = POINTS) -> Iterator[Progress]:
    """From a black film to the film itself: every pixel times its mean gradient, summed over each cell's pixels.

    Args:
        subject: the film.
        name: of the finding.
        points: of the midpoint rule; the more, the more exactly the map adds up.

    Yields:
        ``(h, w)`` signed, in log-odds; it adds up to the logit less that of a black film.
    """
    sums, done = np.zeros(subject.film.shape), 0
    areas = cell_areas(subject).reshape(subject.grid)
    films = (subject.film * np.float32((i + 0.5) / points) for i in range(points))
    for gradients in pixel_gradients(subject, name, films):
        sums += gradients.sum(0)
        done += len(gradients)
        heat = gather(subject, subject.film * sums / done) * areas
        yield Progress(heat.astype(np.float32), done, points)


METHOD = Method(
    "Integrated gradients",
    "What every place adds to the logit while the film is faded in from black; it adds up to the logit’s change.",
    "log-odds",
    "Sundararajan, Taly & Yan 2017, Axiomatic Attribution for Deep Networks",
    "https://arxiv.org/abs/1703.01365",
    POINTS,
    integrated_gradients,
    prepare,
)
