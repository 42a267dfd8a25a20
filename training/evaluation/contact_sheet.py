"""The films that a model reads best, worst, and wrongly with confidence: for eyes in the room only."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import cv2
import numpy as np
from matplotlib.figure import Figure

from training.data import Film
from training.evaluation.errors import EvaluationError
from training.evaluation.figures.theme import LIGHT, drawing
from training.evaluation.judgement import Judgement
from training.evaluation.predictor import Predictor
from training.evaluation.reading import batches, decode
from training.evaluation.words import label
from xai.localisation import on_film
from xai.words import percent

NAME = "contact_sheet.png"
CAPTION = "Films of patients: for use in this room. Never publish, never commit."
EACH, SIDE = 4, 160  # films of a kind, and the side of a thumbnail in pixels
KINDS = (
    "best: label present, read highest",
    "worst: label present, read lowest",
    "confidently wrong: label absent, read above the unsure zone",
)
CELL, LEFT, TOP, GAP = 1.45, 1.5, 1.0, 0.25  # inches: a film and its caption, the names, the headings, between kinds


def check(out: Path) -> None:
    """Refuse a folder from which films of patients could get into a repository.

    Args:
        out: where the sheet would be written; it need not exist.

    Raises:
        EvaluationError: the folder lies in a git repository that does not ignore it.
    """
    out = out.resolve()
    there = next(folder for folder in (out, *out.parents) if folder.is_dir())
    if not any((folder / ".git").exists() for folder in (there, *there.parents)):
        return
    git = shutil.which("git")
    question = [git, "check-ignore", "--quiet", str(out / NAME)]
    # Git's exit status: 0 ignored, 1 not.
    if not git or subprocess.run(question, cwd=there, capture_output=True, check=False).returncode != 0:
        raise EvaluationError(
            f"{out} lies in a git repository, where films of patients must not be: name an --out outside it, or one "
            "that git ignores, or leave out --contact-sheet."
        )


def choose(judgement: Judgement) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows of a finding's films, by the three :data:`KINDS`, the most striking first; a kind may be empty."""
    present = np.flatnonzero(judgement.label > 0.5)
    rising = present[np.argsort(judgement.logit[present], kind="stable")]
    certain = judgement.unsure[1] if judgement.unsure else judgement.threshold
    false = np.flatnonzero((judgement.label < 0.5) & (judgement.probability >= certain))
    false = false[np.argsort(-judgement.logit[false], kind="stable")]
    # With few films none is shown twice, as one of the best and of the worst.
    best = rising[::-1][: min(EACH, -(-len(rising) // 2))]
    worst = rising[: min(EACH, len(rising) - len(best))]
    return tuple(judgement.rows[rows] for rows in (best, worst, false[:EACH]))


def write(predictor: Predictor, films: list[Film], judged: dict[str, Judgement], out: Path) -> Path:
    """Write ``contact_sheet.png``: one row for each finding, with the positive evidence drawn over the films.

    Returns:
        Its path.
    """
    chosen = {name: choose(judgement) for name, judgement in judged.items()}
    rows = np.unique(np.concatenate([rows for kinds in chosen.values() for rows in kinds]))
    pictures: dict[int, tuple[np.ndarray, dict[str, np.ndarray]]] = {}
    for part in batches(len(rows), "contact sheet"):
        pixels = [decode(films[rows[i]]) for i in part]
        answer = predictor.read(pixels)
        for k, i in enumerate(part):
            maps = {}
            if answer.maps is not None:
                for column, name in enumerate(predictor.findings):
                    maps[name] = on_film(answer.maps[k, ..., column], tuple(answer.extent[k]), SIDE)
            pictures[int(rows[i])] = (cv2.resize(pixels[k], (SIDE, SIDE), interpolation=cv2.INTER_AREA), maps)
    with drawing(LIGHT):
        figure = _draw(judged, chosen, pictures)
        figure.savefig(out / NAME, dpi=110)
    return out / NAME


def _draw(judged: dict[str, Judgement], chosen: dict[str, tuple], pictures: dict) -> Figure:
    width = LEFT + len(KINDS) * (EACH * CELL + GAP)
    height = TOP + len(judged) * CELL
    figure = Figure((width, height))

    def text(x: float, y: float, words: str, **style) -> None:
        figure.text(x / width, 1 - y / height, words, va="center", **style)

    text(0.15, 0.3, CAPTION, color="#9f1d12", fontweight="bold", fontsize=17)
    starts = [LEFT + kind * (EACH * CELL + GAP) for kind in range(len(KINDS))]
    for start, words in zip(starts, KINDS):
        text(start, 0.78, words, fontsize=10, fontweight="bold")
    for line, (name, judgement) in enumerate(judged.items()):
        top = TOP + line * CELL
        text(0.15, top + CELL / 2, label(name).replace(" (", "\n(").replace(", ", ",\n"), fontsize=10)
        readings = dict(zip(judgement.rows.tolist(), judgement.probability))
        for start, rows in zip(starts, chosen[name]):
            if not len(rows):
                text(start, top + CELL / 2, "none", fontsize=10, color=LIGHT.muted)
            for place, row in enumerate(rows.tolist()):
                x, side = start + place * CELL, CELL - 0.22
                axis = figure.add_axes((x / width, 1 - (top + CELL - 0.02) / height, side / width, side / height))
                axis.axis("off")
                film, maps = pictures[row]
                axis.imshow(film, cmap="gray", vmin=0, vmax=255)
                axis.set_title(percent(readings[row]), fontsize=8, pad=2)
                positive = np.maximum(maps[name], 0) if name in maps else np.zeros((1, 1))
                if positive.max() > 0:
                    axis.imshow(positive, cmap="inferno", alpha=0.55 * positive / positive.max())
    return figure
