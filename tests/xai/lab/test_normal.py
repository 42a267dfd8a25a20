"""The average normal film is a mean of hundreds, and of nothing less."""

from __future__ import annotations

import numpy as np
import pytest

from training.normal import LEAST, SIDE, mean_film


def test_it_is_a_mean():
    films = [np.full((150, 75), grey, np.uint8) for grey in (100, 102)] * LEAST
    assert (mean_film(films) == 101).all() and mean_film(films).shape == (SIDE, SIDE)


def test_a_few_films_are_refused():
    with pytest.raises(ValueError, match="could show a patient"):
        mean_film([np.zeros((9, 9), np.uint8)] * (LEAST - 1))
