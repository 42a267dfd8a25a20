"""How good the maps are over all films: what ``python -m training maps`` found, and what it says beside one map."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from xai.classifier import Finding
from xai.words import share, signed, subject

PATH = Path(__file__).parent.parent / "reports" / "maps.json"

# Boxed films below which a finding's own figure says too little.
FEW = 10
# Whose films radiologists drew boxes on.
BOXED = "adult"

# Methods that draw another one's map on this head (tests/xai/methods prove it), so that it is measured once.
_SAME = {"hires-cam": "evidence"}

UNMEASURED = "How good this version’s maps are over many films has not been measured."


@dataclass(frozen=True)
class Figure:
    """A mean over films.

    Attributes:
        value: the mean.
        films: how many.
        interval: 95 %, resampling patients; None where it was not reckoned.
    """

    value: float
    films: int
    interval: tuple[float, float] | None = None

    def clearly_above(self, other: Figure) -> bool:
        """Whether the intervals lie apart, this one above."""
        return bool(self.interval and other.interval and self.interval[0] > other.interval[1])


@dataclass(frozen=True)
class Measured:
    """One checkpoint's part of the report. Whatever was not measured is None.

    Attributes:
        tree: as in the report.
    """

    tree: dict

    def at(self, *path: str) -> Any:
        """What lies at a path of keys; None where the path breaks off."""
        return _at(self.tree, path)

    def number(self, *path: str) -> float | None:
        """A finite number at a path."""
        found = self.at(*path)
        return float(found) if _is_number(found) else None

    def figure(self, *path: str) -> Figure | None:
        """The mean at a path, with the films and the interval that stand beside it."""
        value, films = self.number(*path), self.number(*path[:-1], "films")
        if value is None or not films:
            return None
        ends = self.at(*path[:-1], f"{path[-1]}_interval")
        known = isinstance(ends, list) and len(ends) == 2 and all(map(_is_number, ends))
        return Figure(value, int(films), tuple(ends) if known else None)

    def of_method(self, method: str, block: str, name: str) -> Figure | None:
        """A figure of one method."""
        return self.figure("methods", method, block, name)

    def methods(self, baseline: bool) -> dict[str, str]:
        """Methods, or the baselines that they must beat: key → label."""
        listed = self.at("methods")
        return {
            key: str(entry.get("label", key))
            for key, entry in (listed.items() if isinstance(listed, dict) else ())
            if isinstance(entry, dict) and bool(entry.get("baseline")) is baseline
        }


@dataclass(frozen=True)
class Record:
    """The report; empty where there is none.

    Attributes:
        report: as written.
    """

    report: dict = field(default_factory=dict)

    def of(self, model: str, version: str) -> Measured | None:
        """What was measured of a checkpoint; None where that was another version of it, or nothing."""
        tree = _at(self.report, ("models", model))
        return Measured(tree) if isinstance(tree, dict) and tree.get("version") == version else None

    def beside(self, model: str, version: str, finding: Finding) -> str:
        """One sentence for beside a single evidence map: how often such maps point into radiologists' boxes."""
        measured = self.of(model, version)
        everything = measured and _pointing(measured, "all")
        if measured is None or everything is None:
            return UNMEASURED
        if finding.population != BOXED:
            return "No radiologist drew boxes on children’s films: whether this map points to the right place is not known."
        films, hit, chance = everything
        over_all = f"over all {films} boxed findings the hottest point lay in the box {hit} of the time ({chance})."
        own = _pointing(measured, finding.name)
        if own is None:
            return f"No boxes for {subject(finding)}; {over_all}"
        films, hit, chance = own
        if films < FEW:
            return f"Boxes for {subject(finding)} on only {films} validation film{'s' * (films > 1)}; {over_all}"
        return (
            f"On {films} validation films with radiologists’ boxes for {subject(finding)}, the hottest point lay in the "
            f"box {hit} of the time ({chance})."
        )

    def meter(self, model: str, version: str, finding: str) -> dict | None:
        """Mean shares of a finding's positive evidence over validation films, as :class:`xai.lab.meter.Meter`.

        With ``films``: how many of the finding's population showed any. None where it was not measured.
        """
        measured = self.of(model, version)
        shares = measured and measured.at("meter", finding)
        return shares if isinstance(shares, dict) else None

    def sentence(self, model: str, version: str, method: str) -> str:
        """How good one method's maps are over all films, for beside that method; empty where it was not measured."""
        measured = self.of(model, version)
        if measured is None:
            return ""
        method = _SAME.get(method, method)
        parts = []
        pointing = measured.of_method(method, "localisation", "argmax_in_box")
        if pointing:
            chance = measured.of_method("random", "localisation", "argmax_in_box")
            beside = f" (a random cell: {share(chance.value)})" if chance else ""
            parts.append(
                f"on {pointing.films} boxed findings its hottest point lay in the box {share(pointing.value)} of the "
                f"time{beside}"
            )
        fall, random = (measured.of_method(method, "hide", name) for name in ("drop", "random"))
        if fall and random:
            parts.append(
                f"on {fall.films}, hiding its hottest tenth changed the logit by {signed(-fall.value)}, hiding random "
                f"regions by {signed(-random.value)}"
            )
        text = "; ".join(parts)
        return f"{text[:1].upper()}{text[1:]}." if text else ""


def load(path: Path = PATH) -> Record:
    """Read the report; an empty record where it is absent or no report."""
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return Record()
    return Record(report) if isinstance(report, dict) else Record()


def _pointing(measured: Measured, finding: str) -> tuple[int, str, str] | None:
    """Films, how often the hottest point lay in a box, and chance in words."""
    own, random = measured.figure("findings", finding, "argmax_in_box"), measured.number("findings", finding, "random")
    if own is None or random is None:
        return None
    return own.films, share(own.value), f"a random cell: {share(random)}"


def _at(tree: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        tree = tree.get(key) if isinstance(tree, dict) else None
    return tree


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
