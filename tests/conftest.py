"""What several tests need: the real films where they are present, and phantoms where they are not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

DATA = "CXR_DATA"


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of real films; tests that ask for it skip where ``CXR_DATA`` is not set."""
    if not os.environ.get(DATA):
        pytest.skip(f"needs real films: set {DATA} to a folder with nih/ and kermany/ (see the README)")
    return Path(os.environ[DATA])
