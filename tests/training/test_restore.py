"""The Keras model behind the shipped checkpoint."""

from __future__ import annotations

import numpy as np
import pytest

import xai
from training.restore import restore
from xai.evidence import evidence


@pytest.mark.parametrize("name", ["guided", "plain", "small"])
def test_restored_model_says_what_the_served_one_says(name):
    classifier = xai.load(name, threads=2)
    canvas = np.random.default_rng(0).random((1, classifier.size, classifier.size), np.float32)
    served = evidence(classifier.features(canvas), classifier.kernel)
    restored = restore(name)(canvas[..., None])
    np.testing.assert_allclose(restored["evidence"], served, atol=1e-4 * np.abs(served).max())
    np.testing.assert_allclose(restored["logits"], served.sum((1, 2)) + classifier.bias, atol=1e-4)
