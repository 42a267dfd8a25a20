"""The options of ``python -m training evaluate``; apart from the rest, so that ``--help`` loads no library."""

from __future__ import annotations

import argparse
from pathlib import Path

VALIDATION = "validation"
STRESSED = 100


def add_arguments(parser: argparse.ArgumentParser, data: Path) -> None:
    """Add the options; ``data`` is the default folder of the training data."""
    parser.add_argument("checkpoint", metavar="CHECKPOINT", help="of the manifest, e.g. guided; or runs/RECIPE")
    parser.add_argument("films", metavar="DATA", help=f"a labelled folder, a CSV manifest, or `{VALIDATION}`")
    parser.add_argument("--out", type=Path, required=True, help="folder for report.json, report.html and figures/")
    parser.add_argument("--weights", type=Path, help="folder of another manifest (default: what visitors are served)")
    parser.add_argument(
        "--data",
        type=Path,
        default=data,
        help=f"training data, for `{VALIDATION}` and for what was seen (default: {data})",
    )
    parser.add_argument("--log", type=Path, help="a training's log.csv, for learning curves (default: the recipe's)")
    parser.add_argument(
        "--stress",
        type=int,
        default=STRESSED,
        metavar="N",
        help=f"films to read under stress (default: {STRESSED}; 0: none)",
    )
    parser.add_argument(
        "--contact-sheet",
        action="store_true",
        help="also draw the best, worst and confidently wrong films: never publish",
    )
