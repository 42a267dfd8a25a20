"""What a measure is told in tests: phantoms, checkpoints of one convolution, and as few repeats as there can be."""

from __future__ import annotations

import pytest
from tests import checkpoint

from benchmarks.settings import Settings


@pytest.fixture
def settings(tmp_path) -> Settings:
    """A quick run over a folder of one tiny ``guided`` checkpoint; there are no peers."""
    weights = checkpoint.write(tmp_path / "weights", ("guided",))
    return Settings(
        films=None, weights=weights, init=None, runs=tmp_path, peers=tmp_path / "peers", threads=1, quick=True
    )
