"""tf-explain on Keras's InceptionV3, layer ``mixed10``; it needs the Keras 2 API (``tf-keras``)."""

from __future__ import annotations

import os

os.environ["TF_USE_LEGACY_KERAS"] = "1"

import tensorflow as tf

from benchmarks.peers.picture import CLASS, about, arguments
from benchmarks.server import serve


def load(given: list[str]):
    """See :func:`benchmarks.server.serve`."""
    picture, threads = arguments(given)
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)
    from tf_explain.core.grad_cam import GradCAM

    tf.keras.utils.set_random_seed(0)
    model = tf.keras.applications.InceptionV3(weights=None)
    explainer = GradCAM()

    def call(_job: str = ""):
        return explainer.explain((picture[None], None), model, class_index=CLASS, layer_name="mixed10")

    return about(call(), "tf-explain", "tf-keras", "tensorflow"), call


if __name__ == "__main__":
    serve(load)
