"""tf-keras-vis on Keras's InceptionV3, layer ``mixed10``; it needs the Keras 2 API (``tf-keras``)."""

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
    from tf_keras_vis.gradcam import Gradcam
    from tf_keras_vis.utils.model_modifiers import ReplaceToLinear
    from tf_keras_vis.utils.scores import CategoricalScore

    tf.keras.utils.set_random_seed(0)
    model = tf.keras.applications.InceptionV3(weights=None)
    gradcam = Gradcam(model, model_modifier=ReplaceToLinear(), clone=True)

    def call(_job: str = ""):
        return gradcam(
            CategoricalScore(CLASS), picture[None], penultimate_layer="mixed10", seek_penultimate_conv_layer=False
        )

    return about(call(), "tf-keras-vis", "tf-keras", "tensorflow"), call


if __name__ == "__main__":
    serve(load)
