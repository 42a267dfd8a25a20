"""``python -m xai test``: the laboratory from the command line."""

from __future__ import annotations

import argparse
import json

from xai import words
from xai.classifier import Classifier
from xai.console import bar, each
from xai.explain import Explanation, explain
from xai.foremost import foremost
from xai.lab.fills import DEFAULT, FILLS
from xai.lab.guide import GUIDES
from xai.lab.regions import LARGEST, SMALLEST
from xai.lab.report import EXPERIMENTS, Report, Settings, compare_report, document
from xai.lab.subject import Subject


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``test``, beside those that it shares with ``explain``."""
    parser.add_argument(
        "--finding", nargs=1, metavar="NAME", help="default: that which stands highest above its operating point"
    )
    parser.add_argument("--experiment", choices=[*EXPERIMENTS, "all"], default="all", help="default: all")
    parser.add_argument("--against", metavar="MODEL", help="also compare with this checkpoint on the same film")
    parser.add_argument("--fill", choices=FILLS, default=DEFAULT, help="how a region is hidden (default: %(default)s)")
    region = parser.add_mutually_exclusive_group()
    region.add_argument(
        "--share", type=share, default=0.1, metavar="PERCENT", help="how much to hide, hottest first (default: 10)"
    )
    region.add_argument(
        "--cell", type=_cell, action="append", metavar="ROW,COLUMN", help="hide this cell of the grid; repeat for more"
    )


def run(options: argparse.Namespace, classifier: Classifier, other: Classifier | None) -> int:
    """Test films; returns the exit status.

    Args:
        options: of the command line.
        classifier: whose maps are tested.
        other: the checkpoint to compare with, if any.
    """
    chosen = list(EXPERIMENTS) if options.experiment == "all" else [options.experiment]
    settings = Settings(options.share, tuple(options.cell or ()), options.fill)

    def answer(path: str) -> str:
        explanation = explain(classifier, path)
        name = options.finding[0] if options.finding else foremost(explanation)
        subject = Subject.of(classifier, explanation)
        reports = {key: EXPERIMENTS[key](subject, name, settings, bar) for key in chosen}
        if other is not None and name in other.findings:
            reports["compare"] = compare_report(explanation, explain(other, explanation.radiograph), name)
        found = (path, explanation, name, reports)
        return json.dumps(document(*found)) if options.json else _text(*found)

    return each(options.films, answer, options.json)


def heading(path: str, explanation: Explanation, name: str) -> list[str]:
    """The lines that say of which film, model and finding a person will read."""
    reading = explanation.readings[name]
    mark = words.caution(explanation, name)
    lines = [
        f"{path}  (model {explanation.model} {explanation.version})",
        f"{reading.finding.label}: {words.percent(reading.probability)}, logit {reading.logit:+.2f}"
        + (f" ({mark})" if mark else ""),
    ]
    return lines if explanation.gate.chest_film else [*lines, words.REFUSAL]


def _text(path: str, explanation: Explanation, name: str, reports: dict[str, Report]) -> str:
    """What a person reads on screen for one film."""
    lines = heading(path, explanation, name)
    for key, report in reports.items():
        lines += ["", f"{GUIDES[key].title}. {GUIDES[key].asks}"]
        lines += [f"  {line}" for line in report.lines]
    return "\n".join(lines) + "\n"


def share(text: str) -> float:
    """A share of the film, given in per cent."""
    try:
        part = float(text.rstrip(" %")) / 100
    except ValueError:
        part = -1.0
    if not SMALLEST <= part <= LARGEST:
        raise argparse.ArgumentTypeError(f"{text}: give a number from {100 * SMALLEST:g} to {100 * LARGEST:g}")
    return part


def _cell(text: str) -> tuple[int, int]:
    try:
        row, column = (int(part) for part in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text}: give ROW,COLUMN from the upper left, as in 8,10") from None
    return row, column
