"""Strangers from pictures that Python packages ship: photographs, and what other medical devices make."""

from __future__ import annotations

import functools
import importlib
from importlib import resources

import cv2
import numpy as np
from pydicom import dcmread
from pydicom.data import get_testdata_file

PHOTOGRAPHS = {
    "gradio": ("media_assets/images/cheetah1.jpg", "media_assets/images/lion.jpg", "media_assets/images/tower.jpg"),
    "matplotlib": ("mpl-data/sample_data/grace_hopper.jpg",),
    "sklearn": ("datasets/images/china.jpg", "datasets/images/flower.jpg"),
    "skimage": (
        "data/astronaut.png", "data/brick.png", "data/camera.png", "data/chelsea.png", "data/coffee.png",
        "data/coins.png", "data/grass.png", "data/gravel.png", "data/hubble_deep_field.jpg", "data/moon.png",
        "data/motorcycle_left.png", "data/rocket.jpg",
    ),
}  # fmt: skip
MICROSCOPE = {
    "skimage": ("data/cell.png", "data/ihc.png", "data/microaneurysms.png", "data/phantom.png", "data/retina.jpg")
}
SLICES = ("CT_small.dcm", "MR_small.dcm", "examples_overlay.dcm")


@functools.cache
def _shipped(package: str, name: str) -> np.ndarray:
    """``(H, W, 3)`` uint8 RGB of a picture inside an installed package."""
    data = resources.files(importlib.import_module(package)).joinpath(name).read_bytes()
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)[..., ::-1]


@functools.cache
def _slice(name: str) -> np.ndarray:
    """``(H, W)`` uint8 of a DICOM file that pydicom ships."""
    levels = dcmread(get_testdata_file(name)).pixel_array.astype(np.float32)
    low, high = np.percentile(levels, (0.5, 99.5))
    return np.round(255 * np.clip((levels - low) / (high - low), 0, 1)).astype(np.uint8)


def part(picture: np.ndarray, rng: np.random.Generator, least: float = 0.4) -> np.ndarray:
    """A random piece, each side at least this share of the picture's, mirrored and of another exposure at random."""
    height, width = (max(int(n * rng.uniform(least, 1)), 16) for n in picture.shape[:2])
    top, left = rng.integers(0, picture.shape[0] - height + 1), rng.integers(0, picture.shape[1] - width + 1)
    piece = picture[top : top + height, left : left + width].astype(np.float32) / 255
    piece = piece[:, ::-1] if rng.random() < 0.5 else piece
    piece = 255 * piece ** np.exp(rng.uniform(-0.4, 0.4))
    scale = rng.uniform(180, 700) / max(height, width)
    return (
        np.round(cv2.resize(piece, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))
        .clip(0, 255)
        .astype(np.uint8)
    )


def _any(sources: dict[str, tuple[str, ...]], rng: np.random.Generator) -> np.ndarray:
    names = [(package, name) for package, files in sources.items() for name in files]
    return _shipped(*names[rng.integers(len(names))])


def colour(rng: np.random.Generator) -> np.ndarray:
    """A piece of a photograph as it is; of those that are in colour."""
    while np.ptp(picture := _any(PHOTOGRAPHS, rng), axis=2).max() < 32:
        pass
    return part(picture, rng)


def grey(rng: np.random.Generator) -> np.ndarray:
    """A piece of a photograph in grey."""
    return part(cv2.cvtColor(_any(PHOTOGRAPHS, rng), cv2.COLOR_RGB2GRAY), rng)


def medical(rng: np.random.Generator) -> np.ndarray:
    """A CT or MR slice, a microscope's or a retinal picture, most of it in view."""
    if rng.random() < 0.5:
        return part(_slice(SLICES[rng.integers(len(SLICES))]), rng, 0.7)
    picture = _any(MICROSCOPE, rng)
    return part(picture if rng.random() < 0.3 else cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), rng, 0.6)
