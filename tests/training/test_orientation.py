"""The template that tells how a film lies, on thumbnails made by hand."""

from __future__ import annotations

import numpy as np

from tests.files import phantom
from training import orientation as training
from training.polarity import thumbnails
from xai import orientation as served


def test_thumbnails_turn_as_films_do():
    film = phantom(96, 96)
    small = thumbnails([film])
    for degrees in served.TURNS:
        assert np.allclose(training.turned(small, degrees), thumbnails([served.turned(film, degrees)]), atol=1e-5)


def test_the_fit_scores_films_above_the_same_films_turned():
    rng = np.random.default_rng(0)
    films = thumbnails(phantom(96, 96) + rng.normal(0, 0.05, (96, 96)).astype(np.float32) for _ in range(20))
    template = training.fit(films, np.full(20, 1 / 20), rng.normal(size=(50, films.shape[1])) / 32)
    found = training.scores(films, template)
    assert (found[:, 0] > 0.9).all()
    assert (found[:, 1:].max(1) < 0.3).all()


def test_rates_count_the_accused_the_righted_and_the_misled():
    # One bright pixel off the centre tells the four positions apart.
    film = np.zeros((1, 32, 32))
    film[0, 2, 10] = 1
    films = film.reshape(1, -1)
    found = training.rates(films, template=films[0], least=0.5, margin=0.1)
    assert found["upright_accused"] == 0
    assert all(found[f"turned_by_{d}"] == {"set_right": 1.0, "turned_wrongly": 0.0} for d in (90, 180, 270))
    wrong = training.rates(films, template=training.turned(films, 90)[0], least=0.5, margin=0.1)
    assert wrong["upright_accused"] == 1
    assert wrong["turned_by_180"] == {"set_right": 0.0, "turned_wrongly": 1.0}


def test_the_strictest_population_sets_a_threshold():
    values, children = np.array([0.0, 1.0, 2.0, 10.0, 11.0, 12.0]), np.array([False] * 3 + [True] * 3)
    assert training.lowest(values, children, 0.5) == 1.0
