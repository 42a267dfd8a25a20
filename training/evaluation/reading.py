"""Runs a predictor over films, a few at a time, so that a collection may be larger than the memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from tqdm import tqdm

import xai
from training.data import Film
from training.evaluation.errors import EvaluationError
from training.evaluation.predictor import Predictor

BATCH = 16


@dataclass(frozen=True)
class Readings:
    """What a predictor said of ``n`` films.

    Attributes:
        logits: ``(n, c)``.
        shapes: ``(n, 2)``, height and width of each decoded film, in pixels.
        boxed: rows of the films that have boxes, ``(m,)``.
        maps, extent: of these films alone, ``(m, h, w, c)`` and ``(m, 4)``; None where the predictor has no maps, or
            no film has a box.
    """

    logits: np.ndarray
    shapes: np.ndarray
    boxed: np.ndarray
    maps: np.ndarray | None
    extent: np.ndarray | None


def decode(film: Film) -> np.ndarray:
    """A film as a visitor's upload is read: ``(H, W)`` uint8, bone white, normalised.

    Raises:
        EvaluationError: it cannot be read; the message names the file.
    """
    try:
        return np.round(xai.read(film.path).pixels * 255).astype(np.uint8)
    except xai.FilmError as error:
        raise EvaluationError(f"{film.path}: {error}") from error


def batches(count: int, desc: str) -> Iterator[range]:
    """Ranges of rows, :data:`BATCH` at a time, with a progress bar."""
    with tqdm(total=count, desc=desc, unit="film", mininterval=5) as bar:
        for start in range(0, count, BATCH):
            rows = range(start, min(start + BATCH, count))
            yield rows
            bar.update(len(rows))


def read(predictor: Predictor, films: list[Film]) -> Readings:
    """Let a predictor read every film."""
    logits, shapes, maps, extent = [], [], [], []
    for rows in batches(len(films), f"{predictor.name}: reading"):
        pixels = [decode(films[i]) for i in rows]
        answer = predictor.read(pixels)
        logits.append(answer.logits)
        shapes += [grey.shape for grey in pixels]
        kept = [k for k, i in enumerate(rows) if films[i].boxes]
        if answer.maps is not None and kept:
            maps.append(answer.maps[kept])
            extent.append(answer.extent[kept])
    return Readings(
        np.concatenate(logits),
        np.array(shapes),
        np.array([i for i, film in enumerate(films) if film.boxes], int),
        np.concatenate(maps) if maps else None,
        np.concatenate(extent) if extent else None,
    )
