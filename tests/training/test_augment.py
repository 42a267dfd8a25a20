"""Augmentation carries boxes with the film, and takes labels back only where it blurred."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.files import levels
from training import augment
from training.data import FINDINGS, Film
from xai.geometry import letterbox

HEART = FINDINGS.index("cardiomegaly")
BOX = (0.25, 0.52, 0.48, 0.75)


def film(**kwargs) -> Film:
    labels = {"cardiomegaly": True, "effusion": False}
    return Film(Path("x"), "p", "adult", False, labels, {"cardiomegaly": [BOX]}, **kwargs)


def boxed_pixels(height=384, width=384) -> np.ndarray:
    pixels = np.zeros((height, width), np.uint8)
    x0, y0, x1, y1 = (round(v * s) for v, s in zip(BOX, (width, height) * 2))
    pixels[y0:y1, x0:x1] = 255
    return pixels


@pytest.mark.parametrize("shape", [(384, 384), (224, 224), (300, 400), (500, 300), (2000, 1600)])
def test_without_jitter_a_film_is_what_the_served_model_sees(shape):
    rng = np.random.default_rng(0)
    smooth = np.add.outer(np.linspace(0, 120, shape[0]), np.linspace(0, 120, shape[1])) + rng.uniform(0, 2)
    pixels = smooth.astype(np.uint8)
    canvas = augment.sample(pixels, film(), 299, 17, None)[0][..., 0]
    served, where = letterbox(pixels.astype(np.float32) / 255, 299)
    inside = np.s_[where.top + 3 : where.top + where.height - 3, where.left + 3 : where.left + where.width - 3]
    assert np.abs(canvas[inside] - served[inside]).max() < 0.01


@pytest.mark.parametrize("flip", [0, 1])
@pytest.mark.parametrize("seed", range(8))
def test_boxes_follow_the_film(seed, flip):
    rng = np.random.default_rng(seed)
    affine = augment.geometry((384, 384), 299, rng, flip)
    assert (np.linalg.det(affine[:, :2]) < 0) == bool(flip)
    import cv2

    canvas = cv2.warpAffine(boxed_pixels(), affine, (299, 299)).astype(np.float32) / 255
    polygon = augment.box_corners(BOX, (384, 384), affine)
    drawn = np.zeros((299, 299), np.float32)
    cv2.fillConvexPoly(drawn, np.round(polygon).astype(np.int32), 1.0)
    assert np.minimum(canvas, drawn).sum() / np.maximum(canvas, drawn).sum() > 0.95


def test_the_box_on_the_grid_lies_where_the_extent_says():
    *_, box = augment.sample(boxed_pixels(), film(), 299, 17, None)
    grid = box[..., HEART]
    rows, columns = np.nonzero(grid > 0.5)
    # Canvas pixels 74.75 to 143.5 across and 155.5 to 224.25 down; cell i has its centre at pixel 21.5 + 16 i.
    assert (columns.min(), columns.max()) == (4, 7)
    assert (rows.min(), rows.max()) == (9, 12)
    assert grid.sum() * 16 * 16 == pytest.approx((0.23 * 299) ** 2, rel=0.05)
    assert not box[..., [i for i in range(len(FINDINGS)) if i != HEART]].any()


def test_grid_of_an_all_covering_mask_is_one():
    assert (augment.grid_of(np.ones((299, 299), np.float32), 17) == 1).all()


def test_an_erased_box_takes_its_label_back_and_a_random_blur_does_not():
    outcomes = set()
    for seed in range(40):
        canvas, label, mask, box = augment.sample(boxed_pixels(), film(), 299, 17, np.random.default_rng(seed), erase=0.5)
        assert canvas.shape == (299, 299, 1) and 0 <= canvas.min() <= canvas.max() <= 1
        assert mask[HEART] == 1
        assert (label[HEART] == 1) == bool(box[..., HEART].any())
        outcomes.add(float(label[HEART]))
    assert outcomes == {0.0, 1.0}


def test_the_same_seed_gives_the_same_film():
    one = augment.sample(boxed_pixels(), film(), 299, 17, np.random.default_rng(3), 0.2)
    two = augment.sample(boxed_pixels(), film(), 299, 17, np.random.default_rng(3), 0.2)
    assert all(np.array_equal(a, b) for a, b in zip(one, two))


def test_roughness_multiplies_the_ranges_of_the_geometry():
    def spread(rough: float) -> np.ndarray:
        found = [augment.geometry((64, 64), 64, np.random.default_rng(i), rough=rough) for i in range(50)]
        return np.abs(np.array(found) - augment.geometry((64, 64), 64, None)).mean(0)

    assert (spread(2.0) > 1.5 * spread(1.0)).all()
    np.testing.assert_allclose(spread(0.0), 0, atol=1e-9)


def test_shading_is_smooth_and_keeps_black_black():
    rng = np.random.default_rng(0)
    lit = augment.shaded(np.full((60, 60), 0.5, np.float32), rng)
    assert 0.5 * np.exp(-0.5) < lit.min() < lit.max() < 0.5 * np.exp(0.5)
    assert lit.std() > 0.01 and np.abs(np.diff(lit, axis=0)).max() < 0.03
    assert not augment.shaded(np.zeros((8, 8), np.float32), rng).any()


def test_a_reframed_film_is_a_piece_of_it_and_no_small_one():
    film = levels(200, 150)
    shapes = {augment.reframed(film, np.random.default_rng(seed)).shape for seed in range(40)}
    assert (200, 150) in shapes and len(shapes) > 20
    assert all(152 <= height <= 200 and 114 <= width <= 150 for height, width in shapes)
