"""Is a film mirrored, the heart on the wrong side? Told by a small convolutional network on a 64 × 64 thumbnail.

The network (``mirror.onnx``, made by ``python -m training.mirror``) is asked twice, about the thumbnail and about its
mirror image, and the answers are subtracted: a film and its mirror image score exactly opposite.
"""

from __future__ import annotations

import functools
from pathlib import Path

import cv2
import numpy as np
import onnxruntime

from xai import polarity

SIDE = 64
FILE = Path(__file__).with_name("mirror.onnx")


def mirrored(pixels: np.ndarray) -> np.ndarray:
    """``(H, W)`` pixels with left and right exchanged, contiguous."""
    return np.ascontiguousarray(pixels[:, ::-1])


def thumbnail(pixels: np.ndarray) -> np.ndarray:
    """``(H, W)`` → its ``SIDE × SIDE`` average, squeezed square, with mean 0 and variance 1, float32."""
    small = cv2.resize(pixels, (SIDE, SIDE), interpolation=cv2.INTER_AREA).astype(np.float32)
    small -= small.mean()
    return small * (SIDE / max(float(np.linalg.norm(small)), 1e-9))


def scores(session: onnxruntime.InferenceSession, thumbnails: np.ndarray) -> np.ndarray:
    """How much thumbnails ``(n, SIDE, SIDE)`` look as they should rather than mirrored, ``(n,)``, in log-odds."""
    films = np.stack([thumbnails, thumbnails[:, :, ::-1]])[..., None]
    as_they_are, reversed_ = (session.run(None, {"canvas": way})[0][:, 0] for way in films)
    return as_they_are - reversed_


@functools.cache
def _network() -> tuple[onnxruntime.InferenceSession, float]:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(FILE), options, providers=["CPUExecutionProvider"])
    return session, float(session.get_modelmeta().custom_metadata_map["threshold"])


def score(pixels: np.ndarray) -> float:
    """:func:`scores` of one normalised ``(H, W)`` film: above 0 as it should be, below 0 mirrored."""
    return float(scores(_network()[0], thumbnail(pixels)[None])[0])


def seems_mirrored(pixels: np.ndarray) -> bool:
    """Whether an upright film of normalised ``(H, W)`` pixels looks mirrored; no in doubt, and for what is no film."""
    small = thumbnail(pixels)
    return polarity.film_like(small) and score(small) < -_network()[1]
