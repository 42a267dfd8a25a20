"""What a batch is drawn from, and how far a step goes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

keras = pytest.importorskip("keras")

from training import fit
from training.data import FINDINGS
from training.model import EvidenceHead
from training.recipes.errors import RecipeError


def test_the_prior_is_the_log_odds_among_the_films_that_are_drawn(films):
    recipe = fit.Recipe(start=None, epochs=1, batch=8, children=0.5)
    prior = fit.Batches(recipe, films, [None] * len(films), 17).prior()
    # Half of the children's films have pneumonia, and a share of one half is not drawn more often.
    assert prior[FINDINGS.index("pneumonia_child")] == pytest.approx(0, abs=1e-6)
    assert prior[FINDINGS.index("edema")] == pytest.approx(0, abs=1e-6)


def test_a_resumed_training_goes_on_with_the_batches_of_the_next_epoch(films, tmp_path):
    """As Keras writes it down: without, it would see the first epochs' batches once more."""
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse", jit_compile=False)
    backup = tmp_path / "backup"
    assert fit.epochs_done(backup) == 0
    resume = keras.callbacks.BackupAndRestore(backup, delete_checkpoint=False)
    model.fit(np.ones((2, 1)), np.ones((2, 1)), epochs=2, callbacks=[resume], verbose=0)
    assert fit.epochs_done(backup) == 2

    recipe = fit.Recipe(start=None, epochs=3, steps=2, batch=8, children=0.5, size=75)
    pixels = [np.random.default_rng(i).integers(0, 256, (60, 60), np.uint8) for i in range(len(films))]
    through = fit.Batches(recipe, films, pixels, 3)
    for _ in range(2):
        through.on_epoch_end()
    resumed = fit.Batches(recipe, films, pixels, 3, fit.epochs_done(backup))
    assert (resumed[1][0] == through[1][0]).all()
    assert (resumed[1][0] != fit.Batches(recipe, films, pixels, 3)[1][0]).any()


def test_a_checkpoint_that_is_not_there_yet_is_one_sentence(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"^There is no .*coarse.*: train it first, by .*fit coarse`\.$"):
        fit.take_up(None, tmp_path / "coarse")


def test_a_recipe_for_boxes_asks_for_boxes(films, tmp_path):
    bare = [replace(film, boxes={}) for film in films]
    with pytest.raises(RecipeError, match="guided learns from boxes, and no film has any: add"):
        fit.train("guided", bare, bare, "", tmp_path, fit.RECIPES["guided"])


def test_the_heads_kernel_takes_longer_steps():
    head = EvidenceHead(1, name="head")
    other = keras.layers.Dense(1, name="other", kernel_initializer="zeros")
    inputs = keras.Input((1, 1, 2))
    model = keras.Model(inputs, head(inputs)["logits"] + keras.ops.sum(other(inputs), (1, 2)))
    model.compile(fit.LayerwiseAdamW(0.01, weight_decay=0, head_rate=10), "mse", jit_compile=False)
    model.train_on_batch(np.ones((4, 1, 1, 2), np.float32), np.ones((4, 1), np.float32))
    np.testing.assert_allclose(head.kernel, 0.1, rtol=1e-3)
    np.testing.assert_allclose(other.kernel, 0.01, rtol=1e-3)


def test_of_a_film_whose_finding_was_blurred_away_the_teacher_is_not_asked(films):
    whole = {}
    box = {"edema": [(0.3, 0.3, 0.7, 0.7)]}
    boxed = [replace(film, boxes=box) if film.labels.get("edema") else film for film in films]
    for erase in (0.0, 1.0):
        recipe = fit.Recipe(start=None, epochs=1, batch=8, children=0.5, boxed=0.5, erase=erase, size=75)
        batches = fit.Batches(recipe, boxed, [np.full((60, 60), 128, np.uint8)] * len(films), 3)
        whole[erase] = batches[0][1]["whole"][:, 0].tolist()
    assert whole == {0.0: [1.0] * 8, 1.0: [1.0] * 4 + [0.0] * 4}
