"""InceptionV3 up to a concatenation, on one grey channel, with batch-norm folded into the convolutions."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np


def _fold(layer: keras.Layer) -> keras.Layer:
    config = layer.get_config()
    if isinstance(layer, keras.layers.Conv2D):
        return keras.layers.Conv2D.from_config(config | {"use_bias": True})
    if isinstance(layer, keras.layers.BatchNormalization):
        return keras.layers.Identity(name=layer.name)
    return type(layer).from_config(config)


def convolutions(model: keras.Model) -> list[keras.layers.Conv2D]:
    """The model's convolutions in the order in which ``keras.applications.InceptionV3`` creates them."""
    layers = [layer for layer in model.layers if isinstance(layer, keras.layers.Conv2D)]
    return sorted(layers, key=lambda layer: int(layer.name.rpartition("_")[2]) if "_" in layer.name else 0)


def build(size: int, cut: str, channels: int = 1) -> keras.Model:
    """An untrained backbone.

    Args:
        size: side of the square input, in pixels.
        cut: name of the concatenation to end at, ``"mixed0"`` to ``"mixed10"``.
        channels: of the input; 1 for films in [0, 1].

    Returns:
        A flat functional model, ``(B, size, size, channels)`` → features ``(B, h, w, k)``.
    """
    keras.backend.clear_session()  # layer names carry the creation order, from zero
    whole = keras.applications.InceptionV3(include_top=False, weights=None, input_shape=(size, size, channels))
    folded = keras.models.clone_model(
        whole, clone_function=_fold, call_function=lambda layer, *args, **kwargs: layer(*args)
    )
    return keras.Model(folded.input, folded.get_layer(cut).output, name=f"inception_v3_{cut}")


def spread(model: keras.Model, side: int) -> keras.Model:
    """The backbone with half of every cell handed to its neighbourhood: ``A → (A + mean of side × side cells of A) / 2``.

    A cell of the last feature map has seen far more of the film than the square it is drawn on (Luo et al. 2016). Alone it
    claims to know the place better than it does; averaged all the way it loses the peak that small findings need.

    Args:
        model: from :func:`build`.
        side: of the neighbourhood, in cells, odd; at the border the cells that are there are averaged.
    """
    around = keras.layers.AveragePooling2D(side, strides=1, padding="same", name="around")(model.output)
    return keras.Model(model.input, keras.layers.Average(name="spread")([model.output, around]), name=model.name)


def _imagenet() -> dict[int, tuple[np.ndarray, np.ndarray]]:
    whole = keras.applications.InceptionV3(include_top=False, weights="imagenet")
    norms = {}
    for layer in whole.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            norms[layer.input._keras_history.operation.name] = layer
    folded = {}
    for index, layer in enumerate(convolutions(whole)):
        norm = norms[layer.name]
        scale = 1 / np.sqrt(np.asarray(norm.moving_variance) + norm.epsilon)
        folded[index] = (np.asarray(layer.kernel) * scale, np.asarray(norm.beta) - np.asarray(norm.moving_mean) * scale)
    return folded


def _archive(path: Path) -> dict[int, tuple[np.ndarray, np.ndarray]]:
    with np.load(path, allow_pickle=False) as file:
        return {int(key.split("/")[0]): (file[key], file[key[:-6] + "bias"]) for key in file if key.endswith("/kernel")}


def initialise(model: keras.Model, source: str) -> None:
    """Give the backbone its ImageNet weights.

    The network was trained on RGB in [−1, 1]. A film repeats one grey value in [0, 1] in all three channels, so the
    first convolution sums its kernel over the channels and takes the scaling into its own kernel and bias: exact,
    because that convolution is not padded.

    Args:
        model: from :func:`build`.
        source: ``"imagenet"`` (Keras downloads them) or the path of an ``.npz`` with ``NN/kernel`` and ``NN/bias``.

    Raises:
        ValueError: the file lacks a convolution that the backbone has.
    """
    weights = _imagenet() if source == "imagenet" else _archive(Path(source))
    for index, layer in enumerate(convolutions(model)):
        if index not in weights:
            raise ValueError(f"{source} has no convolution {index}: cut the backbone earlier or give more weights")
        kernel, bias = weights[index]
        if index == 0 and model.input_shape[-1] == 1:
            bias = bias - kernel.sum((0, 1, 2))
            kernel = 2 * kernel.sum(2, keepdims=True)
        layer.set_weights([kernel, bias])


def freeze(model: keras.Model, last: str) -> None:
    """Stop training the layers up to and including ``last``: their edges and textures serve films as they are."""
    for layer in model.layers:
        layer.trainable = False
        if layer.name == last:
            return
