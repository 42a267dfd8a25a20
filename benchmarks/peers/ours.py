"""This project in the peers' race: ``film.npy threads weights`` → all findings and maps of a decoded film."""

from __future__ import annotations

import cv2
import numpy as np

from benchmarks.server import serve
from xai import Radiograph, explain, load


def start(given: list[str]):
    """See :func:`benchmarks.server.serve`."""
    threads = int(given[1])
    cv2.setNumThreads(threads)
    classifier = load(weights=given[2] or None, threads=threads)
    film = Radiograph(np.load(given[0], allow_pickle=False), "film", ())

    def call(_job: str = ""):
        return explain(classifier, film)

    maps = [reading.evidence for reading in call().readings.values()]
    return {"map": [len(maps), *maps[0].shape]}, call


if __name__ == "__main__":
    serve(start)
