"""A shipped checkpoint in parts: the features that its backbone computes, and the version that its files give it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import numpy as np
from onnxruntime import InferenceSession
from tqdm import tqdm

from xai.geometry import letterbox

# The first half of every version; the other tells weights apart.
SERIES = "2026.11.21"


def features(session: InferenceSession, pictures: list[np.ndarray], size: int, desc: str) -> Iterator[np.ndarray]:
    """Yield the features ``(h, w, k)`` of pictures ``(H, W)`` uint8, normalised, on a canvas of side ``size``."""
    name = session.get_inputs()[0].name
    for grey in tqdm(pictures, desc=desc, mininterval=5):
        canvas, _ = letterbox(grey.astype(np.float32) / 255, size)
        yield session.run(None, {name: canvas[None, ..., None]})[0][0]


def version(files: dict[str, dict]) -> str:
    """A checkpoint's version, of which no two sets of weights have the same: the manifest's ``files`` → ``series-digest``."""
    together = "".join(file["sha256"] for file in files.values())
    return f"{SERIES}-{hashlib.sha256(together.encode()).hexdigest()[:6]}"
