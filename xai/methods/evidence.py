"""Evidence: what every cell adds to the logit. The map that the page shows."""

from __future__ import annotations

from collections.abc import Iterator

from xai.lab.subject import Subject
from xai.methods.method import Method, Progress


def steps(subject: Subject, name: str) -> Iterator[Progress]:
    """The map that the explanation already holds.

    It is also the ablation of cells: with the features of one cell set to zero, the logit falls by exactly the cell's
    evidence.
    """
    yield Progress(subject.explanation.readings[name].evidence, 0, 0)


METHOD = Method(
    "Evidence",
    "What every cell adds to the logit, or takes from it; all cells and the bias add up to the logit.",
    "log-odds",
    "Zhou et al. 2016, Learning Deep Features for Discriminative Localization (CAM)",
    "https://arxiv.org/abs/1512.04150",
    0,
    steps,
)
