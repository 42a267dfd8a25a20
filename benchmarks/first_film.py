"""A fresh process's first explained film: ``python -m benchmarks.first_film tensorflow MODEL.keras FILM``, or ``xai``.

Prints one line when the map is there. Nothing that the other way needs is imported.
"""

from __future__ import annotations

import sys


def through_xai(weights: str, film: str) -> None:
    """All findings, as the README's three lines do it; ``weights`` is empty for the library's own search."""
    from xai import explain, load

    explanation = explain(load(weights=weights or None), film)
    print(len(explanation.readings))


def through_tensorflow(model_file: str, film: str) -> None:
    """One finding by gradients, with the least that this takes: a saved model, no tracing, no preparation of films."""
    import cv2
    import keras
    import tensorflow as tf

    model = keras.saving.load_model(model_file, compile=False)
    size = model.input_shape[1]
    grey = cv2.resize(cv2.imread(film, cv2.IMREAD_GRAYSCALE), (size, size), interpolation=cv2.INTER_AREA)
    with tf.GradientTape() as tape:
        out = model(grey[None, ..., None].astype("float32") / 255)
        logit = out["logits"][:, 0]
    weights = tf.reduce_mean(tape.gradient(logit, out["features"]), axis=(1, 2))
    print(tf.nn.relu(tf.linalg.matvec(out["features"][0], weights[0])).numpy().shape)


if __name__ == "__main__":
    {"xai": through_xai, "tensorflow": through_tensorflow}[sys.argv[1]](*sys.argv[2:])
