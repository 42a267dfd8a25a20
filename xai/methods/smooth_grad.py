"""SmoothGrad (Smilkov et al. 2017)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from xai.lab.subject import Subject
from xai.methods.differentiable import pixel_gradients, prepare
from xai.methods.method import Method, Progress
from xai.methods.spread import gather

# Noisy copies, and their noise as a share of the film's range of grey.
COPIES, NOISE = 32, 0.15


def smooth_grad(
    subject: Subject, name: str, copies: int = COPIES, noise: float = NOISE, seed: int = 0
) -> Iterator[Progress]:
    """The size of every pixel's mean gradient over noisy copies of the film, mean over each cell's pixels.

    Args:
        subject: the film.
        name: of the finding.
        copies: of the film.
        noise: standard deviation, as a share of the film's range of grey.
        seed: of the noise; the same comes again with it.

    Yields:
        ``(h, w)`` ≥ 0, in log-odds per full range of grey in one pixel.
    """
    rng = np.random.default_rng(seed)
    scale = noise * np.ptp(subject.film)
    sums, done = np.zeros(subject.film.shape), 0
    films = (subject.film + scale * rng.standard_normal(subject.film.shape, np.float32) for _ in range(copies))
    for gradients in pixel_gradients(subject, name, films):
        sums += gradients.sum(0)
        done += len(gradients)
        yield Progress(gather(subject, np.abs(sums / done)).astype(np.float32), done, copies)


METHOD = Method(
    "SmoothGrad",
    "How strongly the logit answers to small changes in the place, whichever way; over noisy copies of the film.",
    "log-odds per grey",
    "Smilkov et al. 2017, SmoothGrad",
    "https://arxiv.org/abs/1706.03825",
    COPIES,
    smooth_grad,
    prepare,
)
