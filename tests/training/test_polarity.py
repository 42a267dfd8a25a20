from __future__ import annotations

import numpy as np
import pytest

from tests.files import phantom
from training import polarity


@pytest.fixture(scope="module")
def thumbnails():
    rng = np.random.default_rng(1)
    film = phantom(polarity.COPY_SIDE, polarity.COPY_SIDE)
    films = polarity.thumbnails(polarity.jittered(film, rng) for _ in range(60))
    return films, polarity.thumbnails(polarity.random_field(rng) for _ in range(200))


def test_the_template_tells_films_from_fields_of_both_signs(thumbnails):
    films, fields = thumbnails
    children = np.arange(len(films)) % 2 == 0
    template = polarity.fit(films[:40], children[:40], fields[:150])
    assert np.linalg.norm(template) == pytest.approx(1)
    unseen, noise = films[40:] @ template, fields[150:] @ template
    assert unseen.min() > np.abs(noise).max() > 0


def test_both_populations_weigh_the_same(thumbnails):
    films, fields = thumbnails
    others = np.roll(films, 5, axis=1)
    few = polarity.fit(np.concatenate([films, others[:1]]), np.arange(61) == 60, fields)
    many = polarity.fit(np.concatenate([films, np.repeat(others[:1], 30, axis=0)]), np.arange(90) >= 60, fields)
    np.testing.assert_allclose(few, many, atol=1e-9)


def test_random_fields_are_pictures(thumbnails):
    field = polarity.random_field(np.random.default_rng(0))
    assert field.shape == (polarity.SIDE, polarity.SIDE)
    assert field.min() == 0 and field.max() == 1


def test_rates_count_beyond_the_threshold():
    rates = polarity.rates(np.array([-0.5, -0.1, 0.1, 0.5]), 0.2)
    assert rates == {"pictures": 4, "wrongly_turned": 0.25, "negatives_turned": 0.25}
