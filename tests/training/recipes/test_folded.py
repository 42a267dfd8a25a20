"""Batch-norm taken into the convolutions."""

from __future__ import annotations

import numpy as np
import pytest

keras = pytest.importorskip("keras")

from training.recipes import folded, network  # noqa: E402
from training.recipes.baseline import Baseline, Part  # noqa: E402
from training.recipes.catalogue import BASELINES, bare, convolution  # noqa: E402


def test_folded_convolutions_compute_the_features_that_were_trained():
    pool = Part("MaxPooling2D", {"pool_size": 2})
    baseline = Baseline(("mass",), 16, (*bare(4, "valid"), pool, *bare(5), convolution(3)), channels=1)
    features = network.build(baseline).get_layer("features")
    rng = np.random.default_rng(0)
    for layer in features.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.set_weights([rng.uniform(0.5, 2, w.shape) for w in layer.get_weights()])
    canvas = rng.random((2, 16, 16, 1), np.float32)
    own = folded.fold(features, baseline)
    np.testing.assert_allclose(own(canvas), features(canvas), atol=1e-5)
    assert not any(isinstance(layer, keras.layers.BatchNormalization) for layer in own.layers)


def test_the_small_checkpoint_ends_on_the_grid_of_the_others():
    assert folded.build(BASELINES["small"]).output_shape == (None, 17, 17, 224)
