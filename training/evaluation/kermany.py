"""Kermany's set as published or as prepared: a split is a folder with ``NORMAL/`` and ``PNEUMONIA/``."""

from __future__ import annotations

from pathlib import Path

from training.data import Film, kermany_patient
from training.evaluation.collection import Collection
from training.evaluation.errors import EvaluationError

SUFFIXES = {".jpeg", ".jpg", ".png"}
OFFICIAL = "test"


def is_split(folder: Path) -> bool:
    """Whether the folder itself is a split."""
    return (folder / "NORMAL").is_dir() and (folder / "PNEUMONIA").is_dir()


def splits(folder: Path) -> list[Path]:
    """The splits directly below a folder, by name."""
    return [path for path in sorted(folder.glob("*")) if is_split(path)]


def read(folder: Path) -> Collection:
    """Films of one split: the folder itself, its ``test`` split, or the only one that it has.

    Raises:
        EvaluationError: there are several splits and none is called ``test``.
    """
    if not is_split(folder):
        found = splits(folder)
        named = [path for path in found if path.name == OFFICIAL] or found
        if len(named) != 1:
            raise EvaluationError(
                f"{folder} has the splits {', '.join(p.name for p in found) or 'none'}: name one folder."
            )
        folder = named[0]
    films = []
    for path in sorted(folder.glob("*/*")):
        # macOS leaves ._ files beside the films of the published archive.
        if (
            path.parent.name not in ("NORMAL", "PNEUMONIA")
            or path.suffix.lower() not in SUFFIXES
            or path.name[0] == "."
        ):
            continue
        labels = {"pneumonia_child": path.parent.name == "PNEUMONIA"}
        if labels["pneumonia_child"] and ("bacteria" in path.name) != ("virus" in path.name):
            labels["bacterial_child"] = "bacteria" in path.name
        films.append(Film(path, _patient(path), "child", not labels["pneumonia_child"], labels))
    return Collection(f"Kermany's layout, split {folder.resolve().name}", films)


def _patient(path: Path) -> str:
    try:
        return f"kermany-{kermany_patient(path.name)}"
    except ValueError:  # renamed: each film stands for itself
        return f"kermany-{path.stem}"
