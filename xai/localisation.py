"""Does the evidence lie where a radiologist drew the box? Three measures, each with its chance level.

A map is judged on a raster of film coordinates (:data:`RASTER` samples a side), where boxes are exact whatever the
grid, through the extent that says where the grid lies.
"""

from __future__ import annotations

import cv2
import numpy as np

RASTER = 256

Box = tuple[float, float, float, float]


def on_film(evidence: np.ndarray, extent: Box, side: int = RASTER) -> np.ndarray:
    """A grid's map on the whole film, bilinear between cell centres and zero outside the grid's extent.

    Args:
        evidence: ``(h, w)``.
        extent: ``(x0, y0, x1, y1)`` of the grid, as fractions of the film.
        side: samples along each side of the film.

    Returns:
        ``(side, side)`` float32; sample ``[i, j]`` lies at ``((j + .5) / side, (i + .5) / side)`` of the film.
    """
    h, w = evidence.shape
    x0, y0, x1, y1 = extent
    middle = (np.arange(side, dtype=np.float32) + 0.5) / side
    column, row = (middle - x0) / (x1 - x0) * w - 0.5, (middle - y0) / (y1 - y0) * h - 0.5
    inside = np.outer(np.abs(row - (h - 1) / 2) <= h / 2, np.abs(column - (w - 1) / 2) <= w / 2)
    xs, ys = np.meshgrid(column.astype(np.float32), row.astype(np.float32))
    smooth = cv2.remap(evidence.astype(np.float32), xs, ys, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return smooth * inside


def box_mask(boxes: list[Box], side: int = RASTER) -> np.ndarray:
    """Boxes ``(xmin, ymin, xmax, ymax)`` in fractions of the film → ``(side, side)`` bool, their union."""
    middle = (np.arange(side) + 0.5) / side
    mask = np.zeros((side, side), bool)
    for x0, y0, x1, y1 in boxes:
        mask |= np.outer((middle >= y0) & (middle <= y1), (middle >= x0) & (middle <= x1))
    return mask


def hottest(evidence: np.ndarray, extent: Box) -> tuple[float, float]:
    """Centre of the cell with most evidence, as fractions of the film's width and height."""
    row, column = np.unravel_index(int(evidence.argmax()), evidence.shape)
    x0, y0, x1, y1 = extent
    h, w = evidence.shape
    return x0 + (column + 0.5) / w * (x1 - x0), y0 + (row + 0.5) / h * (y1 - y0)


def pointing(point: tuple[float, float], boxes: list[Box]) -> bool:
    """The pointing game (Zhang et al. 2016): whether a point lies in any of the boxes."""
    x, y = point
    return any(x0 <= x <= x1 and y0 <= y <= y1 for x0, y0, x1, y1 in boxes)


def share_inside(film_map: np.ndarray, mask: np.ndarray) -> float:
    """Share of the positive evidence that lies inside the mask, in [0, 1]; NaN where there is none at all."""
    positive = np.maximum(film_map, 0)
    total = positive.sum(dtype=np.float64)
    return float(positive[mask].sum(dtype=np.float64) / total) if total > 0 else float("nan")


def iou_at_equal_area(film_map: np.ndarray, mask: np.ndarray) -> float:
    """Intersection over union of the mask and the hottest region of the mask's own area, in [0, 1]."""
    area = int(mask.sum())
    if not area:
        return float("nan")
    hottest_samples = np.argpartition(film_map.ravel(), -area)[-area:]
    common = int(mask.ravel()[hottest_samples].sum())
    return common / (2 * area - common)


def against_boxes(evidence: np.ndarray, extent: Box, boxes: list[Box]) -> dict[str, float]:
    """All three measures of one map, each in [0, 1].

    Args:
        evidence: ``(h, w)``.
        extent: of the grid, as for :func:`on_film`.
        boxes: of one finding, at least one, as for :func:`box_mask`.

    Returns:
        ``argmax_in_box`` (0 or 1), ``share_in_box`` (0 where the map is nowhere positive) and ``iou``; all 0 for a map
        that is the same everywhere, which points nowhere.
    """
    if evidence.min() == evidence.max():
        return {"argmax_in_box": 0.0, "share_in_box": 0.0, "iou": 0.0}
    mask, film_map = box_mask(boxes), on_film(evidence, extent)
    share = share_inside(film_map, mask)
    return {
        "argmax_in_box": float(pointing(hottest(evidence, extent), boxes)),
        "share_in_box": 0.0 if np.isnan(share) else share,
        "iou": iou_at_equal_area(film_map, mask),
    }


def centred_square(area: float, side: int = RASTER) -> np.ndarray:
    """A map whose level sets are squares about the film's centre: the baseline that only knows where films point."""
    middle = np.abs((np.arange(side) + 0.5) / side - 0.5)
    distance = np.maximum.outer(middle, middle)
    return np.where(distance <= np.sqrt(area) / 2, 1 - distance, -distance).astype(np.float32)
