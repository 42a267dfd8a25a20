"""Writes ``report.html``: one file that refers to nothing outside itself."""

from __future__ import annotations

import math
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from training.evaluation import slices, words
from training.evaluation.figures.save import Drawn
from xai.words import NOT_A_DEVICE


def render(report: dict, figures: list[Drawn]) -> str:
    """The page of a report, as HTML.

    Args:
        report: as written to ``report.json``.
        figures: to show, in this order.
    """
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"figure": figure, "limits": limits, "share": share, "label": words.label, "has": _has}
    return environment.get_template("page.html").render(
        report=report,
        groups={
            key: slices.ordered(group for entry in found.values() for group in entry)
            for key, found in report["slices"].items()
        },
        figures=figures,
        subject=words.subject(report),
        headlines=[words.headline(name, entry) for name, entry in report["findings"].items()],
        cautions=words.cautions(report),
        device=NOT_A_DEVICE,
    )


def _has(findings: dict[str, dict], key: str) -> bool:
    return any(entry[key] is not None for entry in findings.values())


def figure(value: float | None, digits: int = 2, signed: bool = False) -> str:
    """A number as a table shows it; a dash where there is none."""
    if value is None or math.isnan(value):
        return "—"
    # No "−0.000": what rounds to nothing has no sign.
    text = f"{round(value, digits) + 0.0:{'+' if signed and round(value, digits) else ''}.{digits}f}"
    return text.replace("-", "−")


def limits(pair: tuple[float, float] | None, digits: int = 2) -> str:
    """An interval, ``0.76–0.89``; a dash where there is none."""
    return "—" if pair is None or None in pair else f"{pair[0]:.{digits}f}–{pair[1]:.{digits}f}"


def share(value: float | None) -> str:
    """A share in per cent, ``34.1 %``."""
    return "—" if value is None or math.isnan(value) else f"{100 * value:.1f}\N{NO-BREAK SPACE}%"
