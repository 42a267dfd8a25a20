"""Random films from films: geometry that carries the boxes along, exposure, occlusion, and boxes blurred away."""

from __future__ import annotations

import cv2
import numpy as np

from training.data import FINDINGS
from xai.geometry import CELL, STEM_OFFSET, place

ROTATION, SHIFT, ZOOM, SQUEEZE, SHADING, CROP = 10.0, 0.06, (0.88, 1.18), 0.12, 0.35, 0.12


def geometry(
    shape: tuple[int, int], size: int, rng: np.random.Generator | None, flip: float = 0.0, rough: float = 1.0
) -> np.ndarray:
    """A 2×3 affine from film pixels to canvas pixels: the letter-box, and, with ``rng``, a random jitter after it.

    With probability ``flip`` the jitter mirrors the film left to right; ``rough`` multiplies its ranges.
    """
    where = place(*shape, size)
    sx, sy = where.width / shape[1], where.height / shape[0]
    # Pixel centres lie at half-integers, as in cv2.resize.
    base = np.array([[sx, 0, where.left + 0.5 * sx - 0.5], [0, sy, where.top + 0.5 * sy - 0.5], [0, 0, 1]])
    if rng is None:
        return base[:2]
    middle = (size - 1) / 2
    turn = np.deg2rad(rough * rng.uniform(-ROTATION, ROTATION))
    zoom = rng.uniform(*ZOOM) ** rough
    # A visitor's film keeps its shape and is letter-boxed; Kermany's were squeezed square. Both must look alike.
    squeeze = np.exp(rough * rng.uniform(-SQUEEZE, SQUEEZE))
    cos, sin = np.cos(turn), np.sin(turn)
    mirror = -1 if flip and rng.random() < flip else 1
    linear = np.array([[cos, -sin], [sin, cos]]) @ np.diag([mirror * zoom * squeeze, zoom / squeeze])
    move = rough * rng.uniform(-SHIFT, SHIFT, 2) * size
    jitter = np.eye(3)
    jitter[:2, :2] = linear
    jitter[:2, 2] = middle - linear @ [middle, middle] + move
    return (jitter @ base)[:2]


def reframed(film: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A film ``(H, W)`` as somebody else might have cut it: two times in three, up to :data:`CROP` off each side."""
    if rng.random() > 2 / 3:
        return film
    height, width = film.shape
    top, bottom, left, right = (
        int(part * side) for part, side in zip(rng.uniform(0, CROP, 4), (height, height, width, width))
    )
    return film[top : height - bottom, left : width - right]


def shaded(canvas: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A film lit unevenly, as a grid out of line or scattered rays leave it: a smooth factor of ``exp(±SHADING)``."""
    coarse = rng.uniform(-SHADING, SHADING, (3, 3)).astype(np.float32)
    return canvas * np.exp(cv2.resize(coarse, canvas.shape[::-1], interpolation=cv2.INTER_CUBIC))


def exposure(canvas: np.ndarray, rng: np.random.Generator, rough: float = 1.0) -> np.ndarray:
    """Gamma, contrast, brightness, local equalisation, blur, resampling and noise, as cameras and archives cause.

    ``rough`` multiplies the ranges of the first three.
    """
    if rng.random() < 0.15:
        equalise = cv2.createCLAHE(rng.uniform(1, 3), (8, 8))
        canvas = equalise.apply((canvas * 255).astype(np.uint8)).astype(np.float32) / 255
    canvas = canvas ** np.exp(rough * rng.uniform(-0.45, 0.45))
    canvas = (canvas - 0.5) * (1 + rough * rng.uniform(-0.25, 0.25)) + 0.5 + rough * rng.uniform(-0.1, 0.1)
    pick = rng.random()
    if pick < 0.15:
        canvas = cv2.GaussianBlur(canvas, (0, 0), rng.uniform(0.4, 1.6))
    elif pick < 0.3:
        side = int(rng.uniform(130, 240))
        canvas = cv2.resize(
            cv2.resize(canvas, (side, side), interpolation=cv2.INTER_AREA), canvas.shape, interpolation=cv2.INTER_LINEAR
        )
    if rng.random() < 0.25:
        canvas = canvas + rng.normal(0, rng.uniform(0.005, 0.03), canvas.shape)
    return np.clip(canvas, 0, 1).astype(np.float32)


def soften(canvas: np.ndarray, corners: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Blur a rectangle ``(x0, y0, x1, y1)`` of canvas pixels beyond recognition, with a feathered edge."""
    x0, y0, x1, y1 = corners
    extent = max(x1 - x0, y1 - y0)
    mask = np.zeros_like(canvas)
    cv2.rectangle(mask, (round(x0), round(y0)), (round(x1), round(y1)), 1.0, -1)
    mask = cv2.GaussianBlur(mask, (0, 0), max(1.0, 0.04 * extent))
    # A wide blur costs its width; on a small copy it costs nothing.
    small = cv2.resize(canvas, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), max(1.0, rng.uniform(0.12, 0.35) * extent / 4))
    return canvas + mask * (cv2.resize(small, canvas.shape, interpolation=cv2.INTER_LINEAR) - canvas)


def cut_out(canvas: np.ndarray, keep: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Cover a random rectangle with one grey, or the film's border with black, sparing where ``keep`` is set."""
    size = len(canvas)
    mask = np.zeros_like(canvas)
    if rng.random() < 0.5:
        w, h = rng.uniform(0.08, 0.3, 2) * size
        x, y = rng.uniform(0, size - w), rng.uniform(0, size - h)
        mask[int(y) : int(y + h), int(x) : int(x + w)] = 1
        value = rng.uniform(0, 1)
    else:
        left, top, right, bottom = (rng.uniform(0, 0.09, 4) * size).astype(int)
        mask[:] = 1
        mask[top : size - bottom, left : size - right] = 0
        value = float(rng.random() < 0.2)
    return np.where((mask > 0) & ~keep, np.float32(value), canvas)


def grid_of(mask: np.ndarray, cells: int) -> np.ndarray:
    """The share of each feature cell that a canvas mask covers, ``(cells, cells)`` in [0, 1]."""
    start, end = STEM_OFFSET, STEM_OFFSET + CELL * cells
    steps = 8  # samples per cell and axis
    at = (np.linspace(start, end, cells * steps, endpoint=False) + (end - start) / cells / steps / 2).astype(int)
    return mask[np.ix_(at, at)].reshape(cells, steps, cells, steps).mean((1, 3))


def box_corners(box, shape: tuple[int, int], affine: np.ndarray) -> np.ndarray:
    """A box in fractions of the film → its four corners in canvas pixels, ``(4, 2)``."""
    x0, y0, x1, y1 = box
    corners = np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]]) * (shape[1], shape[0]) - 0.5
    return corners @ affine[:, :2].T + affine[:, 2]


