"""What a map must beat."""

from __future__ import annotations

import numpy as np

from tests.xai.lab.conftest import CELLS, SIDE
from training.maps.baselines import BASELINES, centre, edges, random


def test_chance_is_the_same_for_the_same_film_and_no_other(subject_of):
    one, other = subject_of(np.full((SIDE, SIDE), 0.2)), subject_of(np.full((SIDE, SIDE), 0.7))
    assert (random(one) == random(one)).all()
    assert (random(one) != random(other)).any()
    assert (random(one) != random(one, draw=1)).any()


def test_the_middle_is_hot_and_the_map_symmetric(lit):
    heat = centre(lit)
    assert heat.max() == heat[CELLS // 2, CELLS // 2]
    # A canvas of 91 pixels has its middle in a pixel, not between two.
    assert np.allclose(heat, heat[::-1], atol=0.03) and np.allclose(heat, heat.T)
    assert heat.min() >= 0 and heat[0, 0] < heat[1, 1]


def test_edges_are_where_greys_change(subject_of):
    film = np.zeros((SIDE, SIDE))
    film[:, : SIDE // 4] = 1
    heat = edges(subject_of(film))
    assert (heat[:, 0] > 0).all()
    assert (heat[:, 2:] == 0).all()


def test_baselines_show_the_model_nothing(lit):
    for method in BASELINES.values():
        assert method.map(lit, "cardiomegaly").shape == (CELLS, CELLS)
        assert [step.done for step in method.steps(lit, "cardiomegaly")] == [0]
