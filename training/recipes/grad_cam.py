"""Grad-CAM (Selvaraju et al. 2017) of any recipe, from the gradients that TensorFlow takes."""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf


class GradCam:
    """Logits and maps of a network: ``ReLU(Σ_k α_k A_k)``, ``α_k`` the mean over cells of ``∂ logit / ∂ A_k``.

    The logit, not the probability: the gradient of a sigmoid vanishes where the network is sure. Maps are left as they
    are, not stretched to [0, 1]; a map of zeros says that nothing speaks for the finding.
    """

    def __init__(self, model: keras.Model):
        """Of a model from :func:`training.recipes.network.build`."""
        self.prepare, self.features, self.head = (model.get_layer(name) for name in ("prepare", "features", "head"))
        self.findings = model.output_shape[-1]
        # The number of films may differ from call to call without tracing anew.
        shape = (None, *model.input_shape[1:])
        self.traced = tf.function(self._read, input_signature=[tf.TensorSpec(shape, tf.float32)])

    def __call__(self, canvas: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Canvases ``(B, size, size, 1)`` → logits ``(B, c)`` and maps ``(B, h, w, c)``, ≥ 0."""
        logits, maps = self.traced(canvas.astype(np.float32))
        return logits.numpy(), maps.numpy()

    def _read(self, canvas: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        features = self.features(self.prepare(canvas, training=False), training=False)
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(features)
            logits = self.head(features, training=False)
            columns = tf.unstack(logits, self.findings, axis=1)
        maps = []
        for column in columns:
            weight = tf.reduce_mean(tape.gradient(column, features), axis=(1, 2), keepdims=True)
            maps.append(tf.nn.relu(tf.reduce_sum(weight * features, axis=-1)))
        return logits, tf.stack(maps, axis=-1)
