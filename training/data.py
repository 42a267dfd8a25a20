"""The films and labels that the model learns from, split by patient."""

from __future__ import annotations

import csv
import hashlib
import os
import re
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
from tqdm import tqdm

from xai.errors import FilmError
from xai.radiograph import normalise

ADULT = (
    "cardiomegaly", "effusion", "atelectasis", "infiltration", "pneumothorax",
    "nodule", "mass", "pneumonia", "consolidation", "edema",
)  # fmt: skip
CHILD = ("pneumonia_child", "bacterial_child")
FINDINGS = ADULT + CHILD
# ChestX-ray14's one abbreviated box label.
BOX_NAMES = {"infiltrate": "infiltration"}

VALIDATION_FOLDS = 5

# What is beside a checkout, and where films are looked for unless a command is told.
SHARED = Path("../shared")
DATA = Path(os.environ.get("CXR_DATA", SHARED / "data"))


@dataclass
class Film:
    """One labelled film.

    Attributes:
        path: the image file.
        patient: an identifier that never straddles two splits, unique across data sets.
        population: ``"adult"`` (NIH) or ``"child"`` (Kermany).
        normal: whether it was published as showing nothing (of the set's own labels, not only of ours).
        labels: finding → present or not, only for the findings that this film is labelled for.
        boxes: finding → list of ``(xmin, ymin, xmax, ymax)``, as fractions of width and height.
        view, sex, age: as published, empty where unknown.
    """

    path: Path
    patient: str
    population: str
    normal: bool
    labels: dict[str, bool]
    boxes: dict[str, list[tuple[float, float, float, float]]] = field(default_factory=dict)
    view: str = ""
    sex: str = ""
    age: str = ""


def read_nih(folder: Path) -> list[Film]:
    """Films of ChestX-ray14 from ``folder`` (``images/``, ``labels.csv``, ``boxes.csv``; see ``prepare``)."""
    boxes: dict[str, dict[str, list]] = {}
    with open(folder / "boxes.csv", newline="") as file:
        for row in csv.DictReader(file):
            name = row["finding"].lower()
            corners = tuple(float(row[key]) for key in ("xmin", "ymin", "xmax", "ymax"))
            boxes.setdefault(row["image"], {}).setdefault(BOX_NAMES.get(name, name), []).append(corners)
    films = []
    with open(folder / "labels.csv", newline="") as file:
        for row in csv.DictReader(file):
            found = {name.lower() for name in row["findings"].split("|")}
            films.append(
                Film(
                    folder / "images" / row["image"],
                    f"nih-{row['patient']}",
                    "adult",
                    found == {"no finding"},
                    {name: name in found for name in ADULT},
                    boxes.get(row["image"], {}),
                    row["view"],
                    row["sex"],
                    row["age"],
                )
            )
    return films


def kermany_patient(name: str) -> str:
    """The patient behind a file name of Kermany's set: ``person12_virus_46`` → ``person12``."""
    match = re.match(r"(person\d+|(?:NORMAL2-)?IM-\d+)", name)
    if not match:
        raise ValueError(f"{name}: not a file name of Kermany's set; expected personN_… or IM-NNNN-…")
    return match[1]


def read_kermany(folder: Path) -> list[Film]:
    """Films of one split of Kermany's set from ``folder`` (``NORMAL/``, ``PNEUMONIA/``)."""
    films = []
    for path in sorted(folder.glob("*/*.jpeg")):
        labels = {"pneumonia_child": path.parent.name == "PNEUMONIA"}
        if labels["pneumonia_child"]:
            labels["bacterial_child"] = "bacteria" in path.name
        films.append(
            Film(path, f"kermany-{kermany_patient(path.name)}", "child", not labels["pneumonia_child"], labels)
        )
    return films


def read_all(root: Path) -> list[Film]:
    """All training films below ``root``: ``root/nih`` and ``root/kermany/train``.

    Raises:
        FileNotFoundError: one of them is not there; the message is one sentence that names the mend.
    """
    nih, kermany = root / "nih", root / "kermany" / "train"
    for listing in (nih / "labels.csv", nih / "boxes.csv", kermany):
        if not listing.exists():
            raise FileNotFoundError(
                f"There is no {listing}: name the folder that `python -m training prepare` made in --data or CXR_DATA."
            )
    return read_nih(nih) + read_kermany(kermany)


def read_split(root: Path) -> tuple[list[Film], list[Film]]:
    """Training and validation films below ``root``, for a command that cannot do without.

    Raises:
        SystemExit: as :func:`read_all` says.
    """
    try:
        return split(read_all(root))
    except FileNotFoundError as error:
        raise SystemExit(str(error)) from error


def is_validation(film: Film) -> bool:
    """Whether the film's patient is one of the fifth kept for validation: a hash, the same for ever and everywhere."""
    return int(hashlib.sha256(film.patient.encode()).hexdigest(), 16) % VALIDATION_FOLDS == 0


def split(films: list[Film]) -> tuple[list[Film], list[Film]]:
    """Training and validation films; no patient is in both."""
    return [f for f in films if not is_validation(f)], [f for f in films if is_validation(f)]


def load(films: list[Film], desc: str = "reading films") -> list[np.ndarray]:
    """Decode films to ``(H, W)`` uint8, normalised as the served model's uploads are.

    Raises:
        FilmError: one is not there or no image.
    """
    pixels = []
    for film in tqdm(films, desc=desc, mininterval=2):
        grey = cv2.imread(str(film.path), cv2.IMREAD_GRAYSCALE)
        if grey is None:
            raise FilmError(f"{film.path} is no image: make its folder anew by `python -m training prepare`.")
        pixels.append(np.round(normalise(grey.astype(np.float32)) * 255).astype(np.uint8))
    return pixels


def targets(films: list[Film]) -> tuple[np.ndarray, np.ndarray]:
    """Labels and their mask, each ``(films, findings)`` float32: mask 0 where a film is not labelled for a finding."""
    label = np.zeros((len(films), len(FINDINGS)), np.float32)
    mask = np.zeros_like(label)
    for row, film in enumerate(films):
        for name, present in film.labels.items():
            label[row, FINDINGS.index(name)] = present
            mask[row, FINDINGS.index(name)] = 1
    return label, mask
