"""What a map costs."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np

from xai.methods import METHODS
from xai.methods.trial import draw


def test_no_method_profits_from_the_features_that_another_had_computed(lit):
    passes = []

    def features(canvases: np.ndarray) -> np.ndarray:
        passes.append(len(canvases))
        return lit.classifier.features(canvases)

    subject = replace(lit, classifier=SimpleNamespace(kernel=lit.classifier.kernel, features=features))
    for key in ("grad-cam", "layer-cam"):
        heat, films, seconds = draw(METHODS[key], subject, "cardiomegaly")
        assert (heat == METHODS[key].map(lit, "cardiomegaly")).all()
        assert films == 1 and seconds > 0
    assert passes == [1, 1]