def sample(
    pixels: np.ndarray,
    film,
    size: int,
    cells: int,
    rng: np.random.Generator | None,
    erase: float = 0.0,
    flip: float = 0.0,
    rough: float = 1.0,
    shade: float = 0.0,
):
    """One training example.

    Args:
        pixels: ``(H, W)`` uint8.
        film: its :class:`~training.data.Film`.
        size, cells: sides of the canvas and of the feature grid.
        rng: source of the augmentation; None for the film as the served model sees it.
        erase: probability that a boxed finding is blurred away and its label taken back; with the same probability
            a random region of a box's size is blurred and all labels stay, so that the blur itself tells nothing.
        flip: probability that the film is mirrored left to right.
        rough: multiplies the ranges of the geometry and the exposure.
        shade: probability that the film is lit unevenly.

    Returns:
        canvas ``(size, size, 1)`` in [0, 1], label and mask ``(findings,)``, box ``(cells, cells, findings)``.
    """
    affine = geometry(pixels.shape, size, rng, flip, rough)
    shrink = np.sqrt(abs(np.linalg.det(affine[:, :2])))
    if shrink < 0.6:  # warpAffine samples points: average first what would alias
        factor = 1 / np.floor(1 / shrink)
        pixels = cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
        affine = geometry_rescaled(affine, factor)
    canvas = cv2.warpAffine(pixels, affine, (size, size), flags=cv2.INTER_LINEAR).astype(np.float32) / 255
    label = np.zeros(len(FINDINGS), np.float32)
    mask = np.zeros(len(FINDINGS), np.float32)
    for name, present in film.labels.items():
        label[FINDINGS.index(name)], mask[FINDINGS.index(name)] = present, 1
    box = np.zeros((cells, cells, len(FINDINGS)), np.float32)
    keep = np.zeros((size, size), bool)
    rectangles = {}
    for name, boxes in film.boxes.items():
        corners = [box_corners(b, pixels.shape, affine) for b in boxes]
        covered = np.zeros((size, size), np.float32)
        for polygon in corners:
            cv2.fillConvexPoly(covered, np.round(polygon).astype(np.int32), 1.0)
        box[..., FINDINGS.index(name)] = grid_of(covered, cells)
        keep |= covered > 0
        rectangles[name] = [np.concatenate([p.min(0), p.max(0)]) for p in corners]
    if rng is None:
        return canvas[..., None], label, mask, box
    if shade and rng.random() < shade:
        canvas = shaded(canvas, rng)
    canvas = exposure(canvas, rng, rough)
    if rng.random() < 0.3:
        canvas = cut_out(canvas, keep, rng)
    if erase and rectangles:
        draw = rng.random()
        name = list(rectangles)[rng.integers(len(rectangles))]
        index = FINDINGS.index(name)
        if draw < erase:
            for corners in rectangles[name]:
                canvas = soften(canvas, corners, rng)
            # Whatever else was found may have lain under the blur too.
            mask *= 1 - label
            label[index], mask[index], box[:] = 0, 1, 0
        elif draw < 2 * erase:
            x0, y0, x1, y1 = rectangles[name][0]
            w, h = min(x1 - x0, size - 1), min(y1 - y0, size - 1)
            x, y = rng.uniform(0, size - w), rng.uniform(0, size - h)
            if not keep[int(y) : int(y + h), int(x) : int(x + w)].mean() > 0.2:
                canvas = soften(canvas, np.array([x, y, x + w, y + h]), rng)
    return np.clip(canvas, 0, 1)[..., None].astype(np.float32), label, mask, box


def geometry_rescaled(affine: np.ndarray, factor: float) -> np.ndarray:
    """The same map for pixels of a copy scaled by ``factor`` (pixel centres at half-integers)."""
    out = affine.copy()
    out[:, :2] /= factor
    out[:, 2] = affine[:, 2] + affine[:, :2].sum(1) * (0.5 / factor - 0.5)
    return out
