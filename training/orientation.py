"""``python -m training.orientation``: the template by which :mod:`xai.orientation` tells how a film lies.

A ridge regression on thumbnails: films, and jittered copies of them, should score 1; the same turned by 90, 180 and 270
degrees, and random fields with the spectrum of natural pictures, should score 0. Fitted, and its thresholds set, on
training patients; the report's figures are of validation patients.
"""

from __future__ import annotations

import json

import numpy as np

from training.data import load, read_split
from training.polarity import (
    COPIES,
    FIELDS,
    even_weights,
    jittered,
    of_children,
    parse,
    random_field,
    squeezed,
    thumbnails,
)
from xai.orientation import FILE, TURNS
from xai.polarity import SIDE

RIDGE = 3e-3
# Of upright training films, in the population that suffers most: the share that may be called turned, and the share
# that may look too little like a film for anything to be said.
ACCUSED, UNSURE = 0.001, 0.05


def turned(films: np.ndarray, degrees: int) -> np.ndarray:
    """Thumbnails ``(n, SIDE²)`` turned clockwise."""
    return np.rot90(films.reshape(-1, SIDE, SIDE), -degrees // 90, axes=(1, 2)).reshape(len(films), -1)


def fit(films: np.ndarray, weight: np.ndarray, fields: np.ndarray) -> np.ndarray:
    """The template ``(SIDE²,)`` from upright thumbnails ``(n, SIDE²)``, their weights (sum 1), and fields' thumbnails."""
    moments = fields.T @ fields / len(fields)
    for degrees in TURNS:
        moments += (turned(films, degrees) * weight[:, None]).T @ turned(films, degrees)
    return np.linalg.solve(moments + RIDGE * np.eye(len(moments)), weight @ films)


def scores(films: np.ndarray, template: np.ndarray) -> np.ndarray:
    """How upright thumbnails look after each of :data:`TURNS`, ``(n, 4)``."""
    return np.stack([turned(films, degrees) @ template for degrees in TURNS], axis=1)


def suggestions(films: np.ndarray, template: np.ndarray, least: float, margin: float) -> np.ndarray:
    """What :func:`xai.orientation.suggestion` says of thumbnails, in degrees, ``(n,)``."""
    found = scores(films, template)
    sure = (found.max(1) >= least) & (found.max(1) - found[:, 0] >= margin)
    return np.where(sure, np.array(TURNS)[found.argmax(1)], 0)


def lowest(values: np.ndarray, children: np.ndarray, share: float) -> float:
    """The quantile ``share``, in the population where it is lower."""
    return float(min(np.quantile(values[kind], share) for kind in (children, ~children)))


def rates(films: np.ndarray, **given) -> dict:
    """How often upright thumbnails are accused, and how often turned ones are set right or turned the wrong way."""
    out: dict = {"films": len(films), "upright_accused": round(float((suggestions(films, **given) > 0).mean()), 5)}
    for degrees in TURNS[1:]:
        said = suggestions(turned(films, degrees), **given)
        right = said == 360 - degrees
        out[f"turned_by_{degrees}"] = {
            "set_right": round(float(right.mean()), 5),
            "turned_wrongly": round(float(((said > 0) & ~right).mean()), 5),
        }
    return out


def main() -> None:
    arguments = parse("orientation", __doc__)
    rng = np.random.default_rng(0)
    training, validation = read_split(arguments.data)
    pictures = squeezed(load(training, "training films"))
    upright, children = thumbnails(pictures), of_children(training)
    copies = thumbnails(jittered(film, rng) for _ in range(COPIES) for film in pictures)
    weight = even_weights(np.tile(children, 1 + COPIES))
    fields = thumbnails(random_field(rng) for _ in range(FIELDS))
    template = fit(np.concatenate([upright, copies]), weight, fields[::2])
    found = scores(upright, template)
    given = {
        "template": template.astype(np.float32),
        "least": np.float32(lowest(found[:, 0], children, UNSURE)),
        "margin": np.float32(max(0.05, -lowest(found[:, 0] - found[:, 1:].max(1), children, ACCUSED))),
    }
    np.savez(FILE, **(given | {"template": given["template"].reshape(SIDE, SIDE)}))
    held_back, young = thumbnails(squeezed(load(validation, "validation films"))), of_children(validation)
    report = {
        "command": "python -m training.orientation",
        "thresholds": {key: round(float(given[key]), 4) for key in ("least", "margin")},
        "random_fields_accused": round(float((suggestions(fields[1::2], **given) > 0).mean()), 5),
        "validation_adult": rates(held_back[~young], **given),
        "validation_child": rates(held_back[young], **given),
    }
    arguments.report.write_text(json.dumps(report, indent=1) + "\n")
    print(arguments.report)


if __name__ == "__main__":
    main()
