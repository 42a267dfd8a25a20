"""What the page needs to show one film: sent once, after which every switch on the page is the browser's own work."""

from __future__ import annotations

import json
from base64 import b64encode

import cv2
import numpy as np

from ui.document import document, evidence_csv, evidence_npz
from ui.record import Record
from xai import overlay, words
from xai.classifier import Classifier
from xai.explain import Explanation, explain
from xai.foremost import foremost
from xai.radiograph import Radiograph


def scene(classifiers: dict[str, Classifier], radiograph: Radiograph, film: str, finding: str = "") -> dict:
    """Explain one film with every model.

    Args:
        classifiers: by name; each makes one forward pass.
        radiograph: the decoded film.
        film: its base name, as the visitor knows it.
        finding: to show first; empty for the one that each model finds foremost.

    Returns:
        JSON: ``film`` (name, picture as a PNG data URL, its size, notices, the turn or mirror that is offered, finding) and
        ``models``: name → ``extent``, ``gate``, ``foremost``, ``findings`` (numbers, words and the evidence as base64 float32) and
        ``files`` to download.
    """
    shown = overlay.display(radiograph.pixels)
    return {
        "film": {
            "name": film,
            "picture": png(shown),
            "height": shown.shape[0],
            "width": shown.shape[1],
            "notices": list(radiograph.notices),
            "turn": radiograph.turn,
            "mirror": radiograph.mirror,
            "finding": finding,
        },
        "models": {name: _model(explain(classifier, radiograph), film) for name, classifier in classifiers.items()},
    }


def constants(classifiers: dict[str, Classifier], record: Record | None = None) -> dict:
    """What does not depend on the film: the models and their findings, the colour tables and the absolute scale.

    Args:
        classifiers: by name.
        record: how good their maps are over all films, where that is to be said.
    """
    return {
        "models": {name: _checkpoint(classifier, record or Record()) for name, classifier in classifiers.items()},
        "tables": {"signed": base64(overlay.SIGNED), "grad_cam": base64(overlay.GRAD_CAM)},
        "span": overlay.ABSOLUTE_SPAN,
        "scales": {"absolute": overlay.ABSOLUTE, "stretched": overlay.STRETCHED},
        "trained_on": words.TRAINED_ON,
        "refusal": words.REFUSAL,
        "not_a_device": words.NOT_A_DEVICE,
    }


def png(pixels: np.ndarray) -> str:
    """A uint8 picture as a PNG data URL."""
    return "data:image/png;base64," + b64encode(cv2.imencode(".png", pixels)[1]).decode()


def base64(array: np.ndarray) -> str:
    """An array's bytes, row by row, little-endian."""
    return b64encode(np.ascontiguousarray(array).tobytes()).decode()


def _checkpoint(classifier: Classifier, record: Record) -> dict:
    measured = classifier.name, classifier.version
    findings = {}
    for column, (name, finding) in enumerate(classifier.findings.items()):
        findings[name] = {
            "label": finding.label,
            "subject": words.subject(finding),
            "population": finding.population,
            "operating_point": finding.operating_point,
            "promise": finding.promise,
            "unsure": list(finding.unsure),
            "reference": base64(classifier.reference[..., column].astype("<f4")),
            "measured": record.beside(*measured, finding),
            "meter": record.meter(*measured, name),
        }
    return {
        "title": classifier.title,
        "description": classifier.description,
        "version": classifier.version,
        "cells": list(classifier.reference.shape[:2]),
        "findings": findings,
    }


def _model(explanation: Explanation, film: str) -> dict:
    return {
        "extent": list(explanation.extent),
        "gate": {
            "chest_film": explanation.gate.chest_film,
            "population": explanation.gate.population,
            "noticed": words.because(explanation.gate),
        },
        "foremost": foremost(explanation),
        "findings": {name: _finding(explanation, name) for name in explanation.readings},
        "files": {
            "json": json.dumps(document(explanation, film)),
            "csv": evidence_csv(explanation),
            "npz": b64encode(evidence_npz(explanation)).decode(),
        },
    }


def _finding(explanation: Explanation, name: str) -> dict:
    reading = explanation.readings[name]
    return {
        "logit": reading.logit,
        "probability": reading.probability,
        "percent": words.percent(reading.probability),
        "evidence": base64(reading.evidence.astype("<f4")),
        "strength": words.strength(reading.probability, reading.finding),
        "plain": words.plain(reading, explanation.extent),
        "adds_up": [words.adds_up(reading), words.adds_up(reading, reference=True)],
        "mismatch": words.mismatch(reading.finding, explanation.gate),
        "reach": words.reach(reading.finding, explanation.gate),
        "premise": words.presupposes(explanation, name),
        "caution": words.caution(explanation, name),
    }
