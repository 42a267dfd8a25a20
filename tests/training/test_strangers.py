"""The pictures that the gate is measured against: of every kind, the same for the same seed, readable as uploads."""

from __future__ import annotations

import numpy as np
import pytest

import xai
from tests.files import phantom
from training import strangers
from training.strangers import films as pieces

FILMS = [np.round(phantom(side, 200) * 255).astype(np.uint8) for side in (180, 220)]
NAMES = (*strangers.KINDS, *strangers.FILM_KINDS)


@pytest.fixture(scope="module")
def one_of_each() -> dict[str, np.ndarray]:
    return dict(strangers.pictures(FILMS, count=1))


def test_every_kind_makes_a_picture_that_reads_as_an_upload(one_of_each):
    assert tuple(one_of_each) == NAMES
    for kind, picture in one_of_each.items():
        assert picture.dtype == np.uint8 and picture.shape[2:] in ((), (3,)), kind
        assert min(picture.shape[:2]) >= 16, kind
        assert xai.read(strangers.as_file(picture)).pixels.max() == 1, kind


def test_a_kind_does_not_depend_on_the_others_and_a_seed_makes_new_pictures(one_of_each):
    kinds = ("noise", "hand", "corner of a film")
    for kind, picture in strangers.pictures(FILMS, 1, kinds):
        assert np.array_equal(picture, one_of_each[kind])
    for kind, picture in strangers.pictures(FILMS, 1, kinds, seed=1):
        assert not np.array_equal(picture, one_of_each[kind])


def test_colour_comes_as_the_kind_says(one_of_each):
    assert xai.read(strangers.as_file(one_of_each["photograph, colour"])).coloured
    assert one_of_each["photograph, grey"].ndim == 2


def test_pieces_are_small_and_rearranged_films_keep_their_greys():
    rng = np.random.default_rng(0)
    film = FILMS[0]
    for _ in range(50):
        assert pieces.corner(rng, [film]).size <= pieces.LARGEST * film.size
        assert pieces.half(rng, [film]).shape != film.shape
    assert np.array_equal(np.sort(pieces.phase(rng, [film]).ravel()), np.sort(film.ravel()))
    cut = pieces.tiles(rng, [film])
    assert cut.mean() == pytest.approx(film.mean(), abs=3)
