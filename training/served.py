"""Features as a shipped backbone computes them, without the rest of its checkpoint."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from onnxruntime import InferenceSession
from tqdm import tqdm

from xai.geometry import letterbox


def features(session: InferenceSession, pictures: list[np.ndarray], size: int, desc: str) -> Iterator[np.ndarray]:
    """Yield the features ``(h, w, k)`` of pictures ``(H, W)`` uint8, normalised, on a canvas of side ``size``."""
    name = session.get_inputs()[0].name
    for grey in tqdm(pictures, desc=desc, mininterval=5):
        canvas, _ = letterbox(grey.astype(np.float32) / 255, size)
        yield session.run(None, {name: canvas[None, ..., None]})[0][0]
