"""The gate on arrays small enough to check by hand."""

from __future__ import annotations

import numpy as np
import pytest

from tests import gates
from xai.gate import FEATURES, LAYOUT, RESEMBLES, Cloud, Gate, Stage, parts

CHANNELS = 3
COMPONENTS = {"mean": np.zeros(3), "basis": np.eye(3, 2), "scale": np.array([2.0]), "precision": np.eye(3)}


def gate(passes: bool = True, **changed) -> Gate:
    arrays = {key.removeprefix("gate_"): a for key, a in gates.arrays(CHANNELS, passes).items()}
    return Gate(arrays | {key: np.asarray(value, np.float32) for key, value in changed.items()}, threshold=2.0)


def flat(*channels: float) -> np.ndarray:
    """Features that are the same in every cell."""
    return np.tile(np.array(channels, np.float32), (17, 17, 1))


def test_parts_are_means_of_the_nine_parts_row_by_row():
    features = np.zeros((17, 17, 2), np.float32)
    features[:6, 11:, 0] = 1  # upper right
    features[6:11, 6:11, 1] = 2  # middle
    expected = np.zeros((9, 2))
    expected[2, 0], expected[4, 1] = 1, 2
    assert np.array_equal(parts(features), expected)


@pytest.mark.parametrize("shape", [(3, 3), (4, 4), (10, 8), (17, 17)])
def test_parts_of_any_grid_leave_no_cell_out(shape):
    for cell in np.ndindex(shape):
        features = np.zeros((*shape, 1), np.float32)
        features[cell] = 1
        assert (parts(features) > 0).sum() == 1


def test_what_the_components_leave_over_is_one_more_axis():
    cloud = Cloud(**COMPONENTS, centres=np.array([[0, 0, 0], [3, 4, 0]]))
    assert cloud.distances(np.array([[3.0, 4.0, 10.0]])) == pytest.approx(np.array([[np.sqrt(50), 5.0]]))


def test_distances_are_in_units_of_the_films_spread():
    narrow = COMPONENTS | {"precision": np.diag([100.0, 1.0, 1.0])}
    cloud = Cloud(**narrow, centres=np.zeros((2, 3)))
    assert cloud.distances(np.array([[1.0, 0, 0], [0, 1.0, 0]]))[:, 0] == pytest.approx([10.0, 1.0])


def test_the_layout_tells_apart_what_the_mean_does_not():
    clouds = gate().clouds
    left, right = np.zeros((2, 1, 9, CHANNELS), np.float32)
    left[0, 3], right[0, 5] = 1, 1
    assert clouds.features.distances(left.mean(1)) == pytest.approx(clouds.features.distances(right.mean(1)))
    assert not np.allclose(clouds.arranged(left), clouds.arranged(right))


def test_measures_are_the_log_distances_and_the_layouts_components():
    picture = np.zeros((1, 9, CHANNELS), np.float32)
    picture[0, 0] = 9, 0, 0  # mean feature 1 along the first axis; 9 in the layout's first component
    assert gate().clouds.measures(picture)[0] == pytest.approx([0, np.log(9), 9, 0], abs=1e-6)


def test_odds_and_where_a_measure_is_cut_off():
    stage = Stage(np.array([1.0, 0]), np.array([2.0, 1]), np.array([1.0, 0]), np.array([0.5]))
    assert stage.odds(np.array([[3.0, 7], [1e6, 7]])) == pytest.approx([np.exp(1.5), np.exp(10.5)])


def test_a_film_passes_without_a_word():
    verdict = gate().judge(flat(0.1, 0, 0), noticed=lambda: ("it is in colour",))
    assert verdict.chest_film and verdict.noticed == ()
    assert verdict.distance == pytest.approx(np.exp(-1) / 2)


def test_the_population_is_the_nearer_one():
    assert gate().judge(flat(0, 0, 0)).population == "adult"
    assert gate().judge(flat(1e4, 1e4, 1e4)).population == "child"


def test_a_refusal_says_how_far_off_the_picture_lies():
    # Nine parts of 5 along one axis: 5 as a mean, and 15 as a layout.
    for limits, expected in (((2.0, 10.0), FEATURES.format(2.5)), ((4.0, 4.0), LAYOUT.format(3.75))):
        verdict = gate(passes=False, limits=limits).judge(flat(5, 0, 0), noticed=lambda: ("nearly all of it is one grey",))
        assert not verdict.chest_film and verdict.distance > 1
        assert verdict.noticed == ("nearly all of it is one grey", expected)


def test_a_refusal_within_both_limits_still_has_a_reason():
    assert gate(passes=False).judge(flat(0.1, 0, 0)).noticed == (RESEMBLES,)


def test_what_the_pixels_tell_is_enough_to_refuse():
    verdict = gate().judge(flat(0.1, 0, 0), noticed=lambda: ("it is in colour",), refused=True)
    assert not verdict.chest_film and verdict.distance < 1
    assert verdict.noticed == ("it is in colour",)
