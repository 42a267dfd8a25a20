"""The tables of ChestX-ray14 as the NIH Clinical Center publishes them."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ENTRIES, BOXES = "Data_Entry_2017*.csv", "BBox_List_2017*.csv"
BOXED_SIDE = 1024  # the published films' side, in whose pixels the boxes are given


@dataclass(frozen=True)
class Entry:
    """One film.

    Attributes:
        image: file name of the film, a PNG.
        patient: eight digits.
        findings: names joined by ``|``.
        age: in years, without leading zeros.
        sex: ``M`` or ``F``.
        view: ``PA`` or ``AP``.
        size: width and height of the original radiograph in pixels; None where the table does not say.
    """

    image: str
    patient: str
    findings: str
    age: str
    sex: str
    view: str
    size: tuple[int, int] | None


def entries(path: Path) -> Iterator[Entry]:
    """The films of ``Data_Entry_2017*.csv``."""
    with open(path, newline="", encoding="utf-8-sig") as file:
        for row in csv.DictReader(file):
            if row["View Position"] is None:
                raise ValueError(f"{path.name} is cut short at {row['Image Index']}")
            # The header is OriginalImage[Width,Height], which its own comma splits in two.
            width, height = row.get("OriginalImage[Width"), row.get("Height]")
            yield Entry(
                row["Image Index"],
                row["Patient ID"].zfill(8),
                row["Finding Labels"],
                row["Patient Age"].rstrip("YMD").lstrip("0"),
                row["Patient Gender"],
                row["View Position"],
                (int(width), int(height)) if width and height else None,
            )


def boxes(path: Path) -> Iterator[tuple[str, str, tuple[float, ...]]]:
    """The boxes of ``BBox_List_2017*.csv``: image, finding, and left, top, right, bottom as fractions of the film."""
    with open(path, newline="", encoding="utf-8-sig") as file:
        rows = csv.reader(file)
        next(rows, None)  # Image Index, Finding Label, Bbox [x, y, w, h]: its commas do not match the columns
        for image, finding, *corner in filter(None, rows):
            x, y, w, h = (float(value) / BOXED_SIDE for value in corner[:4])
            yield image, finding, (x, y, x + w, y + h)
