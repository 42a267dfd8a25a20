"""What a program gets: the JSON of ``/explain``, which is also the page's download, and the evidence as files."""

from __future__ import annotations

import csv
import io

import numpy as np

from xai.explain import Explanation


def document(explanation: Explanation, film: str) -> dict:
    """All numbers of one explanation as JSON: the contract's object, with the evidence in it.

    Args:
        explanation: of the film.
        film: its base name.

    Returns:
        ``film``, ``model``, ``version``, ``gate``, ``notices``, ``findings``, ``extent`` and ``evidence``: finding →
        rows of log-odds per cell, top row first, so that ``bias + sum == logit`` for every finding.
    """
    # Nine significant digits give every float32 back exactly.
    evidence = {
        name: [[float(f"{value:.9g}") for value in row] for row in reading.evidence]
        for name, reading in explanation.readings.items()
    }
    return {"film": film, **explanation.to_dict(), "evidence": evidence}


def evidence_npz(explanation: Explanation) -> bytes:
    """The contract's ``.npz``: a float32 ``(h, w)`` map per finding, and ``extent``."""
    file = io.BytesIO()
    np.savez_compressed(file, **explanation.arrays())
    return file.getvalue()


def evidence_csv(explanation: Explanation) -> str:
    """The native grid as CSV: a line per cell, with its rectangle on the film and a column of log-odds per finding."""
    x0, y0, x1, y1 = explanation.extent
    maps = [reading.evidence for reading in explanation.readings.values()]
    h, w = maps[0].shape
    file = io.StringIO()
    table = csv.writer(file, lineterminator="\n")
    table.writerow(["row", "column", "x0", "y0", "x1", "y1", *explanation.readings])
    for i in range(h):
        for j in range(w):
            left, right = (x0 + (x1 - x0) * (j + k) / w for k in (0, 1))
            top, bottom = (y0 + (y1 - y0) * (i + k) / h for k in (0, 1))
            corners = (f"{corner:.6f}" for corner in (left, top, right, bottom))
            table.writerow([i, j, *corners, *(f"{values[i, j]:.9g}" for values in maps)])
    return file.getvalue()
