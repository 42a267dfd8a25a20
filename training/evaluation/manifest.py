"""A plain CSV of labelled films, for any collection that comes in a layout of its own.

One row per film. Columns: ``path`` (relative to the file, or absolute) and ``population`` (``adult`` or ``child``),
and one column for each finding that is labelled, by its name in :data:`training.data.FINDINGS`, with 1, 0, or nothing
where it is unknown. Optional: ``patient`` (without it every film counts as a patient), ``normal`` (1 or 0; without it
a film is normal if no labelled finding is present), ``sex``, ``age``, ``view``, and ``boxes``:
``finding xmin ymin xmax ymax`` in fractions of width and height, several separated by ``;``.
"""

from __future__ import annotations

import csv
from pathlib import Path

from training.data import ADULT, FINDINGS, Film
from training.evaluation.collection import Collection
from training.evaluation.errors import EvaluationError

OPTIONAL = ("patient", "normal", "sex", "age", "view", "boxes")
_VALUES = {"1": True, "0": False}
BEYOND = 0.05  # how far a box may reach over the film's edge, in fractions of it


def read(path: Path) -> Collection:
    """Films of a manifest, in its order.

    Raises:
        EvaluationError: a column is missing or unknown, or a cell holds something else than its column asks for.
    """
    with open(path, newline="", encoding="utf-8-sig") as file:
        rows = csv.DictReader(file)
        columns = rows.fieldnames or []
        _check(path, columns)
        findings = [name for name in FINDINGS if name in columns]
        films = [_film(path, rows.line_num, row, findings) for row in rows]
    return Collection(f"manifest {path.name}", films)


def _check(path: Path, columns: list[str]) -> None:
    if "image" in columns and "findings" in columns:
        raise EvaluationError(f"{path} is a table of prepared films: name its folder {path.parent} instead.")
    for name in ("path", "population"):
        if name not in columns:
            raise EvaluationError(f"{path} has no column `{name}`: add it (see docs/evaluation.md).")
    unknown = set(columns) - {"path", "population", *OPTIONAL, *FINDINGS}
    if unknown:
        raise EvaluationError(
            f"{path} has the unknown column `{min(unknown)}`: rename it to one of "
            f"{', '.join((*OPTIONAL, *FINDINGS))}, or remove it."
        )
    if not set(columns) & set(FINDINGS):
        raise EvaluationError(f"{path} has no labels: add a column named after a finding, e.g. `cardiomegaly`.")


def _film(path: Path, line: int, row: dict[str, str], findings: list[str]) -> Film:
    def wrong(column: str, mend: str) -> EvaluationError:
        return EvaluationError(f"{path}, line {line}: `{column}` is {row.get(column)!r}; write {mend}.")

    cell = {name: (value or "").strip() for name, value in row.items() if name}
    if not cell["path"]:
        raise wrong("path", "the path of an image")
    if cell["population"] not in ("adult", "child"):
        raise wrong("population", "adult or child")
    labels = {}
    for name in findings:
        if cell[name] and cell[name] not in _VALUES:
            raise wrong(name, "1, 0 or nothing")
        if cell[name]:
            labels[name] = _VALUES[cell[name]]
    if cell.get("normal") and cell["normal"] not in _VALUES:
        raise wrong("normal", "1, 0 or nothing")
    boxes: dict[str, list] = {}
    for box in filter(None, (part.split() for part in cell.get("boxes", "").split(";"))):
        try:
            name, *corners = box
            x0, y0, x1, y1 = map(float, corners)
        except ValueError as error:
            raise wrong("boxes", "`finding xmin ymin xmax ymax`, several separated by `;`") from error
        if name not in ADULT or not (x0 < x1 and y0 < y1):
            raise wrong("boxes", "the name of an adults' finding and corners with xmin < xmax and ymin < ymax")
        if min(x0, y0) < -BEYOND or max(x1, y1) > 1 + BEYOND:
            raise wrong("boxes", "corners in fractions of the film's width and height, not in pixels")
        boxes.setdefault(name, []).append((x0, y0, x1, y1))
    return Film(
        path.parent / cell["path"],
        cell.get("patient") or f"{path.stem}-{cell['path']}",
        cell["population"],
        _VALUES[cell["normal"]] if cell.get("normal") else not any(labels.values()),
        labels,
        boxes,
        cell.get("view", ""),
        cell.get("sex", ""),
        cell.get("age", ""),
    )
