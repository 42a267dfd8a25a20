"""The laboratory's hand-reckoned checkpoint, for the methods too."""

from __future__ import annotations

from tests.xai.lab.conftest import classifier, lit, subject_of

__all__ = ["classifier", "lit", "subject_of"]
