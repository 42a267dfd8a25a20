"""What is taken of one map on one film."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np

from training.maps.baselines import random
from training.maps.cases import Case
from training.maps.twins import Twin
from xai import localisation
from xai.lab.correlation import spearman
from xai.lab.curves import curves
from xai.lab.hide import hide
from xai.lab.regions import hottest
from xai.lab.stability import CHANGES, brought_back
from xai.lab.subject import Subject
from xai.methods import METHODS, Method

# Fewer than the page's, for there are many films here: their means settle all the same.
CONTROLS, STEPS = 8, 10
HIDDEN = 0.10
# Chance in the boxes is the mean of so many random maps.
DRAWS = 20


def drawn(method: Method, subject: Subject, name: str) -> tuple[np.ndarray, int, float]:
    """A method's map ``(h, w)``, how many films the model was shown for it, and the seconds that it took."""
    subject = replace(subject)  # without the features that another method had computed
    begun = time.perf_counter()
    for progress in method.steps(subject, name):
        pass
    return progress.map, progress.done, time.perf_counter() - begun


def against_boxes(heat: np.ndarray, subject: Subject, case: Case) -> dict:
    """Hottest point in a box, share of the positive map and IoU at equal area, each in [0, 1]."""
    extent, mask = subject.explanation.extent, localisation.box_mask(case.boxes)
    whole = localisation.on_film(heat, extent)
    share = localisation.share_inside(whole, mask)
    return {
        "argmax_in_box": float(localisation.pointing(localisation.hottest(heat, extent), case.boxes)),
        "share_in_box": 0.0 if np.isnan(share) else share,
        "iou": localisation.iou_at_equal_area(whole, mask),
    }


def chance_against_boxes(subject: Subject, case: Case) -> dict:
    """The same for random maps: the mean of :data:`DRAWS`."""
    tried = [against_boxes(random(subject, draw), subject, case) for draw in range(DRAWS)]
    return {key: float(np.mean([one[key] for one in tried])) for key in tried[0]}


def hiding(region: np.ndarray, subject: Subject, name: str, controls: int = CONTROLS) -> dict:
    """By how much the logit falls without a region of the film, and without random ones of its shape."""
    for hidden in hide(subject, region, controls=controls):
        pass
    effect = hidden.effect(name)
    return {
        "drop": effect.drop,
        "random": float(effect.random.mean()),
        "above_random": float(effect.drop > effect.random.mean()),
    }


def areas(heat: np.ndarray, subject: Subject, name: str) -> dict:
    """Mean logit along the deletion and the insertion curve."""
    for found in curves(subject, heat, steps=STEPS, orders=0):
        pass
    return {kind: found.of_map(kind, name).log_odds for kind in ("deletion", "insertion")}


def redrawable(key: str) -> str | None:
    """The method that draws the same map from features alone, for films and models that no explanation was made of."""
    if key == "evidence":
        return "hires-cam"  # the same map: tests/xai/methods prove it
    return key if key in METHODS and METHODS[key].films == 1 else None


def steadiness(maps: dict[str, np.ndarray], changed: list[Subject], case: Case) -> dict[str, float]:
    """Mean rank correlation of each map with that of the film after small changes, over the cells on both films.

    Args:
        maps: ``(h, w)`` by method; those that need more than features are left out.
        changed: the subject with each of :data:`~xai.lab.stability.CHANGES` done to its film.
        case: what the maps are of.
    """
    out = {}
    for key in filter(redrawable, maps):
        found = []
        for change, other in zip(CHANGES, changed):
            heat = METHODS[redrawable(key)].map(other, case.finding)
            back, shared = brought_back(other, heat[None], change.affine(other.film.shape))
            found.append(spearman(maps[key][shared], back[0][shared]))
        out[key] = float(np.nanmean(found)) if np.isfinite(found).any() else 0.0
    return out


def likeness(maps: dict[str, np.ndarray], twins: list[Subject], case: Case) -> dict[str, float]:
    """Mean size of the rank correlation of each map with that of shuffled twins; a twin that draws nothing counts 0."""
    out = {}
    for key in filter(redrawable, maps):
        found = [spearman(maps[key], METHODS[redrawable(key)].map(other, case.finding)) for other in twins]
        out[key] = float(np.mean(np.abs(np.nan_to_num(found))))
    return out


def whole(subject: Subject, case: Case, maps: dict[str, np.ndarray], twins: dict[str, list[Twin]]) -> dict[str, dict]:
    """Hiding, curves, stability and twins of all maps of one case, by method.

    Args:
        subject: the film.
        case: what the maps are of.
        maps: ``(h, w)`` by method or baseline.
        twins: how far the model was shuffled → classifiers shuffled so.
    """
    changed = [replace(subject, film=change(subject.film)) for change in CHANGES]
    steady = steadiness(maps, changed, case)
    alike = {
        depth: likeness(maps, [replace(subject, classifier=one) for one in shuffled], case)
        for depth, shuffled in twins.items()
    }
    out: dict[str, dict] = {}
    hidden: dict[bytes, dict] = {}  # methods that agree on a region have it hidden once
    for key, heat in maps.items():
        region = hottest(subject, heat, HIDDEN)
        if region.tobytes() not in hidden:
            hidden[region.tobytes()] = hiding(region, subject, case.finding)
        out[key] = {"hide": hidden[region.tobytes()], **areas(heat, subject, case.finding)}
        if key in steady:
            out[key]["stability"] = steady[key]
            out[key]["randomised"] = {depth: values[key] for depth, values in alike.items()}
    return out
