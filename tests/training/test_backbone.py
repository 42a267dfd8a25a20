"""Cells handed to their neighbourhood, on maps small enough to work out by hand."""

from __future__ import annotations

import numpy as np
import pytest

keras = pytest.importorskip("keras")

from training import backbone  # noqa: E402


def test_half_of_a_cell_stays_and_half_goes_to_the_cells_around_it():
    film = keras.Input((4, 4, 1))
    model = backbone.spread(keras.Model(film, film), 3)
    hot = np.zeros((1, 4, 4, 1), np.float32)
    hot[0, 0, 0] = 36
    # A corner averages four cells, an edge six, the others nine.
    expected = [[18 + 4.5, 3, 0, 0], [3, 2, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]]
    np.testing.assert_allclose(np.asarray(model(hot))[0, ..., 0], expected, rtol=1e-6)
