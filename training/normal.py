"""``python -m training.normal``: the average normal film of each population, with which :mod:`xai.lab` hides regions.

A mean over all normal films of training patients, 75 × 75 pixels: no patient's film can be told from it.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np

from training.data import DATA, load, read_split
from xai.lab.fills import NORMAL_FILMS

SIDE = 75
# Fewer films would leave something of each in their mean.
LEAST = 300


def mean_film(pixels: list[np.ndarray]) -> np.ndarray:
    """Films ``(H, W)`` uint8 → their mean, squeezed square, ``(SIDE, SIDE)`` uint8."""
    if len(pixels) < LEAST:
        raise ValueError(f"a mean of {len(pixels)} films could show a patient's: give at least {LEAST}")
    total = np.zeros((SIDE, SIDE))
    for film in pixels:
        total += cv2.resize(film, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    return np.rint(total / len(pixels)).astype(np.uint8)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m training.normal", description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    training, _ = read_split(parser.parse_args().data)
    means = {}
    for population in ("adult", "child"):
        films = [film for film in training if film.population == population and film.normal]
        means[population] = mean_film(load(films, f"normal films, {population}"))
        print(f"{population}: mean of {len(films)} films")
    np.savez_compressed(NORMAL_FILMS, **means)
    print(NORMAL_FILMS)


if __name__ == "__main__":
    main()
