"""Colours and sizes that all figures share, on light and on dark paper."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import matplotlib


@dataclass(frozen=True)
class Theme:
    """Colours as hex: of text and axes, of secondary lines, of the paper, and of films with and without a finding."""

    ink: str
    muted: str
    line: str
    paper: str
    present: str
    absent: str


LIGHT = Theme("#1c232b", "#5a6673", "#d9dee4", "#ffffff", "#b84300", "#2467a4")
DARK = Theme("#e9edf1", "#9da8b4", "#39434e", "#171c22", "#ff9a4d", "#6fb3ea")


@contextmanager
def drawing(theme: Theme) -> Iterator[None]:
    """matplotlib's settings while figures of a theme are drawn and saved."""
    settings = {
        "figure.facecolor": theme.paper,
        "savefig.facecolor": theme.paper,
        "axes.facecolor": theme.paper,
        "axes.edgecolor": theme.muted,
        "axes.labelcolor": theme.muted,
        "axes.titlecolor": theme.ink,
        "axes.titlesize": 10,
        "axes.labelsize": 9,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "grid.color": theme.line,
        "grid.linewidth": 0.6,
        "text.color": theme.ink,
        "xtick.color": theme.muted,
        "ytick.color": theme.muted,
        "xtick.labelsize": 8,
        "ytick.labelsize": 8,
        "legend.frameon": False,
        "legend.fontsize": 8,
        "font.family": "DejaVu Sans",
        "font.size": 9,
        "svg.hashsalt": "cxr-lens",  # the same figure gives the same bytes
    }
    with matplotlib.rc_context(settings):
        yield
