"""Gradients of a checkpoint's network, by TensorFlow: imported and compiled when a method first asks for one.

What serves the app runs forwards alone, in ONNX Runtime. The network here is the same one, read off the same file by
:mod:`xai.restore`.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from xai.classifier import Classifier
from xai.lab.subject import BATCH, Subject
from xai.restore import CANVAS, backbone
from xai.weights import digest

if TYPE_CHECKING:
    import keras

# Networks that are kept, each of some 35 MB.
KEPT = 3

_lock = threading.Lock()


class Network:
    """A backbone with average pooling behind it, compiled for every layer that is asked for; safe under threads.

    Attributes:
        model: canvas ``(B, size, size, 1)`` → features ``(B, h, w, k)``. Not to be changed: all share it.
    """

    def __init__(self, model: keras.Model):
        self.model = model
        self._compiled: dict[str, Callable] = {}
        self._lock = threading.Lock()

    def gradients(
        self, canvases: np.ndarray, weights: np.ndarray, layer: str = CANVAS
    ) -> tuple[np.ndarray, np.ndarray]:
        """What comes out of a layer, and how a logit changes with each value of it.

        Args:
            canvases: ``(B, size, size)`` float32.
            weights: ``(k,)`` float32 of one finding.
            layer: name of one of the model's; the canvas itself unless given.

        Returns:
            Both ``(B, h, w, k)`` float32; the gradients in log-odds per unit of the layer.
        """
        values, gradients = self.compiled(layer)(canvases[..., None], weights)
        return values.numpy(), gradients.numpy()

    def compiled(self, layer: str = CANVAS) -> Callable:
        """What :meth:`gradients` of a layer runs; the first call for each compiles it."""
        with self._lock:
            if layer not in self._compiled:
                self._compiled[layer] = _compiled(self.model, layer)
            return self._compiled[layer]


def loaded() -> bool:
    """Whether TensorFlow has been imported; that takes some ten seconds."""
    return "tensorflow" in sys.modules


def network(classifier: Classifier) -> Network:
    """A classifier's network: built when first asked for, and kept as long as few others are.

    Raises:
        MethodError: as :func:`xai.restore.restore` says.
    """
    with _lock:
        return _network(classifier.backbone, digest(classifier.backbone))


@lru_cache(maxsize=KEPT)
def _network(path: Path, sha256: str) -> Network:
    return Network(backbone(path))


def prepare(classifier: Classifier) -> None:
    """Do what :func:`pixel_gradients` needs once per checkpoint."""
    network(classifier).compiled()


def pixel_gradients(subject: Subject, name: str, films: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
    """How the logit of changed films changes with each of their pixels.

    Args:
        subject: the film.
        name: of the finding.
        films: ``(H, W)`` each; drawn as they are needed.

    Yields:
        ``(B, H, W)`` float32 for :data:`~xai.lab.subject.BATCH` films at a time, in log-odds per full range of grey.
    """
    net, weights = network(subject.classifier), finding_weights(subject, name)
    waiting = iter(films)
    while some := list(islice(waiting, BATCH)):
        canvases = np.stack([subject.on_canvas(film) for film in some])
        _, gradients = net.gradients(canvases, weights)
        yield gradients[:, *subject.where.window, 0]


def finding_weights(subject: Subject, name: str) -> np.ndarray:
    """``(k,)`` float32: the head's weights of one finding."""
    return subject.classifier.kernel[:, subject.names.index(name)]


def _compiled(model: keras.Model, layer: str) -> Callable:
    """Canvases and weights → a layer's values and gradients, as tensors."""
    import keras
    import tensorflow as tf

    both = keras.Model(model.input, {"values": model.get_layer(layer).output, "features": model.output})

    def gradients(canvases: tf.Tensor, weights: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(canvases)
            out = both(canvases, training=False)
            # The bias changes nothing, and the films of a batch know nothing of one another.
            logits = tf.linalg.matvec(tf.reduce_mean(out["features"], axis=(1, 2)), weights)
        return out["values"], tape.gradient(logits, out["values"])

    signature = [tf.TensorSpec((None, *model.input_shape[1:])), tf.TensorSpec((model.output_shape[-1],))]
    return tf.function(gradients, input_signature=signature).get_concrete_function()
