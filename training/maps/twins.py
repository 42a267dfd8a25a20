"""Twins of a classifier for the survey: its head shuffled, or its backbone too, loaded once for all films."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from xai.classifier import Classifier
from xai.lab import twin

HEADS, SEED = 5, 0


class Twin:
    """A classifier's likeness with other weights; has what closed-form methods ask of a classifier.

    Attributes:
        kernel: ``(k, c)`` of the head.
        features: canvases ``(B, size, size)`` → ``(B, h, w, k)``.
    """

    def __init__(self, kernel: np.ndarray, features: Callable[[np.ndarray], np.ndarray]):
        self.kernel, self.features = kernel, features


def twins(classifier: Classifier, heads: int = HEADS, threads: int = 0) -> dict[str, list[Twin]]:
    """``"head"``: the head's weights shuffled over the channels; ``"all"``: every kernel of the backbone too.

    Args:
        classifier: the real one.
        heads: how many of each.
        threads: for one forward pass of the shuffled backbone; 0 lets ONNX Runtime choose.
    """
    rng = np.random.default_rng(SEED)
    kernels = [rng.permuted(classifier.kernel, axis=0) for _ in range(heads)]
    model = classifier.backbone.read_bytes()
    features = twin.load(twin.shuffled(model, twin.blocks(model), rng), threads)
    return {
        "head": [Twin(kernel, classifier.features) for kernel in kernels],
        "all": [Twin(kernel, features) for kernel in kernels],
    }
