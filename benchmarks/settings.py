"""What a run of the benchmarks is told on the command line."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Settings:
    """Everything that a benchmark may ask for.

    Attributes:
        films: folder with ``nih/`` and ``kermany/``, or None for phantoms.
        weights: folder of the shipped checkpoints, or None for the library's own search.
        init: ``.npz`` of ImageNet weights for a backbone whose values do not matter, or None for random ones.
        runs: folder of training runs; their float32 checkpoints are compared with the served ones where present.
        peers: folder of the peers' virtual environment.
        threads: cores that every contestant gets.
        quick: a tenth of the repeats: shows that all runs, measures nothing.
    """

    films: Path | None
    weights: Path | None
    init: Path | None
    runs: Path
    peers: Path
    threads: int
    quick: bool

    def repeats(self, full: int) -> int:
        """How often to repeat what a full run repeats ``full`` times."""
        return max(3, full // 10) if self.quick else full
