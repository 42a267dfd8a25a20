"""Trains a recipe with Keras, or goes on where an interrupted training stopped."""

from __future__ import annotations

import csv
import datetime
import json
import sys
import time
from pathlib import Path

import keras
import numpy as np
from keras import ops

from training.data import Film
from training.model import classification_loss
from training.recipes import network
from training.recipes.baseline import Baseline, Ensemble, from_json, same, to_json
from training.recipes.errors import RecipeError
from training.recipes.films import arrays, hold_out, learnt

RECIPE, STATE, WEIGHTS, LOG = "baseline.json", "training.json", "best.weights.h5", "log.csv"
SETTLED = "thresholds.json"  # of these weights, so gone as soon as they change


class TimeBudget(keras.callbacks.Callback):
    """Ends a training with the epoch in which so many minutes have passed."""

    def __init__(self, minutes: float):
        super().__init__()
        self.minutes, self.spent = minutes, False

    def on_train_begin(self, logs: dict | None = None) -> None:
        self.end = time.monotonic() + 60 * self.minutes

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        if time.monotonic() >= self.end:
            self.spent = self.model.stop_training = True


def train(
    name: str, baseline: Baseline, films: list[Film], runs: Path, init: str, minutes: float | None = None
) -> Path:
    """Train a recipe and keep the weights of the epoch with the least loss on held-out patients.

    Args:
        name: of the run; its folder is ``runs/name``.
        baseline: what to do.
        films: training films, from :func:`training.data.split`; some of their patients are held out.
        runs: folder of all runs. An interrupted run goes on with its next epoch, a finished one is left as it is.
        init: see :func:`training.recipes.network.initialise`.
        minutes: after which the training ends, with the epoch; None for no limit. A later call goes on.

    Returns:
        The folder, with ``baseline.json``, ``training.json``, ``best.weights.h5`` and ``log.csv``.

    Raises:
        RecipeError: the folder holds a run of another recipe or one that cannot be read, or the films do not show what
            there is to learn.
    """
    folder = runs / name
    claim(folder, baseline)
    state = json.loads((folder / STATE).read_text()) if (folder / STATE).exists() else None
    if state and (state["ended"] == "early stopping" or state["epochs"] >= baseline.epochs):
        print(f"{name}: trained already, {state['epochs']} epochs; remove {folder} to train anew")
        return folder
    keras.utils.set_random_seed(baseline.seed)
    model = network.build(baseline)
    start = state["start"] if state else network.initialise(model, baseline, init)
    print(f"{name}: {start}")

    fitted, held = (learnt(part, baseline) for part in hold_out(films))
    canvas, label = arrays(fitted, baseline, f"{name}: films to learn from")
    watched = arrays(held, baseline, f"{name}: held-out films")
    _require_both(name, baseline, label)
    _require_both(name, baseline, watched[1])
    one = len(baseline.findings) == 1
    model.compile(
        optimizer=_make(keras.optimizers, baseline.optimiser),
        loss=loss(label, baseline.balanced),
        # On logits: zero is a probability of a half.
        metrics=[keras.metrics.BinaryAccuracy("accuracy", threshold=0), keras.metrics.Recall(0, name="recall")]
        if one
        else [],
        jit_compile=False,
    )
    before = _history(folder / LOG)
    (folder / SETTLED).unlink(missing_ok=True)
    budget = TimeBudget(minutes) if minutes else None
    callbacks = [
        *(_make(keras.callbacks, part) for part in baseline.callbacks),
        keras.callbacks.CSVLogger(folder / LOG, append=True),
        keras.callbacks.ModelCheckpoint(
            folder / WEIGHTS,
            monitor="val_loss",
            save_best_only=True,
            save_weights_only=True,
            initial_value_threshold=min(before) if before else None,
        ),
        *([budget] if budget else []),
        # Last: what the others did to this epoch is kept with it, and an epoch that was cut short is done again.
        keras.callbacks.BackupAndRestore(folder / "backup", delete_checkpoint=False),
    ]
    began = time.monotonic()
    try:
        model.fit(
            canvas,
            label,
            validation_data=watched,
            batch_size=baseline.batch,
            epochs=baseline.epochs,
            callbacks=callbacks,
            verbose=1 if sys.stdout.isatty() else 2,
        )
    except OSError as error:  # a run that was killed while it wrote its state
        raise RecipeError(f"{folder} cannot be gone on with ({error}): remove it to train anew.") from error
    history = _history(folder / LOG)
    ended = "all epochs"
    if len(history) < baseline.epochs:
        ended = "time budget" if budget and budget.spent else "early stopping"
    state = {
        "date": datetime.date.today().isoformat(),
        "start": start,
        "epochs": len(history),
        "best_epoch": int(np.argmin(history)) + 1,
        "ended": ended,
        "minutes": round((state["minutes"] if state else 0) + (time.monotonic() - began) / 60, 2),
        "films": {"fitted": len(fitted), "held_out": len(held)},
        "parameters": model.count_params(),
    }
    (folder / STATE).write_text(json.dumps(state, indent=1) + "\n")
    print(f"{name}: {len(history)} epochs, ended by {ended}; the best was epoch {state['best_epoch']}")
    return folder


def claim(folder: Path, recipe: Baseline | Ensemble) -> None:
    """Make the folder of a run and write its recipe there.

    Raises:
        RecipeError: it holds a run of another recipe; more epochs are still the same recipe.
    """
    path = folder / RECIPE
    if path.exists() and not same(to_json(from_json(json.loads(path.read_text()))), to_json(recipe)):
        raise RecipeError(f"{folder} holds a run of another recipe: remove it, or name another folder in --runs.")
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(to_json(recipe), indent=1) + "\n")


def loss(label: np.ndarray, balanced: bool):
    """Mean binary cross-entropy over known labels; if balanced, either class of a finding weighs half.

    Args:
        label: ``(n, c)`` of the films to learn from, as :func:`training.recipes.films.labels` gives them.
    """
    share = np.clip((label == 1).sum(0) / np.maximum((label >= 0).sum(0), 1), 1e-3, 1 - 1e-3)
    present, absent = (0.5 / share, 0.5 / (1 - share)) if balanced else (np.ones_like(share), np.ones_like(share))
    present, absent = present.astype(np.float32), absent.astype(np.float32)

    def crossentropy(y, z):
        weight = ops.where(y > 0.5, present, absent) * ops.cast(y >= 0, z.dtype)
        return classification_loss(z, ops.relu(y), weight)

    return crossentropy


def _make(module, part):
    return getattr(module, part.kind)(**part.options)


def _history(log: Path) -> list[float]:
    """The loss on held-out patients after every epoch so far."""
    if not log.exists():
        return []
    with open(log, newline="") as file:
        by_epoch = {int(row["epoch"]): float(row["val_loss"]) for row in csv.DictReader(file)}
    return [by_epoch[epoch] for epoch in sorted(by_epoch)]


def _require_both(name: str, baseline: Baseline, label: np.ndarray) -> None:
    for column, finding in enumerate(baseline.findings):
        if not {0, 1} <= set(label[:, column].tolist()):
            raise RecipeError(
                f"{name} needs films with and without {finding}, among held-out patients too: add films to --data."
            )
