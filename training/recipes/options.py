"""The options of ``run`` and ``compare``; apart from the rest, so that ``--help`` loads no Keras."""

from __future__ import annotations

import argparse
from pathlib import Path

from training.recipes.catalogue import RECIPES, TRANSFERRED

COMMANDS = ("run", "compare")


def add_commands(commands: argparse._SubParsersAction, data: Path, init: Path) -> None:
    """Add both commands.

    Args:
        commands: of the parser.
        data: default folder of the training data.
        init: default file of InceptionV3's ImageNet weights.
    """
    run = commands.add_parser(
        "run",
        help="train a seed system's recipe, or go on with it, and report on it",
        description="Train recipes, or go on where an interrupted training stopped, and report on validation patients.",
        epilog=f"Recipes: {', '.join(RECIPES)}.",
    )
    run.add_argument("recipes", nargs="+", metavar="RECIPE", help="names; `transfer`; or `all`, cheapest first")
    run.add_argument("--backbone", choices=sorted(TRANSFERRED), help="of the recipe `transfer` (default: inception_v3)")
    run.add_argument("--epochs", type=int, metavar="N", help="instead of the recipe's own number")
    run.add_argument(
        "--minutes", type=float, metavar="N", help="end each training with the epoch in which N have passed"
    )
    run.add_argument("--data", type=Path, default=data, help=f"nih/ and kermany/train/ (default: {data})")
    run.add_argument("--init", default=str(init), help="ImageNet weights of InceptionV3: an .npz, or `imagenet`")
    run.add_argument("--runs", type=Path, default=Path("runs"), help="training state (default: runs)")
    run.add_argument("--reports", type=Path, default=Path("reports/recipes"), help="default: reports/recipes")
    compare = commands.add_parser("compare", help="write docs/recipes.md and its figure from the recipes' reports")
    compare.add_argument(
        "--check", action="store_true", help="only say whether the page is out of date; exit status 1 if so"
    )
