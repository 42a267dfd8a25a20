"""A predictor simple enough to know its answers, and labelled phantoms for it to read."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from tests.files import levels
from training.data import Film
from training.evaluation.predictor import Answer

FINDINGS = ("cardiomegaly", "pneumonia_child")
GRID = 4


class Brightness:
    """Reads every finding from how bright the middle of a film is: logit ``20 · (mean − 0.5)``; its map says where."""

    name, version = "brightness", "1.0"
    findings = FINDINGS

    def __init__(self, maps: bool = True):
        self.maps = maps
        self.thresholds = dict.fromkeys(FINDINGS, 0.5)
        self.unsure = {"cardiomegaly": (0.3, 0.7)}

    def read(self, pixels: list[np.ndarray]) -> Answer:
        logits = [[20 * (float(_middle(grey).mean()) / 255 - 0.5)] * len(FINDINGS) for grey in pixels]
        if not self.maps:
            return Answer(np.array(logits))
        maps = [cv2.resize(grey, (GRID, GRID), interpolation=cv2.INTER_AREA) / 255.0 for grey in pixels]
        inner = np.zeros((GRID, GRID))
        inner[1:-1, 1:-1] = 1
        maps = np.stack([np.stack([one * inner] * len(FINDINGS), axis=-1) for one in maps]).astype(np.float32)
        return Answer(np.array(logits), maps, np.tile([0.0, 0, 1, 1], (len(pixels), 1)))


def _middle(grey: np.ndarray) -> np.ndarray:
    height, width = grey.shape
    return grey[height // 4 : 3 * height // 4, width // 4 : 3 * width // 4]


def phantoms(folder: Path, count: int = 16) -> list[Film]:
    """Adults' films, of patients with two films each; every other one has a bright middle and its label."""
    films = []
    for i in range(count):
        picture = levels(48, 48)
        picture[8:40, 8:40] = (150 if i % 2 else 60) + 3 * i
        path = folder / f"film{i}.png"
        cv2.imwrite(str(path), picture)
        present = bool(i % 2)
        boxes = {"cardiomegaly": [(0.2, 0.2, 0.8, 0.8)]} if present else {}
        films.append(
            Film(
                path, f"p{i // 2}", "adult", not present, {"cardiomegaly": present}, boxes, "PA", "FM"[i // 2 % 2], "50"
            )
        )
    return films
