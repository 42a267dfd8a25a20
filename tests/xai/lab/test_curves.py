"""Insertion and deletion: closed forms, ends and steps."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xai.lab import words
from xai.lab.curves import Curve, curves


def last(items):
    for item in items:
        pass
    return item


def test_the_deletion_area_of_one_cell_that_counts(lit):
    """Its cell goes first: the logit falls from 1.25 to −1 + 3 · (mean of the film) at once and stays there."""
    drawn = last(curves(lit, lit.maps[0], "mean", steps=10, orders=2))
    own = drawn.of_map("deletion", "cardiomegaly")
    mean = 0.75 * 256 / 91**2
    low = -1 + 3 * mean
    assert own.logits == pytest.approx([1.25] + [low] * 10, abs=1e-5)
    first = own.share[1]
    assert own.log_odds == pytest.approx(first * (1.25 + low) / 2 + (1 - first) * low, abs=1e-5)
    # Inserted first, it is all there after the first step.
    back = drawn.of_map("insertion", "cardiomegaly")
    assert back.logits == pytest.approx([low] + [1.25] * 10, abs=1e-5)
    for kind, sign in (("deletion", 1), ("insertion", -1)):
        for random in drawn.at_random(kind, "cardiomegaly"):
            assert sign * random.log_odds > sign * drawn.of_map(kind, "cardiomegaly").log_odds
    assert "sooner than chance" in words.curves(lit.explanation.readings["cardiomegaly"], drawn)


def test_a_map_the_wrong_way_round_is_said_to_be_worse_than_chance(lit):
    drawn = last(curves(lit, -lit.maps[0], "mean", steps=10, orders=3))
    assert "no sooner than chance" in words.curves(lit.explanation.readings["cardiomegaly"], drawn)


def test_no_figure_is_given_before_the_first_step(lit):
    reading = lit.explanation.readings["cardiomegaly"]
    first, second, *_ = curves(lit, lit.maps[0], steps=4, orders=1)
    assert words.curves(reading, first) == ""
    assert "so far" in words.curves(reading, second)


def test_a_map_must_do_better_than_every_random_order(lit):
    drawn = last(curves(lit, lit.maps[0], "mean", steps=10, orders=3))
    reading = lit.explanation.readings["cardiomegaly"]
    assert "sooner than chance does" in words.curves(reading, drawn)
    # One random order as good as the map's own.
    tied = replace(
        drawn,
        deletion=np.concatenate([drawn.deletion[:1], drawn.deletion[:1], drawn.deletion[2:]]),
        insertion=np.concatenate([drawn.insertion[:1], drawn.insertion[:1], drawn.insertion[2:]]),
        share=np.concatenate([drawn.share[:1], drawn.share[:1], drawn.share[2:]]),
    )
    assert "no sooner than chance does" in words.curves(reading, tied)


def test_areas():
    curve = Curve(np.array([0.0, 0.5, 1.0]), np.array([0.0, 0.0, 0.0]))
    assert curve.area == pytest.approx(0.5) and curve.log_odds == 0
    curve = Curve(np.array([0.0, 0.25, 1.0]), np.array([4.0, 0.0, 0.0]))
    assert curve.log_odds == pytest.approx(0.5)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from(["blur", "mean", "normal"]), st.sampled_from([(91, 91), (60, 130)]))
def test_ends_meet_whatever_the_film_and_the_map(subject_of, seed, fill, shape):
    """Everything brought back is the film, everything taken away is the start of insertion, and shares only rise."""
    rng = np.random.default_rng(seed)
    subject = subject_of(rng.random(shape))
    drawn = last(curves(subject, rng.normal(size=(4, 4)), fill, steps=5, orders=1))
    assert drawn.complete
    assert drawn.insertion[:, -1] == pytest.approx(np.tile(subject.logits, (2, 1)), abs=1e-5)
    assert drawn.deletion[:, 0] == pytest.approx(np.tile(subject.logits, (2, 1)), abs=1e-9)
    assert drawn.deletion[:, -1] == pytest.approx(drawn.insertion[:, 0], abs=1e-5)
    assert (np.diff(drawn.share) >= 0).all() and (drawn.share[:, -1] == 1).all() and (drawn.share[:, 0] == 0).all()


def test_one_step_at_a_time_and_no_more_after_closing(lit):
    work = curves(lit, lit.maps[0], steps=8)
    drawn = [next(work) for _ in range(3)]
    assert [one.share.shape[1] for one in drawn] == [1, 2, 3]
    assert not drawn[-1].complete
    assert words.curves(lit.explanation.readings["cardiomegaly"], drawn[-1]).endswith("so far.")
    work.close()
    assert list(work) == []


def test_no_step_skips_more_than_a_cell_beyond_its_line(lit):
    drawn = last(curves(lit, lit.maps[0], steps=8, orders=4))
    lines = np.arange(9) / 8
    assert (drawn.share >= lines - 1e-9).all()
    # The largest cell of this grid: a corner with the pixels beyond.
    assert (drawn.share - lines <= 30**2 / 91**2).all()
