"""What a training left behind, in the one form that export and fidelity read: a backbone and a linear head."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np

from training.fit import Recipe, kept
from training.recipes import folded, predictor


@dataclass(frozen=True)
class Trained:
    """A trained float32 network whose evidence adds up.

    Attributes:
        backbone: canvas ``(B, size, size, 1)`` in [0, 1] → features ``(B, h, w, k)``, after a ReLU.
        kernel, bias: of the linear layer behind average pooling, ``(k, findings)`` and ``(findings,)``.
        size: side of the canvas, in pixels.
        architecture: as the manifest states it.
    """

    backbone: keras.Model
    kernel: np.ndarray
    bias: np.ndarray
    size: int
    architecture: str


def load(name: str, runs: Path) -> Trained:
    """The network of ``runs/name``: a checkpoint of :mod:`training.fit`, or a recipe that ends in average pooling.

    Raises:
        RecipeError: nothing is trained there yet.
    """
    path = runs / name / "recipe.json"
    if not path.exists():
        recipe = predictor.load(runs / name)
        backbone = folded.fold(recipe.model.get_layer("features"), recipe.baseline)
        kernel, bias = recipe.model.get_layer("head").get_layer("logits").get_weights()
        depth = len([layer for layer in backbone.layers if isinstance(layer, keras.layers.Conv2D)])
        return Trained(backbone, kernel, bias, recipe.baseline.size, f"{depth} convolutions")
    recipe = Recipe(**json.loads(path.read_text()))
    model = kept(recipe, runs / name)
    backbone = keras.Model(model.input, model.get_layer("head").input)
    kernel, bias = model.get_layer("head").get_weights()
    architecture = f"InceptionV3 to {recipe.cut}"
    if recipe.spread:
        architecture += (
            f", every cell averaged half and half with the {recipe.spread} × {recipe.spread} cells around it"
        )
    return Trained(backbone, kernel, bias, recipe.size, architecture)
