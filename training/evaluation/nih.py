"""ChestX-ray14 as the NIH Clinical Center publishes it."""

from __future__ import annotations

from pathlib import Path

from training import chestxray14
from training.data import ADULT, BOX_NAMES, Film
from training.evaluation.collection import Collection

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
    for entry in chestxray14.entries(entries):
        if entry.image not in images or (listed is not None and entry.image not in listed):
            continue
        found = {label.lower() for label in entry.findings.split("|")}
        film = Film(
            images[entry.image],
            f"nih-{entry.patient}",
            "adult",
            found == {"no finding"},
            {finding: finding in found for finding in ADULT},
            boxes.get(entry.image, {}),
            entry.view,
            entry.sex,
            entry.age,
        )
        films.append(film)
        if entry.size:
            sizes[film.path] = entry.size
    part = "all films present" if listed is None else "official test split"
    return Collection(f"ChestX-ray14 as published, {part}", films, sizes)


def _boxes(folder: Path) -> dict[str, dict[str, list]]:
    found: dict[str, dict[str, list]] = {}
    for path in sorted(folder.glob(chestxray14.BOXES))[:1]:
        for image, label, box in chestxray14.boxes(path):
            name = BOX_NAMES.get(label.lower(), label.lower())
            found.setdefault(image, {}).setdefault(name, []).append(box)
    return found
