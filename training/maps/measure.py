"""What is taken of one map on one film."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from training.maps.baselines import random
from training.maps.cases import Case
from training.maps.twins import Twin
from xai.lab.correlation import spearman
from xai.lab.curves import curves
from xai.lab.hide import hide
from xai.lab.regions import hottest
from xai.lab.stability import CHANGES, brought_back
from xai.lab.subject import Subject
from xai.localisation import against_boxes
from xai.methods import CLOSED_FORMS, METHODS

# Raised with every change of what is taken of a map or how, here or in the laboratory: what was measured by another rule
# is measured again.
RULE = 2
# Fewer than the page's, for there are many films here: their means settle all the same.
CONTROLS, STEPS = 8, 10
HIDDEN = 0.10
# Chance is the mean of so many random maps, in boxes, and hidden.
DRAWS, DRAWS_HIDDEN = 20, 5
# Method → the one that draws its map from features alone, for films and models that no explanation was made of. The
# evidence is of an explanation; HiResCAM is the same map (tests/xai/methods prove it).
REDRAWN = {key: METHODS["hires-cam" if key == "evidence" else key] for key in CLOSED_FORMS}


def chance_against_boxes(subject: Subject, case: Case) -> dict:
    """:func:`~xai.localisation.against_boxes` of random maps: the mean of :data:`DRAWS`."""
    extent = subject.explanation.extent
    tried = [against_boxes(random(subject, draw), extent, case.boxes) for draw in range(DRAWS)]
    return _mean(tried)


def chance_hidden(subject: Subject, name: str) -> dict:
    """:func:`hiding` of the hottest regions of random maps: the mean of :data:`DRAWS_HIDDEN`."""
    regions = (hottest(subject, random(subject, draw), HIDDEN) for draw in range(DRAWS_HIDDEN))
    return _mean([hiding(region, subject, name) for region in regions])


def _mean(tried: list[dict]) -> dict:
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


def steadiness(maps: dict[str, np.ndarray], changed: list[Subject], case: Case) -> dict[str, float]:
    """Mean rank correlation of each map with that of the film after small changes, over the cells on both films.

    Args:
        maps: ``(h, w)`` by method; those that need more than features are left out.
        changed: the subject with each of :data:`~xai.lab.stability.CHANGES` done to its film.
        case: what the maps are of.
    """
    out = {}
    for key in REDRAWN.keys() & maps.keys():
        found = []
        for change, other in zip(CHANGES, changed):
            heat = REDRAWN[key].map(other, case.finding)
            back, shared = brought_back(other, heat[None], change.affine(other.film.shape))
            found.append(spearman(maps[key][shared], back[0][shared]))
        out[key] = float(np.nanmean(found)) if np.isfinite(found).any() else 0.0
    return out


def likeness(maps: dict[str, np.ndarray], twins: list[Subject], case: Case) -> dict[str, float]:
    """Mean size of the rank correlation of each map with that of shuffled twins; a twin that draws nothing counts 0."""
    out = {}
    for key in REDRAWN.keys() & maps.keys():
        found = [spearman(maps[key], REDRAWN[key].map(other, case.finding)) for other in twins]
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
        if key == "random":
            found = chance_hidden(subject, case.finding)
        else:
            region = hottest(subject, heat, HIDDEN)
            if region.tobytes() not in hidden:
                hidden[region.tobytes()] = hiding(region, subject, case.finding)
            found = hidden[region.tobytes()]
        out[key] = {"hide": found, **areas(heat, subject, case.finding)}
        if key in steady:
            out[key]["stability"] = steady[key]
            out[key]["randomised"] = {depth: values[key] for depth, values in alike.items()}
    return out
