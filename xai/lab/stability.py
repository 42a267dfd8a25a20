"""The stability strip: small changes that should not matter, and whether the map stays where it was."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from xai.lab.correlation import pearson, spearman
from xai.lab.subject import Subject

SHIFT, ANGLE, CONTRAST, NOISE, QUALITY = 0.02, 3.0, 0.15, 0.02, 50


@dataclass(frozen=True)
class Change:
    """One small change of a film: it is moved, or its grey levels change.

    Attributes:
        name: as shown.
        move: the film's ``(H, W)`` → ``(2, 3)`` affine from its pixels to the moved film's (indices, as for OpenCV);
            None where the anatomy stays.
        apply: where it stays, ``(H, W)`` float32 in [0, 1] → the same shape and range.
    """

    name: str
    move: Callable[[tuple[int, int]], np.ndarray] | None = None
    apply: Callable[[np.ndarray], np.ndarray] | None = None

    def affine(self, shape: tuple[int, int]) -> np.ndarray:
        """From the film's pixels to the changed film's."""
        return np.eye(2, 3) if self.move is None else self.move(shape)

    def __call__(self, film: np.ndarray) -> np.ndarray:
        """The changed film; what comes in at an edge repeats it, lest a black wedge be the change that is tested."""
        if self.apply is not None:
            return self.apply(film)
        size = film.shape[::-1]
        return cv2.warpAffine(film, self.affine(film.shape), size, borderMode=cv2.BORDER_REPLICATE)


@dataclass(frozen=True)
class Trial:
    """One change, and the map that came of it.

    Attributes:
        change: what was done.
        film: ``(H, W)`` float32, the changed film.
        logits: ``(c,)``.
        maps: ``(c, h, w)`` evidence, brought back to the unchanged film's frame.
        shared: ``(h, w)`` bool, the cells that lie on both films.
        before: ``(c, h, w)`` evidence on the unchanged film.
    """

    change: Change
    film: np.ndarray
    logits: np.ndarray
    maps: np.ndarray
    shared: np.ndarray
    before: np.ndarray

    def pearson(self, column: int) -> float:
        """Correlation of one finding's two maps over the shared cells; NaN where one is constant."""
        return pearson(self.before[column][self.shared], self.maps[column][self.shared])

    def spearman(self, column: int) -> float:
        """The same of ranks."""
        return spearman(self.before[column][self.shared], self.maps[column][self.shared])


def stability(subject: Subject, chosen: tuple[Change, ...] | None = None) -> Iterator[Trial]:
    """Try small changes on a film, all of :data:`CHANGES` where none are chosen; trials come in that order."""
    chosen = CHANGES if chosen is None else chosen
    films = [change(subject.film) for change in chosen]
    before = subject.maps
    done = 0
    for look in subject.looks(films):
        for logits, maps in zip(look.logits, look.maps):
            back, shared = brought_back(subject, maps, chosen[done].affine(subject.film.shape))
            yield Trial(chosen[done], films[done], logits, back, shared, before)
            done += 1


def brought_back(subject: Subject, maps: np.ndarray, affine: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Maps of a moved film in the frame of the unmoved one.

    Args:
        subject: the unmoved film.
        maps: ``(c, h, w)`` of the moved one.
        affine: ``(2, 3)``, from the unmoved film's pixels to the moved one's.

    Returns:
        ``(c, h, w)`` float32, bilinear between cell centres, and ``(h, w)`` bool: the cells whose centres lie on the
        film before and after, and within the grid.
    """
    h, w = subject.grid
    rows, columns = subject.film.shape
    x0, y0, x1, y1 = subject.explanation.extent
    start = np.array([x0 * columns, y0 * rows])
    cell = np.array([(x1 - x0) * columns / w, (y1 - y0) * rows / h])
    grid = np.stack(np.meshgrid(np.arange(w), np.arange(h)), axis=-1)
    here = start + (grid + 0.5) * cell
    # OpenCV counts pixel centres from 0, here they lie at halves.
    there = (here - 0.5) @ affine[:, :2].T + affine[:, 2] + 0.5
    spot = ((there - start) / cell - 0.5).astype(np.float32)
    back = np.stack(
        [cv2.remap(m, spot[..., 0], spot[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE) for m in maps]
    )
    on_film = [((p >= 0) & (p <= (columns, rows))).all(-1) for p in (here, there)]
    within = ((spot >= -0.5) & (spot <= (w - 0.5, h - 0.5))).all(-1)
    return back, on_film[0] & on_film[1] & within


def _shifted(x: float, y: float) -> Callable[[tuple[int, int]], np.ndarray]:
    """By fractions of the film's sides."""
    return lambda shape: np.array([[1, 0, x * shape[1]], [0, 1, y * shape[0]]])


def _turned(degrees: float) -> Callable[[tuple[int, int]], np.ndarray]:
    """About the film's centre, anticlockwise."""
    return lambda shape: cv2.getRotationMatrix2D(((shape[1] - 1) / 2, (shape[0] - 1) / 2), degrees, 1)


def _mirrored(shape: tuple[int, int]) -> np.ndarray:
    return np.array([[-1.0, 0, shape[1] - 1], [0, 1, 0]])


def _contrast(factor: float) -> Callable[[np.ndarray], np.ndarray]:
    """About the film's mean; what leaves the range is clipped."""
    return lambda film: np.clip((film - film.mean()) * factor + film.mean(), 0, 1)


def _noisy(film: np.ndarray) -> np.ndarray:
    """Independent Gaussian noise in every pixel, the same each time."""
    grain = np.random.default_rng(0).normal(0, NOISE, film.shape)
    return np.clip(film + grain, 0, 1).astype(np.float32)


def _jpeg(film: np.ndarray) -> np.ndarray:
    """Saved and opened again."""
    data = cv2.imencode(".jpg", np.rint(film * 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1]
    return cv2.imdecode(data, cv2.IMREAD_GRAYSCALE).astype(np.float32) / 255


CHANGES = (
    Change(f"shifted {100 * SHIFT:g} % to the right", _shifted(SHIFT, 0)),
    Change(f"shifted {100 * SHIFT:g} % down", _shifted(0, SHIFT)),
    Change(f"turned {ANGLE:g}° anticlockwise", _turned(ANGLE)),
    Change(f"turned {ANGLE:g}° clockwise", _turned(-ANGLE)),
    Change(f"contrast +{100 * CONTRAST:g} %", apply=_contrast(1 + CONTRAST)),
    Change(f"contrast −{100 * CONTRAST:g} %", apply=_contrast(1 - CONTRAST)),
    Change(f"noise, {100 * NOISE:g} % of the range", apply=_noisy),
    Change(f"JPEG, quality {QUALITY}", apply=_jpeg),
    Change("mirrored", _mirrored),
)
