"""Maps brought back from changed films, and how alike they are."""

from __future__ import annotations

import numpy as np
import pytest
from tests.files import phantom

from xai.lab import words
from xai.lab.correlation import pearson, spearman
from xai.lab.stability import CHANGES, Change, brought_back, stability


def test_correlations():
    a = np.array([1.0, 2, 3, 4])
    assert pearson(a, 2 * a + 1) == pytest.approx(1) and pearson(a, -a) == pytest.approx(-1)
    assert spearman(a, np.exp(a)) == pytest.approx(1)
    # Ties share their mean rank: ranks 1, 2.5, 2.5, 4 against 1, 2, 3, 4.
    assert spearman(np.array([1.0, 2, 2, 3]), a) == pytest.approx(4.5 / np.sqrt(4.5 * 5))
    assert np.isnan(pearson(a, np.ones(4)))


def test_a_film_moved_by_one_cell_gives_the_same_map_where_both_see_it(subject_of):
    subject = subject_of(np.random.default_rng(0).random((91, 91)))
    one_cell = Change("one cell", lambda shape: np.array([[1.0, 0, 16], [0, 1, 0]]))
    (trial,) = stability(subject, (one_cell,))
    assert trial.shared.sum() == 12 and not trial.shared[:, -1].any()  # the last column has left the grid
    column = subject.names.index("pneumonia_child")
    assert trial.maps[column][trial.shared] == pytest.approx(trial.before[column][trial.shared], abs=1e-5)
    assert trial.pearson(column) == pytest.approx(1) and trial.spearman(column) == pytest.approx(1)


def test_a_mirrored_film_gives_the_same_map_of_plain_means(subject_of):
    subject = subject_of(np.add.outer(np.linspace(0, 0.5, 91), np.linspace(0, 0.5, 91)))
    mirror = next(change for change in CHANGES if change.name == "mirrored")
    (trial,) = stability(subject, (mirror,))
    assert np.array_equal(trial.film, subject.film[:, ::-1]) and trial.shared.all()
    # The pixels of the grid lie half a pixel to the left of its middle: 3 / 16 of half a pixel's slope.
    assert trial.maps[1] == pytest.approx(trial.before[1], abs=0.001 + 3 / 16 * 0.5 / 90)
    assert trial.pearson(1) == pytest.approx(1)


def test_a_model_that_looks_at_one_place_is_found_out_by_the_mirror(subject_of):
    """Cell (1, 2) of the mirrored film is brought back to (1, 1)."""
    subject = subject_of(np.full((91, 91), 0.5))
    (trial,) = stability(subject, (CHANGES[-1],))
    assert trial.maps[0][1, 1] == pytest.approx(1.5) and trial.maps[0][1, 2] == 0
    assert trial.pearson(0) == pytest.approx(-1 / 15)


def test_a_turned_map_comes_back_to_its_place(subject_of):
    subject = subject_of(np.random.default_rng(0).random((91, 91)))
    quarter = np.array([[0.0, 1, 0], [-1, 0, 90]])  # anticlockwise about the centre
    maps = np.arange(32.0, dtype=np.float32).reshape(2, 4, 4)
    back, shared = brought_back(subject, np.rot90(maps, axes=(1, 2)), quarter)
    assert shared.all() and back == pytest.approx(maps)


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.name)
def test_changes_are_small_and_keep_shape_and_range(change):
    film = phantom(200, 150)
    changed = change(film)
    assert changed.shape == film.shape and changed.min() >= 0 and changed.max() <= 1
    if change.name != "mirrored":
        assert 0.001 < np.abs(changed - film).mean() < 0.08


def test_words_for_a_steady_map_and_for_none(subject_of):
    subject = subject_of(phantom(91, 91))
    trials = list(stability(subject))
    sentence = words.stability(subject.explanation.readings["pneumonia_child"], 1, trials)
    assert sentence.startswith("The map stays where it was") and "the probability lies between" in sentence
    dark = subject_of(np.zeros((91, 91)))
    trial = list(stability(dark, (CHANGES[0],)))
    assert "the same everywhere" in words.stability(dark.explanation.readings["cardiomegaly"], 0, trial)
