"""The log that a training writes, epoch by epoch."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from training.evaluation.errors import EvaluationError


def read_log(path: Path) -> dict[str, np.ndarray]:
    """A log of ``keras.callbacks.CSVLogger``: ``epoch``, counted from 1, and every other column, as floats.

    An epoch that a resumed run wrote again counts once, as it was written last.

    Raises:
        EvaluationError: no such file, or not such a log.
    """
    try:
        with open(path, newline="") as file:
            rows = {int(row["epoch"]): row for row in csv.DictReader(file)}
        epochs = sorted(rows)
        columns = {
            name: np.array([float(rows[e][name]) for e in epochs]) for name in rows[epochs[0]] if name != "epoch"
        }
    except (OSError, KeyError, ValueError, TypeError, IndexError) as error:
        raise EvaluationError(f"{path} is no log of a training ({error}): name the run's log.csv.") from error
    return {"epoch": np.array(epochs) + 1, **columns}
