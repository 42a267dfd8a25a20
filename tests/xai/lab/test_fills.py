"""What stands where something is hidden."""

from __future__ import annotations

import numpy as np
import pytest

from xai.lab import fills
from xai.polarity import resemblance


def test_the_region_is_hidden_wholly_and_what_is_far_away_not_at_all():
    rng = np.random.default_rng(0)
    film = rng.random((100, 80)).astype(np.float32)
    region = np.zeros(film.shape, bool)
    region[40:60, 30:50] = True
    out = fills.cover(film, region, np.full_like(film, 0.5))
    assert np.allclose(out[region], 0.5)
    far = np.ones(film.shape, bool)
    far[36:64, 26:54] = False
    assert np.array_equal(out[far], film[far])
    assert film.max() < 1 and out.dtype == np.float32


def test_every_piece_gets_the_mean_of_its_own_surroundings():
    film = np.zeros((100, 100), np.float32)
    film[:, 50:] = 1
    region = np.zeros(film.shape, bool)
    region[40:60, 20:30] = region[40:60, 70:80] = True
    film[region] = 0.3
    filling = fills.local_mean(film, "adult")(region)
    assert np.allclose(filling[40:60, 20:30], 0) and np.allclose(filling[40:60, 70:80], 1)


def test_the_mean_of_a_whole_film_is_its_own():
    film = np.random.default_rng(0).random((30, 20)).astype(np.float32)
    assert np.allclose(fills.local_mean(film, "child")(np.ones(film.shape, bool)), film.mean())


def test_a_blur_keeps_what_is_even_and_removes_what_is_fine():
    assert np.allclose(fills.blurred(np.full((60, 50), 0.4, np.float32), "adult")(None), 0.4, atol=1e-6)
    stripes = np.tile(np.array([0, 1], np.float32), (64, 32))
    assert fills.blurred(stripes, "adult")(None)[:, 16:-16].std() < 0.02


@pytest.mark.parametrize("population", ["adult", "child"])
def test_the_average_normal_film_takes_any_shape_and_looks_like_a_chest(population):
    film = fills.normal_film(np.zeros((120, 90), np.float32), population)(None)
    assert film.shape == (120, 90) and film.dtype == np.float32
    assert 0 <= film.min() and film.max() <= 1
    assert resemblance(film) > 0.5
    # Nothing finer than a mean of hundreds has: no edge of a marker or a rib of one patient.
    assert np.abs(np.diff(film, axis=0)).max() < 0.1


def test_hiding_nothing_changes_nothing():
    film = np.random.default_rng(0).random((9, 9)).astype(np.float32)
    assert np.array_equal(fills.cover(film, np.zeros(film.shape, bool), film * 0), film)
