"""The shortcut bench: what is added lies where it should, and the model's answer to it is exact."""

from __future__ import annotations

import numpy as np
import pytest
from tests.files import phantom

from xai.lab import words
from xai.lab.shortcuts import SHORTCUTS, shortcuts

BY_NAME = {shortcut.name: shortcut for shortcut in SHORTCUTS}


@pytest.mark.parametrize("name", BY_NAME)
@pytest.mark.parametrize("shape", [(299, 299), (180, 299), (20, 31)])
def test_every_change_keeps_shape_and_range_and_its_input(name, shape):
    film = phantom(*shape)
    before = film.copy()
    changed = BY_NAME[name].apply(film)
    assert changed.shape == shape and changed.dtype == np.float32
    assert changed.min() >= 0 and changed.max() <= 1
    assert np.array_equal(film, before) and not np.array_equal(changed, film)


@pytest.mark.parametrize(
    "name, window",  # (y0, y1, x0, x1) in fractions, outside which nothing changes
    [
        ("marker R", (0.03, 0.18, 0.02, 0.15)),
        ("marker L", (0.03, 0.18, 0.85, 1.0)),
        ("PORTABLE", (0.0, 0.12, 0.02, 0.5)),
        ("bright corner", (0.8, 1.0, 0.8, 1.0)),
        ("disc", (0.14, 0.3, 0.66, 0.82)),
    ],
)
def test_additions_stay_in_their_place(name, window):
    film = np.full((300, 300), 0.4, np.float32)
    changed = np.argwhere(BY_NAME[name].apply(film) != film) / 300
    (y0, x0), (y1, x1) = changed.min(0), changed.max(0)
    assert window[0] <= y0 and y1 <= window[1] and window[2] <= x0 and x1 <= window[3]
    assert len(changed) > 100


def test_the_border_is_black_all_round_and_the_rest_is_left():
    film = np.full((100, 50), 0.4, np.float32)
    changed = BY_NAME["black border"].apply(film)
    assert not changed[:6].any() and not changed[-6:].any() and not changed[:, :3].any() and not changed[:, -3:].any()
    assert (changed[6:-6, 3:-3] == film[6:-6, 3:-3]).all()


def test_a_model_that_reads_one_cell_ignores_all_that_is_added(lit):
    trials = list(shortcuts(lit))
    assert [trial.shortcut for trial in trials] == list(SHORTCUTS)
    for trial in trials:
        if not trial.shortcut.moves:
            assert trial.logits[0] == 1.25
            assert trial.maps[0, 1, 2] == 2.25
    reading = lit.explanation.readings["cardiomegaly"]
    assert words.shortcuts(reading, 0, trials).startswith("Nothing that was added moves")


def test_a_model_that_reads_everything_is_found_out(subject_of):
    """All cells together: a white disc of n pixels adds 3 · n / 64² to the second finding's logit."""
    subject = subject_of(np.zeros((91, 91)))
    disc = BY_NAME["disc"]
    (trial,) = shortcuts(subject, (disc,))
    added = trial.film[13:77, 13:77].sum() / 64**2 * 3
    assert added > 0 and trial.logits[1] - subject.logits[1] == pytest.approx(added, abs=1e-5)
    line = words.shortcut(subject.explanation.readings["pneumonia_child"], 5.0, 0.99, trial)
    assert line == "Pacemaker-like disc: 27 % → 99 % (log-odds +6.0), crosses the operating point"
