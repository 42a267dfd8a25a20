"""Areas under our insertion and deletion curves, beside xplique's of the same films, maps and model.

Both are the RISE authors' protocol (Petsiuk et al. 2018): probability, hottest first, trapezium rule. Both get the same
picture to stand where the film is gone, and as many steps. xplique sorts pixels, so it gets our map with every pixel as
hot as its cell. Left to itself it takes as many pixels at one step as at another, and splits a cell for it; ours takes
whole cells, and reckons with the area that they have. Told where to stop (``max_percentage_perturbed``), xplique takes
whole cells too: then both measure the same thing, and the target is for that.
"""

from __future__ import annotations

import tempfile
from itertools import product
from pathlib import Path

import numpy as np

import xai
from benchmarks import films
from benchmarks.measures.peers import environment
from benchmarks.result import Figure, Result
from benchmarks.server import Contestant
from benchmarks.settings import ROOT, Settings
from xai.foremost import foremost
from xai.lab.curves import STEPS, curves
from xai.lab.fills import DEFAULT, FILLS
from xai.lab.subject import Subject

FILMS, LIMIT = 20, 0.02
KINDS = ("deletion", "insertion")


def ours(subject: Subject, name: str) -> dict[str, float]:
    """Both areas of one finding's evidence, in the map's order alone."""
    for drawn in curves(subject, subject.explanation.readings[name].evidence, DEFAULT, STEPS, orders=0):
        pass
    return {kind: drawn.of_map(kind, name).area for kind in KINDS}


def write(path: Path, subject: Subject, name: str) -> None:
    """What :mod:`benchmarks.peers.xplique` needs of one film."""
    filling = FILLS[DEFAULT].prepare(subject.film, subject.explanation.gate.population)
    np.savez(
        path,
        film=subject.film,
        empty=filling(np.ones(subject.film.shape, bool)),
        heat=subject.explanation.readings[name].evidence.ravel()[subject.cells],
        column=subject.names.index(name),
        canvas=subject.where.size,
        top=subject.where.top,
        left=subject.where.left,
    )


def largest_error(found: list[dict[str, float]], expected: list[dict[str, float]], kind: str) -> float:
    """The largest relative difference of one kind of area over all films."""
    return max(abs(one[kind] - other[kind]) / other[kind] for one, other in zip(found, expected, strict=True))


def run(settings: Settings) -> Result:
    """The largest relative error over the films, for either kind of curve of each film's foremost finding."""
    result = Result(raw={"real": settings.films is not None, "fill": DEFAULT, "steps": STEPS, "films": []})
    errors = dict.fromkeys(product(("whole", "split"), KINDS), float("nan"))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        classifier = xai.load(weights=settings.weights, threads=settings.threads)
        np.savez(folder / "head.npz", kernel=classifier.kernel, bias=classifier.bias)
        found = []
        for index, path in enumerate(films.paths(settings.films, settings.repeats(FILMS), folder)):
            explanation = xai.explain(classifier, path)
            subject, finding = Subject.of(classifier, explanation), foremost(explanation)
            write(folder / f"film-{index:03}.npz", subject, finding)
            found.append(ours(subject, finding))
            result.raw["films"].append({"finding": finding, "ours": found[-1]})
        arguments = [name, str(classifier.backbone), str(STEPS), str(settings.threads)]
        try:
            python = environment(settings.peers)
            peer = Contestant(python, "benchmarks.peers.xplique", arguments, ROOT, folder / "xplique.log")
        except (RuntimeError, OSError) as error:
            result.errors["xplique"] = str(error)
        else:
            peer.close()
            result.raw["versions"] = peer.about["versions"]
            areas = peer.about["areas"]
            for entry, theirs in zip(result.raw["films"], areas, strict=True):
                entry["xplique"] = theirs
            for cells, kind in errors:
                errors[cells, kind] = largest_error(found, [theirs[cells] for theirs in areas], kind)
    what = f"area, {len(found)} films: relative error to xplique's"
    for kind in KINDS:
        result.figures += [
            Figure.at_most(f"{kind} {what}", errors["whole", kind], LIMIT),
            Figure(f"{kind} {what}, which splits cells", errors["split", kind]),
        ]
    return result
