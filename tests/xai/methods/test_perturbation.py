"""Methods that look again: values reckoned by hand, seeds, and what closing them does."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.xai.lab.conftest import CELLS, KNOWN, SIDE

from xai.lab import Subject
from xai.methods import METHODS
from xai.methods.occlusion import occlusion
from xai.methods.rise import rise
from xai.methods.score_cam import score_cam
from xai.methods.spread import gather, spread

PERTURBING = {
    "score-cam": score_cam,
    "occlusion": occlusion,
    "rise": lambda subject, name: rise(subject, name, masks=24),
}


def last(items):
    for item in items:
        pass
    return item


def looks(monkeypatch) -> list[int]:
    """Counts films, batch by batch, from here on."""
    seen: list[int] = []
    look = Subject.look

    def counted(self, films):
        films = list(films)
        seen.append(len(films))
        return look(self, films)

    monkeypatch.setattr(Subject, "look", counted)
    return seen


def test_occlusion_takes_away_what_the_patch_covers(lit):
    """The known cell's mean falls from 0.75 to the film's mean wherever the patch of 3 × 3 cells covers it."""
    heat = last(occlusion(lit, "cardiomegaly")).map
    rows, columns = np.indices((CELLS, CELLS))
    near = (abs(rows - KNOWN[0]) <= 1) & (abs(columns - KNOWN[1]) <= 1)
    np.testing.assert_allclose(heat, np.where(near, 3 * (0.75 - lit.film.mean()), 0), atol=1e-5)
    single = last(occlusion(lit, "cardiomegaly", patch=1)).map
    np.testing.assert_allclose(single[KNOWN], 3 * (0.75 - lit.film.mean()), atol=1e-5)
    assert np.count_nonzero(np.abs(single) > 1e-5) == 1


def test_occlusion_leaves_out_cells_beside_the_film(subject_of):
    """Of a strip across the middle, the cells above and below are not on the film."""
    subject = subject_of(np.full((20, SIDE), 0.5))
    progress = last(occlusion(subject, "pneumonia_child"))
    assert progress.total == 8 and not progress.map[[0, 3]].any()


def test_score_cam_weighs_channels_by_the_film_seen_through_them(lit):
    """Channels 0 and 1 are the same on this film; 2 and 3 are nothing, so that their masks are black.

    The mask is 1 in the cell's centre and falls to ½ at its edges, to ¾ on average along either axis, so the logit is
    −1 + 3 · 0.75 · (¾)²; through the black masks it is −1.
    """
    score = np.exp([-1 + 3 * 0.75 * 0.75**2] * 2 + [-1] * 2)
    expected = np.zeros((CELLS, CELLS))
    expected[KNOWN] = 0.75 * score[:2].sum() / score.sum()
    progress = last(score_cam(lit, "cardiomegaly"))
    np.testing.assert_allclose(progress.map, expected, atol=1e-5)
    # The film itself, two masks, and one look for both dead channels.
    assert progress.done == progress.total == 4


def test_fewer_channels_are_those_that_vary_most_and_the_others_have_their_mean(lit, monkeypatch):
    seen = looks(monkeypatch)
    progress = last(score_cam(lit, "cardiomegaly", channels=1))
    assert sum(seen) == 1 and progress.done == progress.total == 2
    # One score, and so one weight, for all four channels.
    np.testing.assert_allclose(progress.map, lit.features.mean(-1), atol=1e-6)
    # As many as vary, and those that do not by the mean: no look at black.
    assert last(score_cam(lit, "cardiomegaly", channels=2)).done == 3
    assert last(score_cam(lit, "cardiomegaly", channels=3)).done == 4


def test_a_film_that_is_the_same_everywhere_has_no_masks(subject_of):
    subject = subject_of(np.zeros((SIDE, SIDE)))
    assert not last(score_cam(subject, "cardiomegaly")).map.any()


def test_rise_finds_the_cell_that_counts(lit):
    heat = last(rise(lit, "cardiomegaly", masks=200)).map
    assert np.unravel_index(heat.argmax(), heat.shape) == KNOWN


def test_rise_is_the_covariance_of_score_and_mask(lit, monkeypatch):
    """The known cell is all that counts, so the score is −1 + 3 · 0.75 · (its mean mask)."""
    films = []
    look = Subject.look
    monkeypatch.setattr(Subject, "look", lambda self, some: look(self, films.extend(batch := list(some)) or batch))
    bright = np.where(lit.film > 0, lit.film, 1e-6)  # so that every mask can be read from its film
    subject = Subject(lit.classifier, lit.explanation, bright, lit.where)
    heat = last(rise(subject, "cardiomegaly", masks=12)).map
    masks = np.array([gather(subject, film / bright) for film in films])
    scores = 3 * np.array([gather(subject, film)[KNOWN] for film in films])
    expected = ((scores - scores.mean())[:, None, None] * masks).mean(0) / 0.5
    assert len(films) == 12 and 0.3 < masks.mean() < 0.7
    np.testing.assert_allclose(heat, expected, atol=1e-4)


def test_the_same_seed_draws_the_same_masks(lit):
    first, again, other = (last(rise(lit, "cardiomegaly", 20, seed)).map for seed in (3, 3, 4))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_spread_and_gather(lit):
    """A map that is the same everywhere stays so; one cell's hat is 1 at its centre and 0 at the next ones'."""
    np.testing.assert_allclose(spread(lit, np.full((2, CELLS, CELLS), 0.3)), 0.3, rtol=1e-6)
    one = np.zeros((1, CELLS, CELLS))
    one[0][KNOWN] = 1
    field = spread(lit, one)[0]
    y, x = (13.5 + 16 * (place + 0.5) for place in KNOWN)
    # Cell centres lie at halves of pixels, and so do pixel centres.
    assert field[int(y), int(x)] == pytest.approx(1)
    assert field[int(y), int(x) + 16] == pytest.approx(0)
    assert field[int(y), int(x) + 4] == pytest.approx(0.75)
    np.testing.assert_allclose(gather(lit, lit.film)[KNOWN], 0.75)
    np.testing.assert_array_equal(gather(lit, lit.cells), np.arange(CELLS**2).reshape(CELLS, CELLS))


@pytest.mark.parametrize("name", PERTURBING)
def test_progress_adds_up_and_closing_stops_the_work(lit, monkeypatch, name):
    progress = list(PERTURBING[name](lit, "cardiomegaly"))
    assert [one.complete for one in progress] == [False] * (len(progress) - 1) + [True]
    assert all(one.map.shape == (CELLS, CELLS) and one.map.dtype == np.float32 for one in progress)
    assert (np.diff([one.done for one in progress]) > 0).all() and len({one.total for one in progress}) == 1
    seen = looks(monkeypatch)
    work = PERTURBING[name](lit, "cardiomegaly")
    next(work)
    count = sum(seen)
    work.close()
    assert list(work) == [] and sum(seen) == count <= 5


@pytest.mark.parametrize("name", PERTURBING)
@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), shape=st.sampled_from([(91, 91), (60, 130), (130, 40)]))
def test_finite_whatever_the_film(subject_of, name, seed, shape):
    subject = subject_of(np.random.default_rng(seed).random(shape))
    heat = last(PERTURBING[name](subject, "pneumonia_child")).map
    assert heat.shape == (CELLS, CELLS) and np.isfinite(heat).all()


def test_occlusion_turns_with_the_film(subject_of):
    """The second finding reads all cells alike, and rows and columns of the grid lie alike on the canvas."""
    film = np.random.default_rng(5).random((SIDE, SIDE)).astype(np.float32)
    film[:, :45] = 0
    there, back = (last(occlusion(subject_of(side), "pneumonia_child")).map for side in (film, film.T.copy()))
    np.testing.assert_allclose(back, there.T, atol=1e-5)
    assert (there != there.T).any()


def test_every_method_has_its_words_and_runs(lit):
    for key, method in METHODS.items():
        assert key == key.lower() and method.what.endswith(".") and method.link.startswith("https://")
        if key == "rise" or method.gradients:
            continue
        progress = last(method.steps(lit, "cardiomegaly"))
        assert progress.complete and progress.done <= method.films
        assert progress.map.dtype == np.float32 and np.isfinite(progress.map).all()
        # All of the film's evidence lies in one cell, and every method says so.
        assert progress.map.max() == pytest.approx(progress.map[KNOWN])
