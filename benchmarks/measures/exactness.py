"""Do the numbers add up, is the map Grad-CAM, and does the served model say what the Keras model says?"""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np

import xai
from benchmarks import films
from benchmarks.result import Figure, Result
from benchmarks.settings import Settings
from xai.classifier import Classifier
from xai.evidence import grad_cam
from xai.geometry import letterbox
from xai.weights import models

FILMS, BATCH = 50, 10


def relative_error(found: np.ndarray, expected: np.ndarray) -> float:
    """Largest difference of two ``(h, w)`` maps over the expected map's largest absolute value; 0 for two zero maps."""
    difference, scale = np.abs(found - expected).max(), np.abs(expected).max()
    return float(difference / scale) if scale else (0.0 if difference == 0 else float("inf"))


def independent_logits(features: np.ndarray, classifier: Classifier) -> np.ndarray:
    """Pooled features times kernel plus bias in float64, no map involved: ``(B, h, w, k)`` → ``(B, c)``."""
    pooled = features.astype(np.float64).mean((1, 2))
    return pooled @ classifier.kernel.astype(np.float64) + classifier.bias


def tape_maps(model, canvases: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Textbook Grad-CAM of every finding, by automatic differentiation of the whole Keras model.

    Args:
        model: from :func:`xai.restore.restore`.
        canvases: ``(B, size, size, 1)``.

    Returns:
        Maps ``(B, h, w, c)``, not scaled, and logits ``(B, c)``.
    """
    import tensorflow as tf

    with tf.GradientTape(persistent=True) as tape:
        out = model(canvases)
        features, logits = out["features"], out["logits"]
        columns = tf.unstack(logits, axis=1)
    maps = []
    for column in columns:
        weights = tf.reduce_mean(tape.gradient(column, features), axis=(1, 2))
        maps.append(tf.nn.relu(tf.einsum("bhwk,bk->bhw", features, weights)))
    return np.stack([np.asarray(each) for each in maps], axis=-1), np.asarray(logits)


def sigmoid(logits: np.ndarray) -> np.ndarray:
    """The logistic function."""
    return 1 / (1 + np.exp(-logits.astype(np.float64)))


def run(settings: Settings) -> Result:
    """The largest error of every kind over all films and findings, for every checkpoint."""
    from training.trained import load
    from xai.restore import restore

    with tempfile.TemporaryDirectory() as scratch:
        radiographs = [xai.read(path) for path in films.paths(settings.films, settings.repeats(FILMS), Path(scratch))]
    result = Result(raw={"films": len(radiographs), "real": settings.films is not None})
    for name in models(settings.weights):
        classifier = xai.load(name, settings.weights, settings.threads)
        canvases = np.stack([letterbox(film.pixels, classifier.size)[0] for film in radiographs])
        model = restore(classifier)
        adds_up, gradient, keras_gap = [], {finding: [] for finding in classifier.findings}, []
        served = []
        for start in range(0, len(canvases), BATCH):
            batch = canvases[start : start + BATCH]
            logits = np.concatenate([independent_logits(classifier.features(each[None]), classifier) for each in batch])
            maps, keras_logits = tape_maps(model, batch[..., None])
            for row, film in enumerate(radiographs[start : start + BATCH]):
                readings = xai.explain(classifier, film).readings
                served.append([reading.probability for reading in readings.values()])
                for column, (finding, reading) in enumerate(readings.items()):
                    total = reading.evidence.sum(dtype=np.float64) + reading.bias
                    adds_up.append(abs(total - logits[row, column]))
                    gradient[finding].append(relative_error(grad_cam(reading.evidence), maps[row, ..., column]))
            keras_gap.append(np.abs(np.array(served[start:]) - sigmoid(keras_logits)))
        worst = {finding: max(errors) for finding, errors in gradient.items()}
        result.raw[name] = {"grad_cam_relative_error": worst}
        result.figures += [
            Figure.at_most(f"{name}: |Σ evidence + bias − logit|", max(adds_up), 1e-4),
            Figure.at_most(f"{name}: ReLU(evidence) against tape Grad-CAM", max(worst.values()), 1e-3),
            Figure.at_most(f"{name}: probability against Keras, same weights", np.concatenate(keras_gap).max(), 0.01),
        ]
        if (settings.runs / name / "checkpoint.npz").is_file():
            trained = load(name, settings.runs).backbone
            starts = range(0, len(canvases), BATCH)
            features = np.concatenate([trained.predict_on_batch(canvases[i : i + BATCH, ..., None]) for i in starts])
            gap = np.abs(np.array(served) - sigmoid(independent_logits(features, classifier))).max()
            result.figures.append(Figure.at_most(f"{name}: probability against Keras as trained", gap, 0.01))
    return result
