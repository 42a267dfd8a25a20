"""The recipe of keras.io's Grad-CAM example (eager, a model built per call) on Keras 3's InceptionV3, ``mixed10``."""

from __future__ import annotations

import keras
import tensorflow as tf

from benchmarks.peers.picture import CLASS, about, arguments
from benchmarks.server import serve


def heatmap(picture, model: keras.Model, layer: str, column: int):
    """Gradient of one class score at a layer, averaged per channel, as weights of that layer's activations."""
    inside = keras.Model(model.inputs, [model.get_layer(layer).output, model.output])
    with tf.GradientTape() as tape:
        activations, scores = inside(picture)
        score = scores[:, column]
    weights = tf.reduce_mean(tape.gradient(score, activations), axis=(0, 1, 2))
    positive = tf.nn.relu(tf.linalg.matvec(activations[0], weights))
    return (positive / tf.reduce_max(positive)).numpy()


def load(given: list[str]):
    """See :func:`benchmarks.server.serve`."""
    picture, threads = arguments(given)
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)
    keras.utils.set_random_seed(0)
    model = keras.applications.InceptionV3(weights=None, classifier_activation=None)

    def call(_job: str = ""):
        return heatmap(picture[None], model, "mixed10", CLASS)

    return about(call(), "keras", "tensorflow"), call


if __name__ == "__main__":
    serve(load)
