"""Three ways to hide a region of a film. None is neutral, which is why there are three: compare them.

A fill is made for one film and then asked for as many regions as wanted.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

NORMAL_FILMS = Path(__file__).with_name("normal.npz")

# As fractions of the film's longer side.
BLUR = 0.08  # standard deviation: ribs and vessels go, what is bright stays bright
RING = 0.05  # how far around a region its surroundings reach
FEATHER = 0.015  # over which the edge fades, outside the region: a sharp edge would be a finding of its own

# Regions ``(H, W)`` bool → what would stand in their place, ``(H, W)`` float32 (valid in them and near them).
Filling = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Fill:
    """One way to hide.

    Attributes:
        label: as a choice on the page.
        words: completes "the region is …".
        prepare: a film ``(H, W)`` float32 and its population → its :data:`Filling`.
    """

    label: str
    words: str
    prepare: Callable[[np.ndarray, str], Filling]


def blurred(film: np.ndarray, population: str) -> Filling:
    """The film itself, blurred beyond recognition."""
    blur = cv2.GaussianBlur(film, (0, 0), max(1.0, BLUR * max(film.shape)), borderType=cv2.BORDER_REPLICATE)
    return lambda region: blur


def local_mean(film: np.ndarray, population: str) -> Filling:
    """Every connected piece of the region in one grey, the mean of its surroundings; of the film where it has none."""
    reach = max(1, round(RING * max(film.shape)))
    tool = np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)

    def fill(region: np.ndarray) -> np.ndarray:
        out = np.full_like(film, film.mean())
        count, labels, stats, _ = cv2.connectedComponentsWithStats(region.astype(np.uint8))
        inside = []
        for piece, (x, y, w, h, _) in enumerate(stats[1:count], start=1):
            window = np.s_[max(0, y - reach) : y + h + reach, max(0, x - reach) : x + w + reach]
            own = labels[window] == piece
            around = cv2.dilate(own.astype(np.uint8), tool).astype(bool) & ~region[window]
            if around.any():
                grey = film[window][around].mean()
                out[window][around] = grey  # where the edge fades
                inside.append((window, own, grey))
        for window, own, grey in inside:
            out[window][own] = grey
        return out

    return fill


def normal_film(film: np.ndarray, population: str) -> Filling:
    """The mean of hundreds of normal training films of the film's population, stretched to the film's shape."""
    mean = cv2.resize(_means()[population], film.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return lambda region: mean


FILLS = {
    "normal": Fill("Average normal film", "filled with the average normal film", normal_film),
    "blur": Fill("Blur", "blurred beyond recognition", blurred),
    "mean": Fill("Mean of the surroundings", "filled with the mean grey of its surroundings", local_mean),
}
# A blurred large heart is still a large heart: only the normal film takes away what a finding of size and shape is.
DEFAULT = "normal"


def cover(film: np.ndarray, region: np.ndarray, filling: np.ndarray) -> np.ndarray:
    """Hide a region.

    Args:
        film: ``(H, W)`` float32 in [0, 1].
        region: ``(H, W)`` bool; hidden wholly, and its edge fades out around it.
        filling: ``(H, W)``, what stands in its place.

    Returns:
        ``(H, W)`` float32.
    """
    out = film.copy()
    if region.any():
        reach = 1 + FEATHER * max(film.shape)
        around = _around(region, int(np.ceil(reach)))
        distance = cv2.distanceTransform((~region[around]).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5)
        out[around] += np.clip(1 - distance / reach, 0, 1) * (filling - film)[around]
    return out


def _around(region: np.ndarray, margin: int) -> tuple[slice, slice]:
    """The smallest window that a region and so many pixels around it fit into; farther away nothing changes."""
    x, y, w, h = cv2.boundingRect(region.astype(np.uint8))
    return np.s_[max(0, y - margin) : y + h + margin, max(0, x - margin) : x + w + margin]


@functools.cache
def _means() -> dict[str, np.ndarray]:
    with np.load(NORMAL_FILMS, allow_pickle=False) as arrays:
        return {population: arrays[population].astype(np.float32) / 255 for population in ("adult", "child")}
