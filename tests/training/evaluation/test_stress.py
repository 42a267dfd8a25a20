"""Stresses keep what they must keep, and a stress that does nothing moves nothing."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.files import levels
from tests.predictor import Brightness, phantoms
from training.evaluation import stress
from training.evaluation.stresses import SIDE, STRESSES, Stress

IDENTITY = Stress("nothing", "the film as it is", lambda film, rng: film)
HALF_TURN = Stress("half turn", "upside down", lambda film, rng: film[::-1, ::-1], moves=True)


@pytest.mark.parametrize("one", STRESSES, ids=lambda one: one.name)
def test_a_stress_changes_the_film_the_same_way_each_time_and_keeps_its_shape(one: Stress):
    film = levels(90, 120)
    before = film.copy()
    changed = one.apply(film, np.random.default_rng(1))
    assert changed.shape == film.shape and changed.dtype == np.uint8
    assert (changed != film).mean() > 0.005
    assert np.array_equal(film, before)
    assert np.array_equal(changed, one.apply(film, np.random.default_rng(1)))


def test_resampling_leaves_no_detail_finer_than_its_pixels():
    checks = np.indices((512, 512)).sum(0).astype(np.uint8) % 2 * 255
    changed = next(one for one in STRESSES if one.name == f"{SIDE} px").apply(checks, np.random.default_rng(0))
    assert np.ptp(changed.astype(int)) <= 1


def test_nothing_moves_nothing(tmp_path: Path):
    entry = stress.measure(Brightness(), phantoms(tmp_path), (IDENTITY,))["nothing"]["findings"]["cardiomegaly"]
    assert entry["films"] == 16
    assert entry["probability_moved"] == 0
    assert entry["auc_after"] == entry["auc_before"]
    assert entry["map_correlation"] == pytest.approx(1)


def test_maps_move_with_the_anatomy(tmp_path: Path):
    films = phantoms(tmp_path, 2)
    for film in films:  # unlike its own mirror image
        picture = cv2.imread(str(film.path), cv2.IMREAD_GRAYSCALE)
        picture[:20] = 0
        cv2.imwrite(str(film.path), picture)
    still = Stress(HALF_TURN.name, "", HALF_TURN.apply)
    moved = stress.measure(Brightness(), films, (HALF_TURN,))["half turn"]["findings"]["cardiomegaly"]
    unmoved = stress.measure(Brightness(), films, (still,))["half turn"]["findings"]["cardiomegaly"]
    assert moved["map_correlation"] == pytest.approx(1, abs=1e-4)
    assert unmoved["map_correlation"] < 0.9


def test_too_few_films_give_no_auc_and_no_maps_no_correlation(tmp_path: Path):
    films = phantoms(tmp_path, 4)
    entry = stress.measure(Brightness(maps=False), films, (IDENTITY,))["nothing"]["findings"]["cardiomegaly"]
    assert np.isnan(entry["auc_before"]) and np.isnan(entry["map_correlation"])


def test_the_subset_is_the_same_each_time(tmp_path: Path):
    films = phantoms(tmp_path)
    chosen = stress.subset(films, 5)
    assert len(chosen) == 5 and chosen == stress.subset(films, 5)
    assert stress.subset(films, 100) == films
