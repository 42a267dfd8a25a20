"""Reports what a shipped checkpoint does on validation films, through the same seam that serves visitors."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

import cv2
import numpy as np
from tqdm import tqdm

import xai
from training import calibrate
from training.abstention import outside
from training.data import ADULT, FINDINGS, Film, load, targets
from training.metrics import auc, balanced_error, calibration_error, interval, means, sensitivity, specificity
from xai import localisation
from xai.classifier import Classifier
from xai.radiograph import Radiograph

FOLDS = 5
CONTROLS = 4  # random regions per box that a blurred box is compared with
PLACES = 50  # random places of a square of the boxes' area, per film
SEED = 0


@dataclass
class Readings:
    """What a checkpoint said of many films.

    Attributes:
        logits: ``(n, c)``.
        evidence: ``(n, h, w, c)``.
        extent: of the grid on each film, ``(n, 4)``.
        distance, adult: the gate's distance and whether it took the film for an adult's, ``(n,)``.
    """

    logits: np.ndarray
    evidence: np.ndarray
    extent: np.ndarray
    distance: np.ndarray
    adult: np.ndarray


def read_films(classifier: Classifier, pixels: list[np.ndarray], desc: str) -> Readings:
    """Explain every film; ``pixels`` as from :func:`training.data.load`."""
    rows = []
    for grey in tqdm(pixels, desc=desc, mininterval=5):
        e = xai.explain(classifier, Radiograph(grey.astype(np.float32) / 255))
        readings = e.readings.values()
        rows.append(
            (
                [r.logit for r in readings],
                np.stack([r.evidence for r in readings], axis=-1),
                e.extent,
                e.gate.distance,
                e.gate.population == "adult",
            )
        )
    return Readings(*(np.array(column) for column in zip(*rows)))


def folds(patients: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Masks of the films to fit on and the films to judge, patient-wise, for estimates that nothing was fitted to."""
    names, group = np.unique(patients, return_inverse=True)
    part = np.random.default_rng(SEED).permutation(len(names)) % FOLDS
    for k in range(FOLDS):
        yield part[group] != k, part[group] == k


def classification(films: list[Film], logits: np.ndarray) -> dict:
    """AUC, calibration, operating points and unsure zones per finding; all but AUC cross-fitted over patients.

    Args:
        films: validation films.
        logits: ``(n, c)``, in the order of ``FINDINGS``.
    """
    label, mask = targets(films)
    patients = np.array([f.patient for f in films])
    normal = np.array([f.normal for f in films])
    out = {}
    for column, name in enumerate(FINDINGS):
        known = mask[:, column] > 0
        y, z, who, healthy = label[known, column], logits[known, column], patients[known], normal[known]
        probability, above, sure = np.zeros(len(y)), np.zeros(len(y), bool), np.zeros(len(y), bool)
        for fit, judge in folds(who):
            slope, offset = calibrate.platt(z[fit], y[fit])
            p = 1 / (1 + np.exp(-(slope * z + offset)))
            fixed = calibrate.operating_point(name, p[fit], y[fit])
            probability[judge], above[judge] = p[judge], p[judge] >= fixed["operating_point"]
            sure[judge] = outside(p[judge], fixed["unsure"])
        entry = {
            "films": int(known.sum()),
            "positive": int(y.sum()),
            "auc": auc(y, z),
            "auc_interval": interval(auc, who, y, z),
            "sensitivity": sensitivity(y, above, 0.5),
            "sensitivity_interval": interval(lambda a, b: sensitivity(a, b, 0.5), who, y, above),
            "specificity": specificity(y, above, 0.5),
            "specificity_interval": interval(lambda a, b: specificity(a, b, 0.5), who, y, above),
            "balanced_error": balanced_error(y, above),
            "share_unsure": float(1 - sure.mean()),
            "balanced_error_sure": balanced_error(y[sure], above[sure]),
            "balanced_error_sure_interval": interval(balanced_error, who[sure], y[sure], above[sure]),
            "ece": calibration_error(y, probability),
            "brier": float(((probability - y) ** 2).mean()),
        }
        if name in ADULT:
            rows = (y > 0.5) | healthy
            entry["auc_against_no_finding"] = auc(y[rows], z[rows])
        out[name] = entry
    return out


