"""Turns NIH's or Kermany's own download into the small layout that training reads."""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

import cv2
from tqdm import tqdm

ADULT_SIDE, CHILD_SIDE = 384, 224


def main(arguments: argparse.Namespace) -> int:
    """Run the command line; returns the exit status."""
    print(prepare(arguments.source, arguments.out))
    return 0


def prepare(source: Path, out: Path) -> Path:
    """Recognise a download by what it holds and convert it.

    Args:
        source: the unpacked ChestX-ray14 (``Data_Entry_2017*.csv``, ``BBox_List_2017*.csv``, ``images*/…/*.png``) or
            Kermany's ``chest_xray`` (``train/NORMAL``, ``train/PNEUMONIA``, ``test/…``).
        out: will hold ``nih/`` or ``kermany/``, films shrunk to the size that the model needs.

    Returns:
        The folder that was written.

    Raises:
        SystemExit: the source is neither; the message says what was looked for.
    """
    entries = _found(source, "Data_Entry_2017*.csv")
    if entries:
        return _nih(source, entries[0], out / "nih")
    splits = [folder.parent for folder in _found(source, "NORMAL") if (folder.parent / "PNEUMONIA").is_dir()]
    if splits:
        return _kermany(splits, out / "kermany")
    raise SystemExit(f"{source}: neither Data_Entry_2017*.csv (NIH) nor NORMAL/ and PNEUMONIA/ (Kermany) is below it")


def _found(folder: Path, pattern: str) -> list[Path]:
    """What is below a folder, without what macOS leaves in archives: ``__MACOSX`` and ``._`` files."""
    return sorted(
        path
        for path in folder.rglob(pattern)
        if not any(part == "__MACOSX" or part.startswith(".") for part in path.relative_to(folder).parts)
    )


def _shrink(source: Path, target: Path, size: tuple[int, int]) -> None:
    film = cv2.imread(str(source), cv2.IMREAD_GRAYSCALE)
    if film is None:
        raise SystemExit(f"{source}: cannot be read as an image; unpack the download again")
    target.parent.mkdir(parents=True, exist_ok=True)
    small = cv2.resize(film, size, interpolation=cv2.INTER_AREA)
    cv2.imwrite(str(target), small, [cv2.IMWRITE_JPEG_QUALITY, 92])


def _nih(source: Path, entries: Path, out: Path) -> Path:
    paths = {path.name: path for path in _found(source, "*.png")}
    out.mkdir(parents=True, exist_ok=True)
    kept = set()
    with open(entries, newline="") as file, open(out / "labels.csv", "w", newline="") as target:
        rows = [row for row in csv.DictReader(file) if row["Image Index"] in paths]
        writer = csv.writer(target)
        writer.writerow(["image", "patient", "findings", "age", "sex", "view"])
        for row in tqdm(rows, desc="NIH films", mininterval=2):
            image = paths[row["Image Index"]]
            name = image.with_suffix(".jpg").name
            _shrink(image, out / "images" / name, (ADULT_SIDE, ADULT_SIDE))
            kept.add(image.name)
            age = row["Patient Age"].rstrip("YMD").lstrip("0")
            writer.writerow(
                [
                    name,
                    row["Patient ID"].zfill(8),
                    row["Finding Labels"],
                    age,
                    row["Patient Gender"],
                    row["View Position"],
                ]
            )
    with open(out / "boxes.csv", "w", newline="") as target:
        writer = csv.writer(target)
        writer.writerow(["image", "finding", "xmin", "ymin", "xmax", "ymax"])
        for boxes in _found(source, "BBox_List_2017*.csv")[:1]:
            with open(boxes, newline="") as file:
                reader = csv.reader(file)
                next(reader)
                for image, finding, x, y, w, h, *_ in reader:
                    if image in kept:
                        # In pixels of the 1024 × 1024 films that NIH publishes.
                        x, y, w, h = (float(v) / 1024 for v in (x, y, w, h))
                        corners = [f"{v:.5f}" for v in (x, y, x + w, y + h)]
                        writer.writerow([Path(image).with_suffix(".jpg").name, finding, *corners])
    return out


def _kermany(splits: list[Path], out: Path) -> Path:
    for split in splits:
        films = [path for path in _found(split, "*/*") if path.suffix.lower() in (".jpeg", ".jpg", ".png")]
        for path in tqdm(films, desc=f"Kermany {split.name}", mininterval=2):
            target = out / split.name / path.parent.name / path.with_suffix(".jpeg").name
            _shrink(path, target, (CHILD_SIDE, CHILD_SIDE))
    return out
