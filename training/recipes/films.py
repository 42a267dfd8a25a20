"""Which films a recipe learns from, which are held out to watch it and to fix its threshold, and their canvases."""

from __future__ import annotations

import hashlib

import numpy as np

from training.data import FINDINGS, Film, load, targets
from training.recipes.baseline import Baseline
from xai.geometry import letterbox

HELD_OUT = 6  # one training patient in so many


def is_held_out(film: Film) -> bool:
    """Whether the film's patient is held out from the fit: a hash, apart from the one that chooses validation."""
    return int(hashlib.sha256(f"held out {film.patient}".encode()).hexdigest(), 16) % HELD_OUT == 0


def hold_out(films: list[Film]) -> tuple[list[Film], list[Film]]:
    """Training films to fit on, and to hold out; no patient is in both."""
    return [f for f in films if not is_held_out(f)], [f for f in films if is_held_out(f)]


def labelled(films: list[Film], findings: tuple[str, ...]) -> list[Film]:
    """Films that are labelled for any of the findings."""
    return [film for film in films if any(name in film.labels for name in findings)]


def learnt(films: list[Film], baseline: Baseline) -> list[Film]:
    """Films that the recipe learns from: labelled ones, and if it asks for that, none with other findings alone."""
    chosen = labelled(films, baseline.findings)
    if baseline.against == "no finding":
        chosen = [f for f in chosen if f.normal or any(f.labels.get(name) for name in baseline.findings)]
    return chosen


def labels(films: list[Film], findings: tuple[str, ...]) -> np.ndarray:
    """``(films, findings)`` float32: 1 present, 0 absent, −1 where a film is not labelled for a finding."""
    label, mask = targets(films)
    columns = [FINDINGS.index(name) for name in findings]
    return np.where(mask > 0, label, -1)[:, columns].astype(np.float32)


def canvases(pixels: list[np.ndarray], size: int) -> np.ndarray:
    """Films ``(H, W)`` uint8, letter-boxed: ``(n, size, size, 1)`` uint8, a quarter of the memory of floats."""
    canvas = np.empty((len(pixels), size, size, 1), np.uint8)
    for row, grey in enumerate(pixels):
        canvas[row, ..., 0] = np.round(letterbox(grey.astype(np.float32), size)[0])
    return canvas


def arrays(films: list[Film], baseline: Baseline, desc: str) -> tuple[np.ndarray, np.ndarray]:
    """Canvases and labels of films, as a network of the recipe takes them."""
    return canvases(load(films, desc), baseline.size), labels(films, baseline.findings)
