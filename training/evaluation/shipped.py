"""A shipped checkpoint as a predictor, through the same seam that serves visitors."""

from __future__ import annotations

from pathlib import Path

import numpy as np

import xai
from training.evaluation.predictor import Answer
from xai.radiograph import Radiograph


class Shipped:
    """A checkpoint of the manifest, with the manifest's operating points and unsure zones.

    Implements :class:`~training.evaluation.predictor.Predictor`.
    """

    def __init__(self, name: str, weights: Path | None = None):
        """Load a checkpoint as :func:`xai.load` does.

        Raises:
            WeightsError: no such checkpoint; the message is one sentence that names the mend.
        """
        self.classifier = xai.load(name, weights)
        self.name, self.version = name, self.classifier.version
        self.findings = tuple(self.classifier.findings)
        self.thresholds = {key: finding.operating_point for key, finding in self.classifier.findings.items()}
        self.unsure = {key: finding.unsure for key, finding in self.classifier.findings.items()}

    def read(self, pixels: list[np.ndarray]) -> Answer:
        """Explain every film; the maps are the evidence, in log-odds."""
        explained = [xai.explain(self.classifier, Radiograph(grey.astype(np.float32) / 255)) for grey in pixels]
        return Answer(
            np.array([[reading.logit for reading in e.readings.values()] for e in explained]),
            np.stack([np.stack([reading.evidence for reading in e.readings.values()], axis=-1) for e in explained]),
            np.array([e.extent for e in explained]),
        )
