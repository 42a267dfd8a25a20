"""The laboratory's hand-reckoned checkpoint, and validation films for it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.xai.lab.conftest import KNOWN, SIDE, classifier, lit, subject_of
from training.data import Film
from xai.geometry import CELL, STEM_OFFSET

__all__ = ["classifier", "lit", "subject_of"]


@pytest.fixture
def film() -> Callable[..., Film]:
    """A film with ``cardiomegaly``, boxed where the known cell lies."""
    top, left = ((STEM_OFFSET + CELL * i) / SIDE for i in KNOWN)
    box = (left, top, left + CELL / SIDE, top + CELL / SIDE)

    def make(path: str | Path = "a.png", patient: str = "p", finding: str = "cardiomegaly") -> Film:
        return Film(Path(path), patient, "adult", False, {finding: True}, {finding: [box]})

    return make
