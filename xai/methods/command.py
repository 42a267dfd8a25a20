"""``python -m xai methods``: attribution methods side by side from the command line."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence

from xai.classifier import Classifier
from xai.console import bar, each
from xai.explain import Explanation, explain
from xai.foremost import foremost
from xai.lab.command import heading, share
from xai.lab.fills import FILLS
from xai.lab.report import Settings
from xai.lab.subject import Subject
from xai.methods import METHODS, Method
from xai.methods.trial import Trial, agreement, document, trial


def add_arguments(parser: argparse.ArgumentParser, names: Sequence[str] = tuple(METHODS)) -> None:
    """The options of ``methods``, beside those that it shares with ``explain``.

    Args:
        parser: to add them to.
        names: of the methods to choose from.
    """
    parser.add_argument(
        "--finding", nargs=1, metavar="NAME", help="default: that which stands highest above its operating point"
    )
    parser.add_argument(
        "--method",
        action="append",
        choices=[*names, "all"],
        metavar="NAME",
        help=f"repeat for more (default: all): {', '.join(names)}",
    )
    parser.add_argument(
        "--fill", choices=FILLS, default=Settings.fill, help="how a region is hidden (default: %(default)s)"
    )
    parser.add_argument(
        "--share",
        type=share,
        default=Settings.share,
        metavar="PERCENT",
        help=f"how much to hide, hottest first (default: {100 * Settings.share:g})",
    )


def run(options: argparse.Namespace, classifier: Classifier, methods: Mapping[str, Method] = METHODS) -> int:
    """Put methods side by side on films; returns the exit status.

    Args:
        options: of the command line.
        classifier: whose logit they explain.
        methods: to choose from.
    """
    chosen = options.method or ["all"]
    settings = Settings(options.share, fill=options.fill)

    def answer(path: str) -> str:
        explanation = explain(classifier, path)
        name = options.finding[0] if options.finding else foremost(explanation)
        subject = Subject.of(classifier, explanation)
        trials = {
            key: trial(method, subject, name, settings, bar)
            for key, method in methods.items()
            if key in chosen or "all" in chosen
        }
        found = (path, explanation, name, trials)
        return json.dumps(document(*found)) if options.json else _text(*found)

    return each(options.films, answer, options.json)


def _text(path: str, explanation: Explanation, name: str, trials: dict[str, Trial]) -> str:
    """What a person reads on screen for one film."""
    lines = heading(path, explanation, name)
    for one in trials.values():
        lines += ["", *one.lines]
    if len(trials) > 1:
        lines += ["", "Rank correlation of every two maps:", *_square(agreement(trials))]
    return "\n".join(lines) + "\n"


def _square(figures: dict[str, dict[str, float | None]]) -> list[str]:
    width = max(map(len, figures)) + 1
    lines = [" " * width + "".join(f"{name:>{width}}" for name in figures)]
    for name, row in figures.items():
        cells = ("·" if other == name else "none" if row[other] is None else f"{row[other]:.2f}" for other in figures)
        lines.append(f"{name:<{width}}" + "".join(f"{cell:>{width}}" for cell in cells).replace("-0", "−0"))
    return lines
