"""Random regions of the same area and shape as a given one: what hiding *any* such part of the film would do."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np

TRIES = 10


def elsewhere(region: np.ndarray, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """A region somewhere else on the film, again and again.

    Every connected piece is turned by a multiple of 90°, mirrored or not, and put anywhere on the film where the whole
    of it fits beside the others. A region too large for that is rolled over the film's edges: its area stays, its
    outline is cut there.

    It shares no more pixels with the region given than chance would on average, which is the region's share of the film,
    where one of :data:`TRIES` tries finds such a place: a control that hides much the same is none.

    Args:
        region: ``(H, W)`` bool.
        rng: source of chance.

    Yields:
        ``(H, W)`` bool with exactly as many pixels, without end.
    """
    pieces = _pieces(region)
    while True:
        yield _placed(pieces, region, rng)


def _placed(pieces: list[np.ndarray], region: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    limit = region.mean() * region.sum()
    for _ in range(TRIES):
        found = _scattered(pieces, region.shape, rng)
        if found is not None and (found & region).sum() <= limit:
            return found
    rolls = [_rolled(region, rng) for _ in range(TRIES)]
    return min(rolls, key=lambda roll: int((roll & region).sum()))


def _pieces(region: np.ndarray) -> list[np.ndarray]:
    """Connected pieces, each in its own bounding box, largest first: they are the hardest to place."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(region.astype(np.uint8))
    boxes = sorted(enumerate(stats[1:count], start=1), key=lambda item: -item[1][cv2.CC_STAT_AREA])
    return [labels[y : y + h, x : x + w] == piece for piece, (x, y, w, h, _) in boxes]


def _scattered(pieces: list[np.ndarray], shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray | None:
    """All pieces at random places, or None where one found none."""
    film = np.zeros(shape, bool)
    for piece in pieces:
        for _ in range(TRIES):
            form = np.rot90(piece, rng.integers(4))
            form = form[:, ::-1] if rng.integers(2) else form
            room = shape[0] - form.shape[0], shape[1] - form.shape[1]
            if min(room) < 0:
                continue
            y, x = rng.integers(room[0] + 1), rng.integers(room[1] + 1)
            place = film[y : y + form.shape[0], x : x + form.shape[1]]
            if not (place & form).any():
                place |= form
                break
        else:
            return None
    return film


def _rolled(region: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    form = region[:, ::-1] if rng.integers(2) else region
    return np.roll(form, (rng.integers(region.shape[0]), rng.integers(region.shape[1])), (0, 1))