def maps_against_boxes(films: list[Film], readings: Readings) -> dict:
    """Pointing game, share inside, IoU per boxed finding and over all boxes, beside centre and random baselines.

    Empty where no film has a box.
    """
    rows = []  # finding, patient, measures of the map, and of its baselines
    for i, film in enumerate(films):
        for name, boxes in film.boxes.items():
            one = readings.evidence[i, :, :, FINDINGS.index(name)]
            mask = localisation.box_mask(boxes)
            area = float(mask.mean())
            centred = localisation.centred_square(area)
            # Of each film and finding its own, whatever else is measured beside it.
            rng = np.random.default_rng([SEED, crc32(f"{film.path.name} {name}".encode())])
            places = rng.integers(localisation.RASTER, size=(PLACES, 2))
            random = [localisation.iou_at_equal_area(np.roll(centred, place, (0, 1)), mask) for place in places]
            baselines = (
                localisation.pointing((0.5, 0.5), boxes),
                localisation.iou_at_equal_area(centred, mask),
                area,
                float(np.mean(random)),
            )
            measures = localisation.against_boxes(one, tuple(readings.extent[i]), boxes)
            rows.append((name, film.patient, measures, baselines))

    def summary(chosen: list[tuple]) -> dict:
        _, patients, measures, baselines = zip(*chosen)
        out = {"boxed_films": len(chosen), **means(np.array(patients), measures)}
        # A random point lies in the box as often as the box is large, and so much of a flat map lies inside.
        centre_argmax, centre_iou, area, random_iou = np.array(baselines, float).mean(0)
        out["centre"] = {"argmax_in_box": float(centre_argmax), "iou": float(centre_iou)}
        out["random"] = {"argmax_in_box": float(area), "share_in_box": float(area), "iou": float(random_iou)}
        return out

    if not rows:
        return {}
    by_finding = {name: [row for row in rows if row[0] == name] for name in ADULT}
    out = {name: summary(own) for name, own in by_finding.items() if own}
    over_findings = {
        key: float(np.mean([entry[key] for entry in out.values()])) for key in ("argmax_in_box", "share_in_box", "iou")
    }
    return out | {"all boxes": summary(rows), "mean over findings": over_findings}


def blur(grey: np.ndarray, corners: tuple[int, int, int, int]) -> np.ndarray:
    """A film with the rectangle ``(x0, y0, x1, y1)``, in pixels, blurred by a Gaussian a quarter of its size wide."""
    x0, y0, x1, y1 = corners
    out = grey.copy()
    out[y0:y1, x0:x1] = cv2.GaussianBlur(grey, (0, 0), max(x1 - x0, y1 - y0) / 4)[y0:y1, x0:x1]
    return out


def blur_test(classifier: Classifier, films: list[Film], pixels: list[np.ndarray], readings: Readings) -> dict:
    """How often blurring a box lowers its finding's logit more than blurring a random region of the same size."""
    rng = np.random.default_rng(SEED)
    wins: dict[str, list[float]] = {}
    work = [(i, name, box) for i, film in enumerate(films) for name, boxes in film.boxes.items() for box in boxes]
    for i, name, box in tqdm(work, desc="blurring boxes", mininterval=5):
        height, width = pixels[i].shape
        x0, y0, x1, y1 = (round(v * s) for v, s in zip(box, (width, height) * 2))
        w, h = x1 - x0, y1 - y0
        places = [(x0, y0)]
        places += list(zip(rng.integers(0, width - w + 1, CONTROLS), rng.integers(0, height - h + 1, CONTROLS)))
        films_hidden = [Radiograph(blur(pixels[i], (x, y, x + w, y + h)).astype(np.float32) / 255) for x, y in places]
        logits = [xai.explain(classifier, f).readings[name].logit for f in films_hidden]
        drop = readings.logits[i, FINDINGS.index(name)] - np.array(logits)
        wins.setdefault(name, []).append(float((drop[0] > drop[1:]).mean()))
    return {name: {"boxes": len(v), "box_lowers_more": float(np.mean(v)), "random": 0.5} for name, v in wins.items()}


def report(name: str, films: list[Film], weights: Path | None = None) -> dict:
    """The committed report of one shipped checkpoint on validation films.

    Args:
        name: of the checkpoint.
        films: validation films, from :func:`training.data.split`.
        weights: folder to load from; None resolves as for visitors.
    """
    classifier = xai.load(name, weights, threads=2)
    pixels = load(films, "validation films")
    readings = read_films(classifier, pixels, f"{name}: explaining")
    adult = np.array([f.population == "adult" for f in films])
    patients = np.array([f.patient for f in films])
    return {
        "checkpoint": name,
        "version": classifier.version,
        "date": datetime.date.today().isoformat(),
        "command": f"python -m training report {name}",
        "split": "validation: one patient in five, by hash of the patient's identifier",
        "films": {"adult": int(adult.sum()), "child": int((~adult).sum()), "patients": len(set(patients))},
        "note": "AUC is of films that fixed only calibration and operating points; all else is cross-fitted by patient",
        "findings": classification(films, readings.logits),
        "localisation": maps_against_boxes(films, readings),
        "blur": blur_test(classifier, films, pixels, readings),
        "gate": {
            "refused": float((readings.distance > 1).mean()),
            "population_right": float((readings.adult == adult).mean()),
        },
        "evidence_per_cell": {
            f"{q:.1%} of |evidence|": float(np.quantile(np.abs(readings.evidence), q)) for q in (0.5, 0.95, 0.99, 0.999)
        },
    }
