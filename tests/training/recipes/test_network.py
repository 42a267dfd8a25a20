"""Recipes as Keras models, where their cells lie, and Grad-CAM worked out by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

keras = pytest.importorskip("keras")

from training import backbone  # noqa: E402
from training.recipes import grid, network  # noqa: E402
from training.recipes.baseline import Baseline, Part  # noqa: E402
from training.recipes.catalogue import BASELINES  # noqa: E402
from training.recipes.errors import RecipeError  # noqa: E402
from training.recipes.grad_cam import GradCam  # noqa: E402
from xai.geometry import CELL, STEM_OFFSET, place  # noqa: E402

CONVOLUTION = Part("Conv2D", {"filters": 3, "kernel_size": 3})
CANVAS = np.random.default_rng(0).integers(0, 256, (2, 8, 8, 1))


def tiny(**changes) -> Baseline:
    return replace(
        Baseline(("cardiomegaly",), size=8, channels=1, features=(CONVOLUTION,), head=(Part("Flatten"),)), **changes
    )


@pytest.mark.parametrize("name", [name for name, b in BASELINES.items() if not b.backbone and b.size < 200])
def test_recipes_build(name: str):
    model = network.build(BASELINES[name])
    assert model.output_shape == (None, len(BASELINES[name].findings))


@pytest.mark.parametrize("scaling", network.SCALINGS)
def test_scaling_is_the_one_that_keras_applications_apply(scaling: str):
    module = {"symmetric": "inception_v3", "torch": "densenet", "caffe": "resnet50"}.get(scaling)
    ours = keras.layers.Rescaling(*network.SCALINGS[scaling])
    grey = np.repeat(CANVAS, 3, axis=-1).astype(np.float32)
    expected = getattr(keras.applications, module).preprocess_input(grey.copy()) if module else grey / 255
    np.testing.assert_allclose(ours(grey / 255), expected, atol=1e-4)


def test_a_frozen_backbone_trains_its_head_alone():
    pooled = (Part("GlobalAveragePooling2D"),)
    small = replace(BASELINES["cardiomegaly-inception"], backbone="vgg16", size=32, head=pooled)
    model = network.build(small)
    assert [v.path.split("/")[-2] for v in model.trainable_variables] == ["logits", "logits"]
    assert network.build(replace(small, frozen=False)).get_layer("features").trainable_variables


def test_without_a_download_a_backbone_says_that_it_starts_from_random_weights(monkeypatch):
    def refuse(**options):
        raise Exception("URL fetch failure on https://example.org: no route\nand more")

    model = network.build(tiny())
    monkeypatch.setattr(keras.applications, "VGG16", refuse)
    said = network.initialise(model, tiny(backbone="vgg16"), "unused.npz")
    assert said == (
        "VGG16 starts from random weights, because its ImageNet weights could not be downloaded "
        "(URL fetch failure on https://example.org: no route)."
    )


def test_missing_weights_of_inception_are_refused(tmp_path):
    with pytest.raises(RecipeError, match="--init"):
        network.initialise(network.build(tiny()), tiny(backbone="inception_v3"), str(tmp_path / "none.npz"))


def test_published_weights_go_to_the_layers_of_their_names(monkeypatch):
    published = keras.applications.VGG16(include_top=False, weights=None, input_shape=(32, 32, 3))
    vgg = tiny(backbone="vgg16", features=(), size=32, channels=3)
    model = network.build(vgg)
    monkeypatch.setattr(keras.applications, "VGG16", lambda **options: published)
    assert network.initialise(model, vgg, "unused.npz") == "VGG16 starts from ImageNet weights (Keras)."
    for name in ("block1_conv1", "block5_conv3"):
        here = model.get_layer("features").get_layer(name).get_weights()[0]
        assert (here == published.get_layer(name).get_weights()[0]).all()


def test_the_grid_of_inception_is_the_one_that_serving_knows():
    found = grid.of(backbone.build(299, "mixed7"))
    assert (found.start, found.step, found.cells) == (STEM_OFFSET, CELL, 17)
    film = place(400, 300, 299)
    assert found.extent(film) == pytest.approx(film.grid_extent(17))


def test_the_small_recipe_has_the_same_grid_and_fits_three_megabytes():
    model = network.build(BASELINES["small"])
    found = grid.of(model.get_layer("features"))
    assert (found.start, found.step, found.cells) == (STEM_OFFSET, CELL, 17)
    assert model.count_params() * 12 / 8 < 2.5e6  # as exported, 12 bits a weight, with room for the head's reference


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        # Unpadded: the first cell looks at pixels 0 to 2.
        ([Part("Conv2D", {"filters": 1, "kernel_size": 3})], (1.5, 1, 14)),
        # Evenly padded: at pixel 0 and its neighbours.
        ([Part("Conv2D", {"filters": 1, "kernel_size": 3, "padding": "same"}), Part("MaxPooling2D")], (1.0, 2, 8)),
        # Stride 2 on an even side: Keras pads the end alone.
        ([Part("Conv2D", {"filters": 1, "kernel_size": 3, "padding": "same", "strides": 2})], (1.5, 2, 8)),
        (
            [Part("ZeroPadding2D", {"padding": 1}), Part("Conv2D", {"filters": 1, "kernel_size": 3, "strides": 2})],
            (0.5, 2, 8),
        ),
    ],
)
def test_grids_by_hand(parts, expected):
    features = network.build(tiny(size=16, features=tuple(parts))).get_layer("features")
    assert grid.of(features) == grid.Grid(*expected)


@pytest.mark.parametrize("stride", [1, 2])
def test_a_grid_is_where_the_gradient_comes_from(stride: int):
    """The centre of the pixels that a cell depends on, from the network itself."""
    import tensorflow as tf

    same = {"filters": 2, "kernel_size": 3, "padding": "same", "kernel_initializer": "ones"}
    parts = (Part("Conv2D", same | {"strides": stride}), Part("Conv2D", same | {"strides": 2}))
    features = network.build(tiny(size=24, features=parts)).get_layer("features")
    found = grid.of(features)
    film = tf.Variable(np.ones((1, 24, 24, 1), np.float32))
    with tf.GradientTape() as tape:
        cell = features(film)[0, 2, 2, 0]
    seen = tape.gradient(cell, film).numpy()[0, :, :, 0].sum(1)
    centre = (seen * (np.arange(24) + 0.5)).sum() / seen.sum()
    assert found.first + 2 * found.step == pytest.approx(centre)


def test_grad_cam_of_pooling_and_a_linear_layer_is_the_positive_evidence():
    model = network.build(tiny(findings=("cardiomegaly", "effusion"), head=(Part("GlobalAveragePooling2D"),)))
    logits, maps = GradCam(model)(CANVAS)
    features = np.asarray(model.get_layer("features")(CANVAS / 255))
    kernel, bias = model.get_layer("head").get_layer("logits").get_weights()
    evidence = features @ kernel / 36
    np.testing.assert_allclose(maps, np.maximum(evidence, 0), atol=1e-5)
    np.testing.assert_allclose(logits, evidence.sum((1, 2)) + bias, atol=1e-4)


def test_grad_cam_of_a_flattened_map_averages_the_weights_of_each_channel():
    model = network.build(tiny())
    _, maps = GradCam(model)(CANVAS)
    features = np.asarray(model.get_layer("features")(CANVAS / 255))
    weight = model.get_layer("head").get_layer("logits").get_weights()[0].reshape(6, 6, 3).mean((0, 1))
    np.testing.assert_allclose(maps[..., 0], np.maximum(features @ weight, 0), atol=1e-5)
