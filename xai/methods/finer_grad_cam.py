"""Grad-CAM (Selvaraju et al. 2017) of an earlier layer, whose cells are half as wide."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from xai.classifier import Classifier
from xai.errors import MethodError
from xai.lab.subject import Subject
from xai.methods.differentiable import finding_weights, network
from xai.methods.method import Method, Progress

if TYPE_CHECKING:
    import keras


def finer_grad_cam(subject: Subject, name: str) -> Iterator[Progress]:
    """``ReLU(Σ_k mean(g_k) · A_k)`` of the layer that :func:`finer_layer` finds, brought to the evidence grid.

    Args:
        subject: the film.
        name: of the finding.

    Yields:
        ``(h, w)`` ≥ 0, relative.

    Raises:
        MethodError: the network has no such layer.
    """
    net = network(subject.classifier)
    canvases = subject.on_canvas(subject.film)[None]
    (activations,), (gradients,) = net.gradients(canvases, finding_weights(subject, name), finer_layer(net.model))
    fine = np.maximum(activations @ gradients.mean((0, 1)), 0)
    yield Progress(halved(halved(fine).T).T.astype(np.float32), 1, 1)


def prepare(classifier: Classifier) -> None:
    """Do what the method needs once per checkpoint.

    Raises:
        MethodError: the network has no such layer.
    """
    net = network(classifier)
    net.compiled(finer_layer(net.model))


def finer_layer(model: keras.Model) -> str:
    """The last layer of ``2 h + 1`` cells a side that all goes through on its way from the film to the features.

    In Inception networks it is the last one before the branches that end in coarser cells.

    Args:
        model: canvas → features ``(B, h, w, k)``; each of its layers is used once.

    Raises:
        MethodError: there is none.
    """
    sides = tuple(2 * side + 1 for side in model.output_shape[1:3])
    layers = model.layers  # every one after those that it needs
    place = {id(layer.output): i for i, layer in enumerate(layers)}
    earliest = len(layers)  # that a layer further on looks back to
    for i, layer in reversed(list(enumerate(layers))):
        if earliest >= i and layer.output.shape[1:3] == sides:
            return layer.name
        if i:
            sources = layer.input if isinstance(layer.input, list) else [layer.input]
            earliest = min(earliest, *(place[id(source)] for source in sources))
    raise MethodError(
        f"this checkpoint has no layer of {sides[0]} × {sides[1]} cells that Grad-CAM could be taken of: choose other "
        "methods"
    )


def halved(fine: np.ndarray) -> np.ndarray:
    """``(2 h + 1, w)`` → ``(h, w)``: sums over the fine rows that each coarse one covers.

    An unpadded 3 × 3 step of 2, as leads from 35 × 35 to 17 × 17 cells, puts a coarse cell's centre on every second
    fine one's: it covers that one and half of either neighbour.
    """
    return fine[:-1:2] / 2 + fine[1::2] + fine[2::2] / 2


METHOD = Method(
    "Grad-CAM, finer layer",
    "Grad-CAM of an earlier layer, whose cells are half as wide and know less of what lies around them.",
    "relative",
    "Selvaraju et al. 2017, Grad-CAM",
    "https://arxiv.org/abs/1610.02391",
    1,
    finer_grad_cam,
    prepare,
)
