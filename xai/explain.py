"""The seam: one film in, all findings and their evidence maps out."""

from __future__ import annotations

import os
from dataclasses import dataclass

import numpy as np

from xai import evidence as maps
from xai.classifier import Classifier, Finding
from xai.gate import Verdict
from xai.geometry import letterbox
from xai.noticed import noticed
from xai.radiograph import Radiograph, read


@dataclass(frozen=True)
class Reading:
    """One finding on one film; ``bias + evidence.sum() == logit`` and ``sigmoid(logit) == probability``.

    Attributes:
        finding: what the output stands for, with its operating point.
        logit, bias: calibrated, in log-odds.
        probability: calibrated, in [0, 1].
        evidence: ``(h, w)`` float32, signed, in log-odds.
        reference: ``(h, w)`` float32, the mean evidence of normal training films of the finding's population.
    """

    finding: Finding
    logit: float
    bias: float
    probability: float
    evidence: np.ndarray
    reference: np.ndarray

    def above_reference(self) -> tuple[np.ndarray, float]:
        """Evidence against the typical normal film and its bias (see :func:`xai.evidence.against_reference`)."""
        return maps.against_reference(self.evidence, self.bias, self.reference)


@dataclass(frozen=True)
class Explanation:
    """All that one forward pass says about one film.

    Attributes:
        radiograph: the decoded film.
        model, version: the checkpoint.
        gate: whether the model knows this kind of picture.
        readings: finding name → :class:`Reading`, in the checkpoint's order.
        extent: ``(x0, y0, x1, y1)`` of the evidence grid, as fractions of the film's width and height.
    """

    radiograph: Radiograph
    model: str
    version: str
    gate: Verdict
    readings: dict[str, Reading]
    extent: tuple[float, float, float, float]

    def to_dict(self) -> dict:
        """The contract's JSON object, without the ``film`` and ``evidence`` paths that only a caller knows."""
        return {
            "model": self.model,
            "version": self.version,
            "gate": {
                "chest_film": self.gate.chest_film,
                "population": self.gate.population,
                "noticed": list(self.gate.noticed),
            },
            "notices": list(self.radiograph.notices),
            "findings": {
                name: {
                    "logit": reading.logit,
                    "bias": reading.bias,
                    "probability": reading.probability,
                    "operating_point": reading.finding.operating_point,
                    "population": reading.finding.population,
                }
                for name, reading in self.readings.items()
            },
            "extent": list(self.extent),
        }

    def arrays(self) -> dict[str, np.ndarray]:
        """The contract's ``.npz``: a float32 ``(h, w)`` map per finding, and ``extent``."""
        return {name: r.evidence for name, r in self.readings.items()} | {"extent": np.array(self.extent)}


def explain(classifier: Classifier, film: Radiograph | np.ndarray | str | os.PathLike | bytes) -> Explanation:
    """One forward pass; all findings, all maps.

    Args:
        classifier: from :func:`xai.load`.
        film: a path, a file's bytes, a decoded :class:`~xai.radiograph.Radiograph`, or a 2-D array with bone white.

    Raises:
        FilmError: the film cannot be read as a radiograph; the message says why and what to do.
    """
    radiograph = film if isinstance(film, Radiograph) else read(film)
    canvas, where = letterbox(radiograph.pixels, classifier.size)
    features = classifier.features(canvas[None])[0]
    evidence = np.ascontiguousarray(maps.evidence(features, classifier.kernel).transpose(2, 0, 1))
    readings = {}
    for column, (name, finding) in enumerate(classifier.findings.items()):
        bias = float(classifier.bias[column])
        logit = maps.logit(evidence[column], bias)
        readings[name] = Reading(
            finding, logit, bias, maps.probability(logit), evidence[column], classifier.reference[..., column]
        )
    return Explanation(
        radiograph,
        classifier.name,
        classifier.version,
        classifier.gate.judge(features, lambda: noticed(radiograph), refused=radiograph.coloured),
        readings,
        where.grid_extent(features.shape[0]),
    )
