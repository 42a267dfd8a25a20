"""``python -m training.polarity``: the template by which :mod:`xai.polarity` tells a film from its negative.

A ridge regression through the origin on thumbnails: films, and jittered copies of them, should score 1; random fields
with the spectrum of natural pictures should score 0. Having no constant term, it scores a negative exactly opposite.
Trained and its threshold set on training patients; the report's other figures are of validation patients.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import cv2
import numpy as np

from training.augment import geometry
from training.data import DATA, Film, load, read_split
from xai.polarity import FILE, SIDE, thumbnail
from xai.radiograph import normalise

RIDGE, GENERIC = 3e-3, 1.0
COPIES, FIELDS = 4, 6000
# The share of inverted training films that the threshold lets pass, in the population that suffers most.
MISSED = 0.01
# Between a thumbnail and a film: fine enough to be turned and shifted.
COPY_SIDE = 96


def squeezed(pixels: list[np.ndarray]) -> list[np.ndarray]:
    """Films ``(H, W)`` uint8 → ``(COPY_SIDE, COPY_SIDE)`` float32 in [0, 1]."""
    size = (COPY_SIDE, COPY_SIDE)
    return [cv2.resize(p, size, interpolation=cv2.INTER_AREA).astype(np.float32) / 255 for p in pixels]


def jittered(film: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A film turned, zoomed, squeezed and shifted as in training, on black, on white, or with its edges drawn out."""
    edge = rng.integers(3)
    return cv2.warpAffine(
        film,
        geometry(film.shape, COPY_SIDE, rng),
        film.shape,
        borderMode=cv2.BORDER_REPLICATE if edge == 2 else cv2.BORDER_CONSTANT,
        borderValue=float(edge),
    )


def random_field(rng: np.random.Generator) -> np.ndarray:
    """``(SIDE, SIDE)`` of noise with amplitudes 1 / f^p, p from .5 to 1.8, as pictures of anything have (p near 1)."""
    frequency = np.fft.fftfreq(2 * SIDE)
    distance = np.hypot(*np.meshgrid(frequency, frequency))
    distance[0, 0] = 1
    spectrum = np.fft.fft2(rng.normal(size=distance.shape)) / distance ** rng.uniform(0.5, 1.8)
    return normalise(np.fft.ifft2(spectrum).real[:SIDE, :SIDE].astype(np.float32))


def thumbnails(pictures) -> np.ndarray:
    """Pictures ``(H, W)`` → ``(n, SIDE²)`` float64."""
    return np.stack([thumbnail(p).ravel() for p in pictures]).astype(np.float64)


def even_weights(children: np.ndarray) -> np.ndarray:
    """Weights of sum 1 that let both populations count alike, from ``(n,)`` bool."""
    return np.where(children, 0.5 / children.sum(), 0.5 / (~children).sum())


def fit(films: np.ndarray, children: np.ndarray, fields: np.ndarray) -> np.ndarray:
    """The template, ``(SIDE²,)`` of norm 1, from thumbnails of films (of both populations, equally) and of fields."""
    weight = even_weights(children)
    moments = (films * weight[:, None]).T @ films + GENERIC * fields.T @ fields / len(fields)
    template = np.linalg.solve(moments + RIDGE * np.eye(len(moments)), weight @ films)
    return template / np.linalg.norm(template)


def rates(scores: np.ndarray, threshold: float) -> dict:
    """What happens to pictures of these scores, and to their negatives."""
    return {
        "pictures": len(scores),
        "wrongly_turned": round(float((scores < -threshold).mean()), 5),
        "negatives_turned": round(float((scores > threshold).mean()), 5),
    }


def of_children(films: list[Film]) -> np.ndarray:
    """``(n,)`` bool: the films of the child population."""
    return np.array([film.population == "child" for film in films])


def parse(name: str, description: str) -> argparse.Namespace:
    """The command line of ``python -m training.NAME``: ``data`` to learn from, and where its ``report`` goes."""
    parser = argparse.ArgumentParser(prog=f"python -m training.{name}", description=description)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--report", type=Path, default=Path(f"reports/{name}.json"))
    return parser.parse_args()


def main() -> None:
    arguments = parse("polarity", __doc__)
    rng = np.random.default_rng(0)
    training, validation = read_split(arguments.data)
    sets = {"training": training, "validation": validation}
    pictures = {name: squeezed(load(films, f"{name} films")) for name, films in sets.items()}
    clean = {name: thumbnails(films) for name, films in pictures.items()}
    copies = {
        name: thumbnails(jittered(film, rng) for _ in range(COPIES) for film in films)
        for name, films in pictures.items()
    }
    fields = thumbnails(random_field(rng) for _ in range(FIELDS))
    children = {name: of_children(films) for name, films in sets.items()}
    template = fit(
        np.concatenate([clean["training"], copies["training"]]), np.tile(children["training"], 1 + COPIES), fields
    )
    scores = clean["training"] @ template
    own = children["training"]
    threshold = min(float(np.quantile(scores[kind], MISSED)) for kind in (own, ~own))
    report = {"threshold": round(threshold, 4), "films": {}, "jittered_films": {}}
    for name, is_child in children.items():
        for population, rows in (("adult", ~is_child), ("child", is_child)):
            key = f"{name}_{population}"
            report["films"][key] = rates(clean[name][rows] @ template, threshold)
            report["jittered_films"][key] = rates(copies[name][np.tile(rows, COPIES)] @ template, threshold)
    unseen = thumbnails(random_field(rng) for _ in range(FIELDS))
    report["random_fields"] = rates(unseen @ template, threshold)
    np.savez(FILE, template=template.reshape(SIDE, SIDE).astype(np.float32), threshold=np.float32(threshold))
    arguments.report.parent.mkdir(parents=True, exist_ok=True)
    arguments.report.write_text(json.dumps(report, indent=1) + "\n")
    print(arguments.report.read_text())


if __name__ == "__main__":
    main()
