"""ChestX-ray14 as the NIH Clinical Center publishes it."""

from __future__ import annotations

import csv
from pathlib import Path

from training.data import ADULT, BOX_NAMES, Film
from training.evaluation.collection import Collection

BOXED_SIDE = 1024  # the published films' side, in whose pixels the boxes are given
OFFICIAL = "test_list.txt"


def read(entries: Path) -> Collection:
    """The films of ``Data_Entry_2017*.csv`` whose images lie in any folder below it.

    Boxes come from ``BBox_List_2017*.csv`` beside it. Where ``test_list.txt`` lies there too, only the films that it
    lists are read: the official test split.

    Args:
        entries: the table of labels.
    """
    folder = entries.parent
    images = {path.name: path for path in folder.rglob("*.png")}
    official = folder / OFFICIAL
    listed = set(official.read_text().split()) if official.is_file() else None
    boxes = _boxes(folder)
    films, sizes = [], {}
    with open(entries, newline="", encoding="utf-8-sig") as file:
        for row in csv.DictReader(file):
            name = row["Image Index"]
            if name not in images or (listed is not None and name not in listed):
                continue
            found = {label.lower() for label in row["Finding Labels"].split("|")}
            film = Film(
                images[name],
                f"nih-{row['Patient ID'].zfill(8)}",
                "adult",
                found == {"no finding"},
                {finding: finding in found for finding in ADULT},
                boxes.get(name, {}),
                row["View Position"],
                row["Patient Gender"],
                row["Patient Age"].rstrip("YMD").lstrip("0"),
            )
            films.append(film)
            # The header is OriginalImage[Width,Height], which its own comma splits in two.
            if row.get("OriginalImage[Width") and row.get("Height]"):
                sizes[film.path] = (int(row["OriginalImage[Width"]), int(row["Height]"]))
    part = "all films present" if listed is None else "official test split"
    return Collection(f"ChestX-ray14 as published, {part}", films, sizes)


def _boxes(folder: Path) -> dict[str, dict[str, list]]:
    boxes: dict[str, dict[str, list]] = {}
    for path in sorted(folder.glob("BBox_List_2017*.csv"))[:1]:
        with open(path, newline="", encoding="utf-8-sig") as file:
            rows = csv.reader(file)
            next(rows)  # Image Index, Finding Label, Bbox [x, y, w, h]: the header's commas do not match the columns
            for image, label, *corner in rows:
                x, y, w, h = (float(value) / BOXED_SIDE for value in corner[:4])
                name = BOX_NAMES.get(label.lower(), label.lower())
                boxes.setdefault(image, {}).setdefault(name, []).append((x, y, x + w, y + h))
    return boxes
