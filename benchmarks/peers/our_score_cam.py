"""This project's Score-CAM beside it: ``folder threads weights``, jobs ``method index``.

In the folder, besides what :mod:`benchmarks.peers.pytorch_score_cam` reads: ``pixels`` of the decoded film and the name
of the ``finding`` in every ``film-….npz``. A job leaves its map in ``method-….npy``.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from benchmarks.server import serve
from xai import Radiograph, explain, load
from xai.lab.subject import Subject
from xai.methods import METHODS


def start(given: list[str]):
    """See :func:`benchmarks.server.serve`."""
    folder, threads = Path(given[0]), int(given[1])
    cv2.setNumThreads(threads)
    classifier = load(weights=given[2] or None, threads=threads)
    films = []
    for path in sorted(folder.glob("film-*.npz")):
        with np.load(path, allow_pickle=False) as film:
            explanation = explain(classifier, Radiograph(film["pixels"], "film", ()))
            films.append((Subject.of(classifier, explanation), str(film["finding"])))

    def call(job: str) -> None:
        method, index = job.split()
        subject, finding = films[int(index)]
        # With no features yet: the peer computes them too.
        np.save(folder / f"{method}-{index}.npy", METHODS[method].map(replace(subject), finding))

    return {}, call


if __name__ == "__main__":
    serve(start)
