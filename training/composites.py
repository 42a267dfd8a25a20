"""Makes the example films that ship: averages of many aligned films, so that no patient's film is in the repo.

Each composite is the equal-weight mean of :data:`SHARE` films of different patients of one class: a seed film's
nearest neighbours in a principal-component space after local equalisation, each aligned to the seed. Several seeds are
tried per class; the one that ships is the one that the default checkpoint reads most clearly as intended.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import cv2
import numpy as np
from tqdm import tqdm

import xai
from training.data import ADULT, Film, load
from xai.radiograph import Radiograph, normalise
from xai.weights import models

SHARE = 10  # films in a composite, equal weights
SEEDS = 60  # seeds tried per class
COMPONENTS = 30
THUMBNAIL = 64
SIDE = 384
# Kermany's films were squeezed square: their composites get a child's film's usual shape back.
CHILD_WIDTH = 1.25


@dataclass(frozen=True)
class Kind:
    """One composite to make: its file, what it shows, and which training films go into it."""

    file: str
    title: str
    population: str
    present: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()

    def takes(self, film: Film) -> bool:
        """Whether a training film belongs to this class."""
        if film.population != self.population or (not self.present and not film.normal):
            return False
        return all(film.labels.get(name) for name in self.present) and not any(
            film.labels.get(name) for name in self.absent
        )


KINDS = (
    Kind("adult-large-heart.png", "Adult, large heart", "adult", ("cardiomegaly",), ("pneumonia",)),
    Kind("adult-normal.png", "Adult, nothing found", "adult", (), ADULT),
    Kind("adult-effusion.png", "Adult, effusion", "adult", ("effusion",), ("cardiomegaly", "pneumothorax")),
    Kind("adult-pneumonia.png", "Adult, pneumonia", "adult", ("pneumonia",), ("cardiomegaly", "effusion")),
    # Bacterial rather than viral is no question to a film without pneumonia.
    Kind("child-normal.png", "Child, nothing found", "child", (), ("pneumonia_child",)),
    Kind("child-bacterial.png", "Child, bacterial pneumonia", "child", ("pneumonia_child", "bacterial_child")),
    Kind("child-viral.png", "Child, viral pneumonia", "child", ("pneumonia_child",), ("bacterial_child",)),
)


def equalised(grey: np.ndarray, side: int) -> np.ndarray:
    """``(side, side)`` float32 in [0, 1] after contrast-limited adaptive histogram equalisation."""
    small = cv2.resize(grey, (side, side), interpolation=cv2.INTER_AREA)
    return cv2.createCLAHE(2.0, (8, 8)).apply(small).astype(np.float32) / 255


def aligned(grey: np.ndarray, seed: np.ndarray) -> np.ndarray | None:
    """A film warped onto the seed film by the affine map of best correlation (Evangelidis & Psarakis 2008), or None."""
    warp = np.eye(2, 3, dtype=np.float32)
    stop = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 60, 1e-4)
    fixed, moving = equalised(seed, 128), equalised(grey, 128)
    try:
        _, warp = cv2.findTransformECC(fixed, moving, warp, cv2.MOTION_AFFINE, stop, None, 5)
    except cv2.error:  # no convergence: this neighbour does not fit
        return None
    if np.abs(warp[:, :2] - np.eye(2)).max() > 0.25:
        return None
    scale = SIDE / 128
    warp[:, 2] = scale * warp[:, 2] + (scale - 1) / 2 * (1 - warp[:, :2].sum(1))
    full = cv2.resize(grey, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC).astype(np.float32)
    return cv2.warpAffine(
        full, warp, (SIDE, SIDE), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE
    )


def places(pixels: list[np.ndarray]) -> np.ndarray:
    """Where films ``(H, W)`` uint8 lie in the space of their principal components, ``(n, COMPONENTS)`` or fewer columns."""
    thumbnails = np.stack([equalised(grey, THUMBNAIL).ravel() for grey in pixels])
    thumbnails -= thumbnails.mean(0)
    _, _, components = np.linalg.svd(thumbnails, full_matrices=False)
    return thumbnails @ components[:COMPONENTS].T


def average(seed: int, films: list[Film], pixels: list[np.ndarray], place: np.ndarray) -> np.ndarray | None:
    """The composite around one seed film, ``(SIDE, SIDE)`` float32 in [0, 1], or None where too few films fit.

    Args:
        seed: index of the film that the others are aligned to; it takes one equal share like them.
        films, pixels: of one class.
        place: theirs, from :func:`places`.
    """
    stack, patients = [], set()
    for i in np.argsort(((place - place[seed]) ** 2).sum(1)):
        if films[i].patient in patients:
            continue
        warped = aligned(pixels[i], pixels[seed])
        if warped is not None:
            stack.append(warped)
            patients.add(films[i].patient)
        if len(stack) == SHARE:
            return normalise(np.mean(stack, axis=0))
    return None


def clarity(kind: Kind, explanation: xai.Explanation) -> float:
    """How clearly a composite reads as intended: the smallest margin to an operating point, in log-odds."""
    margins = []
    for name, reading in explanation.readings.items():
        p = reading.finding.operating_point
        margin = reading.logit - np.log(p / (1 - p))
        if name in kind.present:
            margins.append(margin)
        elif name in kind.absent:
            margins.append(-margin)
    return float(min(margins))


def make(films: list[Film], out: Path, weights: Path | None = None) -> None:
    """Write every composite and ``examples.json`` to ``out``; ``films`` are training films only.

    Every checkpoint must take a composite for a film of its population; the default one says how clearly it reads.
    """
    classifier, *others = (xai.load(name, weights) for name in models(weights))
    out.mkdir(exist_ok=True)
    rng = np.random.default_rng(0)
    cards = []
    for kind in KINDS:
        chosen = [film for film in films if kind.takes(film)]
        pixels = load(chosen, kind.title)
        place = places(pixels)
        best, best_clarity = None, -np.inf
        for seed in tqdm(rng.permutation(len(chosen))[:SEEDS], desc=kind.title, mininterval=5):
            composite = average(int(seed), chosen, pixels, place)
            if composite is None:
                continue
            if kind.population == "child":
                composite = cv2.resize(composite, (round(SIDE * CHILD_WIDTH), SIDE), interpolation=cv2.INTER_CUBIC)
                composite = np.clip(composite, 0, 1)
            explanation = xai.explain(classifier, Radiograph(composite))
            clear = clarity(kind, explanation)
            gates = (xai.explain(other, Radiograph(composite)).gate for other in others)
            if clear > best_clarity and all(
                gate.chest_film and gate.population == kind.population for gate in chain([explanation.gate], gates)
            ):
                best, best_clarity = composite, clear
        cv2.imwrite(str(out / kind.file), np.round(best * 255).astype(np.uint8))
        cards.append(
            {
                "file": kind.file,
                "title": kind.title,
                "population": kind.population,
                "intended": list(kind.present),
                "not_intended": list(kind.absent),
                "films": SHARE,
                "margin": round(best_clarity, 3),
            }
        )
    (out / "examples.json").write_text(json.dumps(cards, indent=1) + "\n")
