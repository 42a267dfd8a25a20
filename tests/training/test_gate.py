"""Fitting the gate, on clouds of numbers whose distances are known, and on a checkpoint of a few channels."""

from __future__ import annotations

import json

import cv2
import numpy as np
import pytest

import xai
from tests import checkpoint
from tests.files import phantom
from training import gate, gate_fit, strangers
from training.data import Film
from xai.gate import Cloud, Clouds, Gate, Stage

CHANNELS = 6
RNG = np.random.default_rng(0)


def sample(count: int, centre: float = 0.0, spread: float = 1.0) -> np.ndarray:
    """Parts of so many pictures: one vector per picture, a little different in each of its nine parts."""
    own = centre + spread * RNG.normal(size=(count, 1, CHANNELS))
    return (own + 0.3 * RNG.normal(size=(count, 9, CHANNELS))).astype(np.float32)


@pytest.fixture(scope="module")
def fitted():
    adult, held_adult = np.arange(300) % 2 == 0, np.arange(200) % 2 == 0
    films, held = sample(300), sample(200)
    films[adult] += 4
    held[held_adult] += 4
    others = np.concatenate([sample(40, 12), sample(40, -9), sample(40, 2, 6)])
    kinds = ["far, one way"] * 40 + ["far, another way"] * 40 + ["wide"] * 40
    return gate_fit.fit(films, adult, others, kinds, held, held_adult), held, held_adult


def test_a_cloud_is_mahalanobis_distance_when_all_components_are_kept():
    adult = np.arange(400) % 2 == 0
    vectors = (RNG.normal(size=(400, 4)) @ RNG.normal(size=(4, 4))).astype(np.float32)
    vectors[adult] += 5
    cloud = Cloud(**gate_fit.cloud(vectors, adult, 4))
    centres = np.stack([vectors[adult].mean(0), vectors[~adult].mean(0)])
    inner = vectors - centres[np.where(adult, 0, 1)]
    precision = np.linalg.inv(inner.T @ inner / len(inner))
    delta = vectors[:20, None] - centres
    expected = np.sqrt(np.einsum("bpi,ij,bpj->bp", delta, precision, delta))
    # The basis is stored in half precision, and leaves a trace over for the last axis.
    assert cloud.distances(vectors[:20]) == pytest.approx(expected, rel=0.05, abs=0.1)


def test_what_training_films_never_do_is_far():
    vectors = RNG.normal(size=(300, 5)).astype(np.float32) * (3, 2, 1, 0.1, 0.1)
    cloud = Cloud(**gate_fit.cloud(vectors, np.arange(300) % 2 == 0, 2))
    usual, unusual = np.zeros((2, 1, 5), np.float32)
    usual[0, 0], unusual[0, 4] = 6, 6
    assert cloud.distances(unusual).min() > 3 * cloud.distances(usual).min()


def test_new_films_lie_where_unseen_training_films_lie(fitted):
    adult = np.arange(60) % 2 == 0
    films, more = sample(60), sample(400)
    unseen = gate_fit.unseen(films, adult)[:, :2].mean()
    clouds = Clouds(gate_fit.clouds(films, adult))
    assert abs(unseen - clouds.measures(more)[:, :2].mean()) < abs(clouds.measures(films)[:, :2].mean() - unseen)


def test_films_pass_others_do_not_and_unmet_kinds_are_counted(fitted):
    (arrays, entry), held, held_adult = fitted
    made = Gate(arrays, entry["threshold"])
    refused = made.stage.odds(made.clouds.measures(held)) > entry["threshold"]
    assert entry["refused_on_validation"] == round(refused.mean(), 4)
    # The threshold is the stricter population's quantile: at most one of its 100 films lies above it.
    assert max(refused[held_adult].sum(), refused[~held_adult].sum()) <= 1
    new = np.concatenate([sample(50, 12), sample(50, -9)])
    assert (made.stage.odds(made.clouds.measures(new)) > entry["threshold"]).all()
    assert 0.5 < entry["refused_unmet"] <= 1


def test_the_stage_weighs_films_and_others_alike():
    films, others = RNG.normal(0, 1, (500, 2)), RNG.normal((6, 0), 1, (50, 2))
    stage = Stage(**gate_fit.stage(films, others))
    middle = stage.odds(np.array([[3.0, 0]]))[0]
    assert 0.2 < middle < 5
    assert stage.odds(np.array([[0.0, 0]]))[0] < middle < stage.odds(np.array([[6.0, 0]]))[0]


def test_the_highest_quantile_is_of_the_population_where_it_is_higher():
    values, adult = np.concatenate([np.zeros(100), np.arange(100)]), np.arange(200) < 100
    assert gate_fit.highest(values, adult) == pytest.approx(np.quantile(np.arange(100), 1 - gate_fit.REFUSED))


def test_kin():
    assert gate_fit.kin("photograph, grey") == gate_fit.kin("photograph, colour") != gate_fit.kin("plot")


def test_a_jittered_film_is_a_canvas():
    film = np.round(phantom(120, 90) * 255).astype(np.uint8)
    canvas = gate.jittered(film, 99, np.random.default_rng(0))
    assert canvas.shape == (99, 99) and canvas.dtype == np.uint8 and canvas.std() > 20


def test_a_shipped_gate_is_fitted_anew_and_reported(tmp_path, monkeypatch):
    monkeypatch.setattr(gate, "FITTED", 2)
    kinds = ("noise", "gradient", "corner of a film")
    monkeypatch.setattr(strangers, "KINDS", {k: v for k, v in strangers.KINDS.items() if k in kinds})
    monkeypatch.setattr(strangers, "FILM_KINDS", {k: v for k, v in strangers.FILM_KINDS.items() if k in kinds})
    weights = checkpoint.write(tmp_path / "weights", names=("guided",))
    films = []
    for number in range(40):
        shifted = np.roll(phantom(200, 200), number % 7, axis=1) ** (1 + number / 80)
        path = tmp_path / f"{number}.png"
        cv2.imwrite(str(path), np.round(shifted * 255).astype(np.uint8))
        films.append(Film(path, f"p{number}", ("adult", "child")[number % 2], True, {}))
    before = (weights / "guided.npz").read_bytes()
    gate.refit("guided", weights, films[:24], films[24:])
    assert (weights / "guided.npz").read_bytes() != before
    classifier = xai.load("guided", weights)
    entry = json.loads((weights / "manifest.json").read_text())["models"]["guided"]["gate"]
    assert classifier.gate.threshold == entry["threshold"] > 0
    figures = gate.report(classifier, films[24:], count=2)
    assert figures["films"]["all"]["pictures"] == 16
    assert figures["films"]["adult"]["pictures"] == figures["films"]["child"]["pictures"] == 8
    assert set(figures["kinds"]) == set(kinds)
    assert figures["others"]["pictures"] == 6
    assert all(0 <= entry["refused"] <= 1 for entry in (*figures["kinds"].values(), *figures["films"].values()))
