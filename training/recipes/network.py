"""Recipes as Keras models of three parts: ``prepare`` (augmentation, scaling), ``features``, ``head`` (logits)."""

from __future__ import annotations

from pathlib import Path

import keras

from training import backbone as inception
from training.recipes.baseline import Baseline, Part
from training.recipes.errors import RecipeError

# Factor and offset, per channel where there are three, for pixels in [0, 1]. A film is grey, so the order of the
# colours decides only which of them is subtracted where.
_MEAN, _DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
SCALINGS = {
    "unit": (1.0, 0.0),
    "symmetric": (2.0, -1.0),
    "torch": ([1 / d for d in _DEVIATION], [-m / d for m, d in zip(_MEAN, _DEVIATION)]),
    "caffe": (255.0, [-103.939, -116.779, -123.68]),
}
# Name → class of keras.applications, and its last feature map before any pooling.
BACKBONES = {
    "inception_v3": ("InceptionV3", "mixed7"),
    "densenet121": ("DenseNet121", "relu"),
    "vgg16": ("VGG16", "block5_conv3"),
    "resnet50": ("ResNet50", "conv5_block3_out"),
}


def layer(part: Part) -> keras.Layer:
    """The layer that a part declares."""
    return getattr(keras.layers, part.kind)(**part.options)


def build(baseline: Baseline) -> keras.Model:
    """An untrained network.

    Returns:
        A model, canvas ``(B, size, size, 1)`` of grey levels 0 to 255 → logits ``(B, c)``. Its layers ``prepare``,
        ``features`` and ``head`` are flat models; ``features`` ends in the map for Grad-CAM.
    """
    features = _features(baseline)
    features.trainable = not baseline.frozen
    top = keras.Input(features.output_shape[1:])
    x = top
    for part in baseline.head:
        x = layer(part)(x)
    head = keras.Model(top, keras.layers.Dense(len(baseline.findings), name="logits")(x), name="head")

    grey = keras.Input((baseline.size, baseline.size, 1))
    x = keras.layers.Rescaling(1 / 255)(grey)
    for part in baseline.augmentation:
        x = layer(part)(x)
    if baseline.channels > 1:
        x = keras.layers.Concatenate()([x] * baseline.channels)
    scaled = keras.layers.Rescaling(*SCALINGS[baseline.scaling])(x)
    prepare = keras.Model(grey, scaled, name="prepare")
    canvas = keras.Input((baseline.size, baseline.size, 1))
    return keras.Model(canvas, head(features(prepare(canvas))))


def initialise(model: keras.Model, baseline: Baseline, init: str) -> str:
    """Give a backbone its ImageNet weights, in place, where they are to be had.

    Args:
        model: from :func:`build`.
        baseline: that it was built from.
        init: for InceptionV3, as for :func:`training.backbone.initialise`.

    Returns:
        One sentence that says what the network starts from.

    Raises:
        RecipeError: ``init`` is no file of weights.
    """
    if baseline.backbone is None:
        return "It starts from random weights, as the seed does."
    features, (kind, _) = model.get_layer("features"), BACKBONES[baseline.backbone]
    if baseline.backbone == "inception_v3":
        if init != "imagenet" and not Path(init).is_file():
            raise RecipeError(f"{init} is no file of ImageNet weights: name one in --init, or write --init imagenet.")
        inception.initialise(features, init)
        return f"InceptionV3 starts from ImageNet weights ({'Keras' if init == 'imagenet' else Path(init).name})."
    try:
        published = getattr(keras.applications, kind)(include_top=False, weights="imagenet")
    except Exception as error:  # keras.utils.get_file raises no narrower one
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        return f"{kind} starts from random weights, because its ImageNet weights could not be downloaded ({reason})."
    for source in published.layers:
        if source.weights and source.name in {own.name for own in features.layers}:
            features.get_layer(source.name).set_weights(source.get_weights())
    return f"{kind} starts from ImageNet weights (Keras)."


def _features(baseline: Baseline) -> keras.Model:
    shape = (baseline.size, baseline.size, baseline.channels)
    if baseline.backbone == "inception_v3":
        base = inception.build(baseline.size, BACKBONES["inception_v3"][1], baseline.channels)
        return keras.Model(base.input, base.output, name="features")
    if baseline.backbone:
        kind, cut = BACKBONES[baseline.backbone]
        base = getattr(keras.applications, kind)(include_top=False, weights=None, input_shape=shape)
        return keras.Model(base.input, base.get_layer(cut).output, name="features")
    start = keras.Input(shape)
    x = start
    for part in baseline.features:
        x = layer(part)(x)
    return keras.Model(start, x, name="features")
