"""A film on its side or head is noticed, and set upright only when asked."""

from __future__ import annotations

import numpy as np
import pytest

from tests.files import phantom
from training.data import load, read_all, split
from xai import orientation
from xai.radiograph import LIES_WRONG, SET_UPRIGHT, TURNED, read


def test_turned_is_clockwise():
    corner = np.array([[1, 2], [3, 4], [5, 6]])
    assert orientation.turned(corner, 0).tolist() == [[1, 2], [3, 4], [5, 6]]
    assert orientation.turned(corner, 90).tolist() == [[5, 3, 1], [6, 4, 2]]
    assert orientation.turned(corner, 180).tolist() == [[6, 5], [4, 3], [2, 1]]
    assert orientation.turned(corner, 270).tolist() == [[2, 4, 6], [1, 3, 5]]


@pytest.mark.parametrize("shape", [(300, 300), (420, 300), (300, 420), (64, 64)])
@pytest.mark.parametrize("degrees", orientation.TURNS)
def test_a_turned_film_is_said_to_lie_wrongly_and_left_as_it_is(shape, degrees):
    given = orientation.turned(phantom(*shape), degrees)
    film = read(given)
    back = (360 - degrees) % 360
    assert film.turn == back
    assert film.notices == ((LIES_WRONG.format(orientation.WAYS[back]),) if back else ())
    assert film.pixels.shape == given.shape
    assert np.corrcoef(film.pixels.ravel(), given.ravel())[0, 1] > 0.99


@pytest.mark.parametrize("degrees", orientation.TURNS[1:])
def test_a_film_turned_as_asked_stands_upright(degrees):
    upright = read(phantom(300, 220))
    film = read(orientation.turned(phantom(300, 220), 360 - degrees), turn=degrees)
    assert np.array_equal(film.pixels, upright.pixels)
    assert (film.turn, film.notices) == (0, (SET_UPRIGHT.format(orientation.WAYS[degrees]),))


def test_a_negative_on_its_side_is_not_taken_for_an_upright_film():
    film = read(1 - phantom(300, 300))
    assert (film.turn, film.notices) == (0, (TURNED,))


@pytest.mark.parametrize("seed", range(5))
def test_noise_is_not_said_to_lie_wrongly(seed):
    assert orientation.suggestion(np.random.default_rng(seed).random((200, 200), np.float32)) == 0


def test_of_real_films_none_upright_is_accused_and_turned_ones_are_set_right(data):
    _, validation = split(read_all(data))
    films = [pixels.astype(np.float32) / 255 for pixels in load(validation[::10])]
    assert sum(orientation.suggestion(film) != 0 for film in films) == 0
    for degrees in orientation.TURNS[1:]:
        right = [orientation.suggestion(orientation.turned(film, degrees)) == 360 - degrees for film in films]
        assert np.mean(right) > 0.9
