"""The trainable model: a backbone, average pooling and one linear layer, with losses on the evidence map itself."""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np
from keras import ops


class EvidenceHead(keras.Layer):
    """Average pooling and one linear layer, written so that the map comes first and the logit is its sum.

    ``E[h, w, c] = (1 / HW) Σ_k A[h, w, k] W[k, c]`` and ``z_c = b_c + Σ_hw E[h, w, c]``.

    Call: features ``(B, h, w, k)`` → ``{"logits": (B, c), "evidence": (B, h, w, c)}``, both in log-odds.

    With ``hold_bias`` the bias is not trained. A free bias and an even layer of evidence over the whole film can grow
    against each other and leave the logit as it is; held at the log-odds that a finding has before one looks, the bias
    makes all else evidence.
    """

    def __init__(self, findings: int, hold_bias: bool = False, **kwargs):
        super().__init__(**kwargs)
        self.findings, self.hold_bias = findings, hold_bias

    def build(self, shape):
        self.kernel = self.add_weight(shape=(shape[-1], self.findings), initializer="zeros", name="kernel")
        self.bias = self.add_weight(
            shape=(self.findings,), initializer="zeros", name="bias", trainable=not self.hold_bias
        )

    def call(self, features):
        cells = features.shape[1] * features.shape[2]
        evidence = ops.matmul(features, self.kernel) / cells
        return {"logits": ops.sum(evidence, axis=(1, 2)) + self.bias, "evidence": evidence}

    def compute_output_shape(self, shape):
        return {"logits": (shape[0], self.findings), "evidence": (*shape[:3], self.findings)}


def classification_loss(logits, label, mask):
    """Mean binary cross-entropy over the findings that each film is labelled for; all ``(B, c)``."""
    loss = ops.relu(logits) - logits * label + ops.softplus(-ops.abs(logits))
    return ops.sum(loss * mask) / ops.maximum(ops.sum(mask), 1)


def positive(evidence, sharpness: float = 3.0):
    """A smooth positive part of the evidence, per cell and scaled to the logit that the cell alone would stand for."""
    cells = evidence.shape[1] * evidence.shape[2]
    return ops.softplus(sharpness * cells * evidence) / sharpness


def box_loss(evidence, box):
    """``−log(evidence inside the boxes / all positive evidence)``, mean over boxed (film, finding) pairs.

    Args:
        evidence: ``(B, h, w, c)``.
        box: ``(B, h, w, c)`` in [0, 1], the part of each cell that lies in a box; all zero where there is none.
    """
    strength = positive(evidence)
    boxed = ops.cast(ops.sum(box, axis=(1, 2)) > 0, strength.dtype)
    inside = ops.sum(strength * box, axis=(1, 2))
    share = (inside + 1e-6) / (ops.sum(strength, axis=(1, 2)) + 1e-6)
    return -ops.sum(boxed * ops.log(share)) / ops.maximum(ops.sum(boxed), 1)


def pointing_loss(evidence, box):
    """``−log`` of the softmax mass inside the boxes: asks that the strongest cell, not only the bulk, lies there."""
    cells = evidence.shape[1] * evidence.shape[2]
    flat = ops.reshape(evidence * cells, (-1, cells, evidence.shape[-1]))
    inside = ops.reshape(box, (-1, cells, evidence.shape[-1]))
    boxed = ops.cast(ops.sum(inside, axis=1) > 0, flat.dtype)
    share = ops.sum(ops.softmax(flat, axis=1) * inside, axis=1)
    return -ops.sum(boxed * ops.log(share + 1e-6)) / ops.maximum(ops.sum(boxed), 1)


def absence_loss(evidence, label, mask):
    """Mean positive evidence for findings that a film is known not to have."""
    absent = (1 - label) * mask
    strength = ops.mean(positive(evidence), axis=(1, 2))
    return ops.sum(strength * absent) / ops.maximum(ops.sum(absent), 1)


class EvidenceModel(keras.Model):
    """Film → logits and evidence, trained on labels and, where their weights are above zero, on the map.

    ``y`` is a dict of ``label``, ``mask`` ``(B, c)``, ``box`` ``(B, h, w, c)`` and, to learn from a teacher, ``whole``
    ``(B, 1)``: 0 for films whose labels know better than it.
    """

    def __init__(
        self, backbone: keras.Model, findings: int, *, box=0.0, pointing=0.0, absence=0.0, hold_bias=False, **kwargs
    ):
        head = EvidenceHead(findings, hold_bias, name="head")
        super().__init__(backbone.input, head(backbone.output), **kwargs)
        self.weights_of_terms = {"box": box, "pointing": pointing, "absence": absence}
        self.teacher, self.taught = None, 0.0
        self.trackers = {
            name: keras.metrics.Mean(name=name) for name in ("bce", *(k for k, v in self.weights_of_terms.items() if v))
        }

    def learn_from(self, teacher: Callable, taught: float) -> None:
        """From now on a share of every target is what a teacher says of the same canvas (Hinton et al. 2015).

        Args:
            teacher: canvases → logits ``(B, c)``; its weights stay its own.
            taught: the share, in [0, 1].
        """
        self.teacher, self.taught = teacher, taught

    @property
    def metrics(self):
        return [*super().metrics, *self.trackers.values()]

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        target = y["label"]
        if self.teacher:
            said = ops.stop_gradient(ops.sigmoid(self.teacher(x)))
            target = target + self.taught * y["whole"] * (said - target)
        terms = {"bce": classification_loss(y_pred["logits"], target, y["mask"])}
        evidence = y_pred["evidence"]
        if self.weights_of_terms["box"]:
            terms["box"] = box_loss(evidence, y["box"])
        if self.weights_of_terms["pointing"]:
            terms["pointing"] = pointing_loss(evidence, y["box"])
        if self.weights_of_terms["absence"]:
            terms["absence"] = absence_loss(evidence, y["label"], y["mask"])
        for name, value in terms.items():
            self.trackers[name].update_state(value)
        return terms["bce"] + sum(self.weights_of_terms[k] * v for k, v in terms.items() if k != "bce")


def to_arrays(model: keras.Model) -> dict[str, np.ndarray]:
    """All weights by layer and kind (``conv2d_12/kernel``, ``head/bias``), for an ``.npz`` that holds nothing else."""
    return {f"{v.path.split('/')[-2]}/{v.name}": np.asarray(v) for v in model.weights}


def from_arrays(model: keras.Model, arrays: dict[str, np.ndarray]) -> None:
    """The inverse of :func:`to_arrays`; raises ``KeyError`` for a missing weight, ``ValueError`` for another shape."""
    for variable in model.weights:
        variable.assign(arrays[f"{variable.path.split('/')[-2]}/{variable.name}"])
