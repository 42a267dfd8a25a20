"""Where the model's square canvas, and the grid of its last feature map, lie on a film.

A film is letter-boxed: scaled by one factor until its longer side fills the canvas, centred, and padded with black.
The rule is inverted exactly by :class:`Placement`, so that film and map stay aligned whatever the film's shape.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

# Unpadded strides put the first of InceptionV3's 17 cells at canvas pixel 21 of 299 and the next every 16 pixels, so
# the grid covers pixels 13.5 to 285.5, not the whole canvas. Stretching it over the canvas, as Grad-CAM overlays
# usually do, would shift the outermost evidence by 4 % of the film.
STEM_OFFSET = 13.5
CELL = 16


@dataclass(frozen=True)
class Placement:
    """A film's rectangle on the square canvas, in whole canvas pixels.

    Attributes:
        size: side of the canvas, in pixels.
        left, top: the film's upper left corner on the canvas.
        width, height: the film's extent on the canvas.
    """

    size: int
    left: int
    top: int
    width: int
    height: int

    @property
    def window(self) -> tuple[slice, slice]:
        """Rows and columns of the canvas that the film fills."""
        return slice(self.top, self.top + self.height), slice(self.left, self.left + self.width)

    def to_film(self, x: float, y: float) -> tuple[float, float]:
        """Canvas pixels to fractions of the film's width and height (outside [0, 1] on the padding)."""
        return (x - self.left) / self.width, (y - self.top) / self.height

    def to_canvas(self, u: float, v: float) -> tuple[float, float]:
        """Fractions of the film's width and height to canvas pixels."""
        return self.left + u * self.width, self.top + v * self.height

    def grid_extent(self, cells: int) -> tuple[float, float, float, float]:
        """``(x0, y0, x1, y1)`` of a ``cells × cells`` feature grid, as fractions of the film's width and height."""
        end = STEM_OFFSET + CELL * cells
        return (*self.to_film(STEM_OFFSET, STEM_OFFSET), *self.to_film(end, end))


def positions(pixels: int, start: float, end: float, cells: int) -> np.ndarray:
    """Where an axis's pixels lie, in cells of a grid: ``(pixels,)``.

    Args:
        pixels: along the axis.
        start, end: of the grid, as fractions of the axis.
        cells: of the grid.
    """
    return ((np.arange(pixels) + 0.5) / pixels - start) / (end - start) * cells


def bilinear(position: np.ndarray, cells: int) -> np.ndarray:
    """Weights on cells at :func:`positions` ``(n,)``: ``(n, cells)``, rows sum to 1; constant beyond the outermost centres."""
    centre = np.clip(position - 0.5, 0, cells - 1)
    return np.maximum(0, 1 - np.abs(centre[:, None] - np.arange(cells)))


def place(height: int, width: int, size: int) -> Placement:
    """The letter-box of a ``height × width`` film on a square canvas of ``size`` pixels."""
    scale = size / max(height, width)
    w, h = max(1, round(width * scale)), max(1, round(height * scale))
    return Placement(size, (size - w) // 2, (size - h) // 2, w, h)


def letterbox(film: np.ndarray, size: int) -> tuple[np.ndarray, Placement]:
    """Scale a film onto the model's canvas.

    Args:
        film: ``(H, W)`` float32 in [0, 1].
        size: side of the canvas, in pixels.

    Returns:
        The ``(size, size)`` float32 canvas, black outside the film, and the film's :class:`Placement` on it.
    """
    where = place(*film.shape, size)
    shrinks = where.width < film.shape[1]
    scaled = cv2.resize(
        film, (where.width, where.height), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    )
    canvas = np.zeros((size, size), np.float32)
    canvas[where.window] = scaled
    return canvas, where
