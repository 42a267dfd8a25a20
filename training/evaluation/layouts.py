"""Recognises how a folder or a table of films is laid out, and reads its labels."""

from __future__ import annotations

import csv
from pathlib import Path

from training import chestxray14
from training.data import read_nih
from training.evaluation import kermany, manifest, nih
from training.evaluation.collection import Collection
from training.evaluation.errors import EvaluationError


def read(data: Path) -> Collection:
    """Labelled films as they come.

    Args:
        data: a folder with ChestX-ray14 as published (``Data_Entry_2017*.csv``), Kermany's set or one split of it as
            published (``NORMAL/``, ``PNEUMONIA/``), films made by ``python -m training prepare`` (``nih/``,
            ``kermany/``), or a CSV manifest (see :mod:`training.evaluation.manifest`).

    Raises:
        EvaluationError: nothing of that kind is there, or its labels cannot be read.
    """
    if not data.exists():
        raise EvaluationError(
            f"{data} does not exist: name a folder of labelled films, a CSV manifest, or `validation`."
        )
    try:
        collection = _table(data) if data.is_file() else _folder(data)
    except EvaluationError:
        raise
    except KeyError as error:
        raise EvaluationError(
            f"A table in {data} has no column {error}: restore it as published or prepared."
        ) from error
    except (OSError, csv.Error, ValueError) as error:
        raise EvaluationError(f"The labels in {data} cannot be read ({error}): restore the file.") from error
    if not collection.films:
        raise EvaluationError(f"{data} has labels but no films: put the images beside them, as they were published.")
    lost = [film.path for film in collection.films if not film.path.is_file()]
    if lost:
        raise EvaluationError(f"{lost[0]} is not there (so {len(lost)} of {len(collection.films)} films): add it.")
    return collection


def _table(path: Path) -> Collection:
    if path.name.startswith("Data_Entry_2017"):
        return nih.read(path)
    if path.suffix.lower() != ".csv":
        raise EvaluationError(f"{path} is neither a folder nor a .csv: name a folder of labelled films or a manifest.")
    return manifest.read(path)


def _folder(folder: Path) -> Collection:
    entries = sorted(folder.glob(chestxray14.ENTRIES))
    if entries:
        return nih.read(entries[0])
    if (folder / "labels.csv").is_file():
        return Collection("ChestX-ray14 as prepared", read_nih(folder))
    if (folder / "nih" / "labels.csv").is_file():
        adults = Collection("ChestX-ray14 as prepared", read_nih(folder / "nih"))
        if not (folder / "kermany").is_dir():
            return adults
        children = kermany.read(folder / "kermany")
        return Collection(f"{adults.source}; {children.source}", adults.films + children.films)
    for nested in (folder, folder / "kermany", folder / "chest_xray"):
        if kermany.is_split(nested) or kermany.splits(nested):
            return kermany.read(nested)
    raise EvaluationError(
        f"{folder} has no labels that are known here: name the folder that holds Data_Entry_2017*.csv (NIH), NORMAL/ "
        "and PNEUMONIA/ (Kermany), nih/ or kermany/ (prepared), or name a CSV manifest."
    )
