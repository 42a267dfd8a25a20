"""A recipe's convolutions with every batch-norm taken into the one before it, as they are served."""

from __future__ import annotations

from dataclasses import replace

import keras
import numpy as np

from training.recipes.baseline import Baseline
from training.recipes.network import layer


def build(baseline: Baseline) -> keras.Model:
    """An untrained network of biased convolutions: canvas ``(B, size, size, channels)`` → features ``(B, h, w, k)``."""
    start = keras.Input((baseline.size, baseline.size, baseline.channels))
    x = start
    for index, part in enumerate(baseline.features):
        if part.kind != "BatchNormalization":
            biased = {"use_bias": True} if part.kind == "Conv2D" else {}
            named = {"name": f"{part.kind.lower()}_{index}"}
            x = layer(replace(part, options=part.options | biased | named))(x)
    return keras.Model(start, x)


def fold(features: keras.Model, baseline: Baseline) -> keras.Model:
    """The same function of the canvas, at inference, as the trained ``features`` of ``baseline``."""
    weights: list[tuple[np.ndarray, np.ndarray]] = []
    for trained in features.layers:
        if isinstance(trained, keras.layers.Conv2D):
            kernel = np.asarray(trained.kernel)
            weights.append((kernel, np.asarray(trained.bias) if trained.use_bias else np.zeros(kernel.shape[-1])))
        elif isinstance(trained, keras.layers.BatchNormalization):
            kernel, bias = weights[-1]
            scale = np.asarray(trained.gamma) / np.sqrt(np.asarray(trained.moving_variance) + trained.epsilon)
            weights[-1] = kernel * scale, (bias - np.asarray(trained.moving_mean)) * scale + np.asarray(trained.beta)
    model = build(baseline)
    for own, folded in zip((own for own in model.layers if isinstance(own, keras.layers.Conv2D)), weights):
        own.set_weights(folded)
    return model
