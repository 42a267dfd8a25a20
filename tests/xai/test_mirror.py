"""A mirrored film is noticed, and mirrored back only when asked."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest

from tests.files import phantom
from training.data import load, read_all, split
from ui.examples import FOLDER
from xai import mirror, orientation
from xai.radiograph import LIES_WRONG, LOOKS_MIRRORED, MIRRORED, SET_UPRIGHT, Radiograph, normalise, read


@pytest.fixture(scope="module")
def film() -> np.ndarray:
    """A composite of many children's films, whose heart lies plainly on its side."""
    return normalise(cv2.imread(str(FOLDER / "child-normal.png"), cv2.IMREAD_GRAYSCALE))


def test_a_film_and_its_mirror_image_score_exactly_opposite():
    session, _ = mirror._network()
    thumbnails = np.random.default_rng(0).normal(size=(5, mirror.SIDE, mirror.SIDE)).astype(np.float32)
    thumbnails[4] += thumbnails[4, :, ::-1]  # this one is its own mirror image
    scores = mirror.scores(session, thumbnails)
    assert np.array_equal(mirror.scores(session, thumbnails[:, :, ::-1]), -scores)
    assert scores[4] == 0 and (np.abs(scores[:4]) > 0.01).all()


@pytest.mark.parametrize("shape", [(300, 300), (411, 257), (64, 64), (130, 390)])
def test_a_film_of_any_shape_scores_the_opposite_of_its_mirror_image(shape):
    drawn = phantom(*shape)
    score = mirror.score(drawn)
    assert score > 0.5
    assert mirror.score(mirror.mirrored(drawn)) == pytest.approx(-score, abs=1e-3)


def test_exposure_does_not_matter(film):
    assert mirror.score(0.2 + 0.5 * film) == pytest.approx(mirror.score(film), abs=1e-3)


@pytest.mark.parametrize(("beyond", "said"), [(0.01, False), (-0.01, True)])
def test_only_a_score_beyond_the_threshold_is_said(film, monkeypatch, beyond, said):
    session, _ = mirror._network()
    threshold = mirror.score(film) + beyond
    monkeypatch.setattr(mirror, "_network", lambda: (session, threshold))
    assert mirror.seems_mirrored(mirror.mirrored(film)) is said
    assert not mirror.seems_mirrored(film)


def test_a_mirrored_film_is_said_to_be_so_and_left_as_it_is(film):
    given = mirror.mirrored(film)
    shown = read(given)
    assert (shown.mirror, shown.turn, shown.notices) == (True, 0, (LOOKS_MIRRORED,))
    assert np.array_equal(shown.pixels, normalise(given))


def test_mirrored_twice_is_as_it_was(film):
    back = read(mirror.mirrored(film), mirror=True)
    upright = read(film)
    assert np.array_equal(back.pixels, upright.pixels)
    assert (back.mirror, back.notices) == (False, (MIRRORED,))
    assert (upright.mirror, upright.notices) == (False, ())


@pytest.mark.parametrize("degrees", orientation.TURNS)
def test_a_turn_comes_before_the_mirror(degrees):
    levels = phantom(90, 70)
    shown = read(levels, turn=degrees, mirror=True)
    assert np.array_equal(shown.pixels, normalise(orientation.turned(levels, degrees)[:, ::-1]))


@pytest.mark.parametrize("degrees", orientation.TURNS[1:])
def test_a_film_mirrored_and_turned_is_first_set_upright_then_mirrored(film, degrees):
    given = orientation.turned(mirror.mirrored(film), degrees)
    back = 360 - degrees
    shown = read(given)
    assert (shown.turn, shown.mirror, shown.notices) == (back, False, (LIES_WRONG.format(orientation.WAYS[back]),))
    turned = SET_UPRIGHT.format(orientation.WAYS[back])
    shown = read(given, turn=back)
    assert (shown.turn, shown.mirror, shown.notices) == (0, True, (turned, LOOKS_MIRRORED))
    shown = read(given, turn=back, mirror=True)
    assert (shown.turn, shown.mirror, shown.notices) == (0, False, (turned, MIRRORED))
    assert np.array_equal(shown.pixels, read(film).pixels)


def test_a_negative_is_judged_by_its_bones(film):
    assert read(1 - mirror.mirrored(film)).mirror
    assert not read(1 - film).mirror


def test_what_is_no_film_is_not_said_to_be_mirrored():
    v, u = np.meshgrid(np.linspace(-1, 1, 96), np.linspace(-1, 1, 96), indexing="ij")
    checks = np.indices((96, 96)).sum(0) // 8 % 2
    for picture in (u, -u, u * v, checks, 1 - checks, np.random.default_rng(0).random((96, 96)), np.zeros((9, 9))):
        assert not mirror.seems_mirrored(np.asarray(picture, np.float32))


def test_threads_share_one_network(film):
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(mirror.score, [film] * 32))) == 1


def test_a_radiograph_made_by_hand_is_not_suspected(film):
    assert not Radiograph(mirror.mirrored(film)).mirror


def test_of_real_films_none_is_accused_and_most_mirrored_ones_are_noticed(data):
    _, validation = split(read_all(data))
    films = [pixels.astype(np.float32) / 255 for pixels in load(validation[::40])]
    assert sum(map(mirror.seems_mirrored, films)) == 0
    assert np.mean([mirror.seems_mirrored(mirror.mirrored(film)) for film in films]) > 0.5
