"""Turns NIH's or Kermany's own download into the small layout that training reads."""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

import cv2
from tqdm import tqdm

from training import chestxray14

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
        SystemExit: the source is neither, or cannot be read; the message says what to mend.
    """
    entries = _found(source, chestxray14.ENTRIES)
    if entries:
        try:
            return _nih(source, entries[0], out / "nih")
        except (KeyError, ValueError, csv.Error) as error:
            raise SystemExit(f"A table in {source} cannot be read ({error}): unpack the download again") from error
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
    if not cv2.imwrite(str(target), small, [cv2.IMWRITE_JPEG_QUALITY, 92]):
        raise SystemExit(f"{target} cannot be written: make room, or name another folder in --out")


def _nih(source: Path, entries: Path, out: Path) -> Path:
    paths = {path.name: path for path in _found(source, "*.png")}
    films = [entry for entry in chestxray14.entries(entries) if entry.image in paths]
    if not films:
        raise SystemExit(f"{source} holds the labels of NIH but none of its films: unpack the images beside them")
    lists = _found(source, chestxray14.BOXES)[:1]
    if not lists:
        print(f"{source} holds no {chestxray14.BOXES}: without boxes, maps are neither guided nor judged")
    out.mkdir(parents=True, exist_ok=True)
    with open(out / "labels.csv", "w", newline="") as target:
        writer = csv.writer(target)
        writer.writerow(["image", "patient", "findings", "age", "sex", "view"])
        for film in tqdm(films, desc="NIH films", mininterval=2):
            _shrink(paths[film.image], out / "images" / _name(film.image), (ADULT_SIDE, ADULT_SIDE))
            writer.writerow([_name(film.image), film.patient, film.findings, film.age, film.sex, film.view])
    kept = {film.image for film in films}
    with open(out / "boxes.csv", "w", newline="") as target:
        writer = csv.writer(target)
        writer.writerow(["image", "finding", "xmin", "ymin", "xmax", "ymax"])
        for path in lists:
            for image, finding, box in chestxray14.boxes(path):
                if image in kept:
                    writer.writerow([_name(image), finding, *(f"{value:.5f}" for value in box)])
    return out


def _name(image: str) -> str:
    return Path(image).with_suffix(".jpg").name


def _kermany(splits: list[Path], out: Path) -> Path:
    for split in splits:
        films = [path for path in _found(split, "*/*") if path.suffix.lower() in (".jpeg", ".jpg", ".png")]
        for path in tqdm(films, desc=f"Kermany {split.name}", mininterval=2):
            target = out / split.name / path.parent.name / path.with_suffix(".jpeg").name
            _shrink(path, target, (CHILD_SIDE, CHILD_SIDE))
    return out
