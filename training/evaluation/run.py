"""The whole evaluation: reads the films, measures, draws, and writes the report."""

from __future__ import annotations

import argparse
import datetime
import json
import math
import shlex
import sys
import tempfile
from pathlib import Path

import numpy as np

from training.data import FINDINGS, Film, read_all, split
from training.evaluation import contact_sheet, layouts, page, slices, stress
from training.evaluation.boxes import localisation
from training.evaluation.collection import Collection, shared, validation
from training.evaluation.errors import EvaluationError
from training.evaluation.figures import save
from training.evaluation.judgement import Judgement, figures, judge
from training.evaluation.learning import read_log
from training.evaluation.options import STRESSED, VALIDATION
from training.evaluation.predictor import Predictor
from training.evaluation.reading import read
from training.evaluation.shipped import Shipped


def main(arguments: argparse.Namespace) -> int:
    """Run the command line; returns the exit status.

    Raises:
        EvaluationError, RecipeError, WeightsError: asked for something that cannot be done.
    """
    predictor = _predictor(arguments.checkpoint, arguments.weights)
    own = _own_films(arguments.data)
    if arguments.films == VALIDATION:
        if own is None:
            raise EvaluationError(f"{arguments.data} holds no training data: name its folder in --data or CXR_DATA.")
        collection = validation(arguments.data)
    else:
        collection = layouts.read(Path(arguments.films))
    evaluate(
        predictor,
        collection,
        arguments.out,
        own=own,
        log=arguments.log or _log(arguments.checkpoint),
        stressed=arguments.stress,
        sheet=arguments.contact_sheet,
        command=f"python -m training evaluate {shlex.join(sys.argv[2:])}",
    )
    print(arguments.out / "report.html")
    return 0


def evaluate(
    predictor: Predictor,
    collection: Collection,
    out: Path,
    own: tuple[list[Film], list[Film]] | None = None,
    log: Path | None = None,
    stressed: int = STRESSED,
    sheet: bool = False,
    command: str = "",
) -> dict:
    """Evaluate a predictor and write ``report.json``, ``report.html`` and ``figures/*.png``.

    Args:
        predictor: what reads the films.
        collection: the labelled films.
        out: folder to write to; made where it is missing.
        own: films that the predictor learnt from, and those that its thresholds were fixed on; None if not known.
        log: of its training, for the learning curves.
        stressed: how many films to read under stress; 0 for none.
        sheet: whether to draw the contact sheet, which shows films of patients.
        command: that was given, for the report.

    Returns:
        The report, as written.

    Raises:
        EvaluationError: nothing can be judged, a film or the log cannot be read, or ``out`` cannot be written to.
    """
    history = read_log(log) if log else None
    if sheet:
        contact_sheet.check(out)
    try:
        out.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=out).close()
    except OSError as error:
        raise EvaluationError(f"{out} cannot be written ({error.strerror}): name a folder that you may.") from error
    films = collection.films
    _require_labels(predictor, films)
    readings = read(predictor, films)
    judged = judge(predictor, films, readings.logits)
    entries = {name: figures(judgement) for name, judgement in judged.items()}
    report = _without_nan(
        {
            "checkpoint": predictor.name,
            "version": predictor.version,
            "date": datetime.date.today().isoformat(),
            "command": command,
            "source": collection.source,
            "films": {
                "total": len(films),
                "adult": sum(film.population == "adult" for film in films),
                "child": sum(film.population == "child" for film in films),
                "patients": len({film.patient for film in films}),
                "seen_in_training": None if own is None else shared(films, own[0]),
                "seen_in_validation": None if own is None else shared(films, own[1]),
            },
            "findings": entries,
            "not_judged": [name for name in FINDINGS if name in predictor.findings and name not in judged],
            "slices": _slices(collection, judged, readings.shapes),
            "localisation": localisation(predictor, films, readings),
            "stress": _stress(predictor, films, stressed),
        }
    )
    drawn = save.save(judged, entries, history, out / "figures")
    (out / "report.json").write_text(json.dumps(report, indent=1) + "\n")
    (out / "report.html").write_text(page.render(report, drawn))
    if sheet:
        contact_sheet.write(predictor, films, judged, out)
    return report


def _predictor(checkpoint: str, weights: Path | None) -> Predictor:
    """A trained recipe, where the name is a folder, else a checkpoint of the manifest."""
    if Path(checkpoint).is_dir():
        from training.recipes.predictor import load  # Keras takes seconds, and a shipped checkpoint does without

        return load(Path(checkpoint), settled=True)
    return Shipped(checkpoint, weights)


def _log(checkpoint: str) -> Path | None:
    """The log that a trained recipe keeps; None for a checkpoint of the manifest, or an ensemble."""
    path = Path(checkpoint) / "log.csv"
    return path if path.is_file() else None


def _own_films(root: Path) -> tuple[list[Film], list[Film]] | None:
    """This project's training and validation films, or None where they are not to be had."""
    try:
        return split(read_all(root))
    except FileNotFoundError:
        return None


def _require_labels(predictor: Predictor, films: list[Film]) -> None:
    """Say before hours of reading that nothing could be judged."""
    for name in predictor.findings:
        if len({film.labels[name] for film in films if name in film.labels}) == 2:
            return
    raise EvaluationError(
        f"No finding of {predictor.name} is both present on some of these films and absent on others: add films of the "
        "other kind, or choose a checkpoint with these findings."
    )


def _slices(collection: Collection, judged: dict[str, Judgement], shapes: np.ndarray) -> dict:
    """Dimension → finding → group → figures; without what has only one group."""
    found = {}
    for dimension, group in slices.groups(collection, shapes).items():
        measured = {name: slices.measure(judgement, group) for name, judgement in judged.items()}
        if any(measured.values()):
            found[dimension] = {name: groups for name, groups in measured.items() if groups}
    return found


def _stress(predictor: Predictor, films: list[Film], count: int) -> dict:
    if count < 1:
        return {}
    chosen = stress.subset(films, count)
    kinds = stress.measure(predictor, chosen)
    for kind in kinds.values():
        for entry in kind["findings"].values():
            entry["auc_change"] = entry["auc_after"] - entry["auc_before"]
    return {"films": len(chosen), "kinds": kinds}


def _without_nan(value):
    """The same with None for every NaN, which JSON does not know."""
    if isinstance(value, dict):
        return {key: _without_nan(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_without_nan(item) for item in value]
    return None if isinstance(value, float) and math.isnan(value) else value
