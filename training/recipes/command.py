"""``python -m training run`` and ``python -m training compare``."""

from __future__ import annotations

import argparse
import json
import os
from dataclasses import replace
from pathlib import Path

from training.card import told
from training.data import Film, read_all, split
from training.recipes import compare
from training.recipes.baseline import Ensemble
from training.recipes.catalogue import RECIPES, names


def main(arguments: argparse.Namespace) -> int:
    """Run the command line; returns the exit status: 0 done, 1 out of date.

    Raises:
        RecipeError: asked for what cannot be done.
        FileNotFoundError: there are no films.
    """
    if arguments.command == "compare":
        return told(compare.write(Path(), arguments.check), arguments.check)
    asked = names(arguments.recipes, arguments.backbone)
    films, validation = split(read_all(arguments.data))
    for name in asked:
        run(name, films, validation, arguments)
    return 0


def run(name: str, films: list[Film], validation: list[Film], arguments: argparse.Namespace) -> Path:
    """Train one recipe, fix its thresholds, and report.

    Args:
        name: of the recipe.
        films, validation: from :func:`training.data.split`.
        arguments: of the command line.

    Returns:
        The path of the report.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    import keras

    from training.data import load as decode
    from training.recipes import predictor
    from training.recipes.films import hold_out, labelled, labels
    from training.recipes.report import report
    from training.recipes.train import STATE, claim, train

    keras.backend.clear_session()  # of the recipe before this one
    recipe, folder = RECIPES[name], arguments.runs / name
    if isinstance(recipe, Ensemble):
        for member in recipe.members:
            predictor.load(arguments.runs / member)  # said before anything is written
        claim(folder, recipe)
        states = {member: json.loads((arguments.runs / member / STATE).read_text()) for member in recipe.members}
        training = {"members": states, "start": "The members' own."}
    else:
        if arguments.epochs:
            recipe = replace(recipe, epochs=arguments.epochs)
        train(name, recipe, films, arguments.runs, arguments.init, arguments.minutes)
        training = json.loads((folder / STATE).read_text())
    trained = predictor.load(folder)
    held = labelled(hold_out(films)[1], trained.findings)
    predictor.settle(trained, recipe, decode(held, f"{name}: held-out films"), labels(held, trained.findings), folder)
    path = arguments.reports / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    document = report(trained, validation, training, f"python -m training run {name}")
    path.write_text(json.dumps(document, indent=1) + "\n")
    print(path)
    return path
