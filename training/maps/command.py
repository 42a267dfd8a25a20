"""``python -m training maps``: the survey of all shipped checkpoints, and its report."""

from __future__ import annotations

import datetime
import json
import platform
from pathlib import Path

import xai
from training.data import Film
from training.maps import cases, measure
from training.maps.summary import summary
from training.maps.survey import CONTROLS, DEAR, Records, survey

THREADS = 2


def report(names: list[str], films: list[Film], weights: Path, runs: Path, path: Path) -> None:
    """Survey checkpoints and write what was found; those of the report that are not named stay as they are.

    Args:
        names: of shipped checkpoints.
        films: validation films, from :func:`training.data.split`.
        weights: folder that holds the checkpoints.
        runs: where records are kept, so that a broken survey goes on.
        path: of the report.
    """
    models = json.loads(path.read_text())["models"] if path.exists() else {}
    entries = json.loads((weights / "manifest.json").read_text())["models"]
    for name in names:
        classifier = xai.load(name, weights, threads=THREADS)
        records = Records(runs / "maps" / f"{name}.jsonl", f"rule {measure.RULE}, {classifier.version}")
        models[name] = summary(classifier, films, survey(classifier, films, records, THREADS))
        figures = {
            "command": "python -m training maps",
            "date": datetime.date.today().isoformat(),
            "split": "validation: one patient in five, by hash of the patient's identifier",
            "note": (
                f"sample: {cases.SAMPLED} boxed films of each finding, {cases.SAMPLED_DEAR} for methods that show the "
                f"model more than {DEAR} films for one map. HiResCAM, which is the evidence, and Score-CAM by all "
                "channels are left out. Hidden: the hottest "
                f"{measure.HIDDEN:.0%} of the film, beside {measure.CONTROLS} random regions of its shape ({CONTROLS} "
                f"for true positives, of which there are at most {cases.TRUE_POSITIVES} of each finding). Curves in "
                f"{measure.STEPS} steps. Chance: the mean of {measure.DRAWS} random maps in boxes, of {measure.DRAWS_HIDDEN} "
                "hidden. Stability: mean over the changes of the stability strip."
            ),
            "machine": f"{platform.machine()}, {THREADS} threads",
            "models": {key: models[key] for key in entries if key in models},
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(figures, indent=1) + "\n")
        print(path)
