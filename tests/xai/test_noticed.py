"""What pixels show at a glance, on pictures made for it."""

from __future__ import annotations

import numpy as np

from tests.files import phantom
from xai.noticed import COLOUR, LIES, ONE_GREY, ROUGH, TWO_TONES, noticed
from xai.radiograph import Radiograph


def of(pixels: np.ndarray, **about) -> tuple[str, ...]:
    return noticed(Radiograph(pixels.astype(np.float32), **about))


def test_nothing_is_said_of_a_film():
    assert of(phantom(400, 300)) == ()
    assert of(phantom(90, 120)) == ()


def test_colour_and_position_are_the_readers_word():
    assert of(phantom(100, 100), coloured=True) == (COLOUR,)
    assert of(phantom(100, 100), turn=90) == (LIES,)


def test_one_grey():
    picture = np.full((300, 300), 0.5)
    picture[:40, :40] = np.linspace(0, 1, 40)
    assert of(picture) == (ONE_GREY,)


def test_black_and_white():
    picture = np.zeros((256, 256))
    picture[:, 100:] = 1
    assert of(picture) == (TWO_TONES,)


def test_noise_is_rough_and_a_ramp_is_not():
    assert of(np.random.default_rng(0).random((256, 256))) == (ROUGH,)
    assert of(np.tile(np.linspace(0, 1, 256), (256, 1))) == ()
