"""Occlusion (Zeiler & Fergus 2014)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import numpy as np

from xai.lab.subject import BATCH, Subject
from xai.methods.method import Method, Progress

# Side of the patch, in cells: about a sixth of a film's side, as wide as a heart is high on a grid of 17.
PATCH = 3


def occlusion(subject: Subject, name: str, patch: int = PATCH) -> Iterator[Progress]:
    """By how much a grey patch lowers the logit, for a patch centred on every cell that lies on the film.

    Args:
        subject: the film.
        name: of the finding.
        patch: its side in cells, odd; at the film's edge less of it is left. Its grey is the film's mean.

    Yields:
        ``(h, w)`` signed, in log-odds; 0 where not looked yet, and in cells beside the film.
    """
    column = subject.names.index(name)
    h, w = subject.grid
    row_of, column_of = np.divmod(subject.cells, w)
    grey = subject.film.mean()
    cells = np.unique(subject.cells)
    out = np.zeros(h * w, np.float32)

    def hidden(cell: int) -> np.ndarray:
        row, across = divmod(int(cell), w)
        near = (abs(row_of - row) <= patch // 2) & (abs(column_of - across) <= patch // 2)
        return np.where(near, grey, subject.film)

    waiting, done = iter(cells), 0
    while some := list(islice(waiting, BATCH)):
        out[some] = subject.logits[column] - subject.look(map(hidden, some)).logits[:, column]
        done += len(some)
        yield Progress(out.reshape(h, w).copy(), done, len(cells))


METHOD = Method(
    "Occlusion",
    "How far the logit falls when a grey patch covers the place.",
    "log-odds",
    "Zeiler & Fergus 2014, Visualizing and Understanding Convolutional Networks",
    "https://arxiv.org/abs/1311.2901",
    17 * 17,
    occlusion,
)
