"""Process start to first explained film: through this library, and through TensorFlow with the same network."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

import xai
from benchmarks import films
from benchmarks.result import Figure, Result, interleave, summary
from benchmarks.settings import ROOT, Settings

ROUNDS, WARM_UP = 9, 1


def save_for_tensorflow(settings: Settings, path: Path) -> None:
    """The default checkpoint as a plain ``.keras`` file: canvas → features and logits, stock layers only."""
    from xai.restore import restore

    restore(xai.load("guided", settings.weights)).save(path)


def seconds(arguments: list[str]) -> float:
    """From starting the process to its first line of output.

    Raises:
        RuntimeError: it ended without one.
    """
    command = [sys.executable, "-m", "benchmarks.first_film", *arguments]
    started = time.perf_counter()
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        line = process.stdout.readline()
        taken = time.perf_counter() - started
        _, errors = process.communicate()
    if not line:
        raise RuntimeError(errors.strip().splitlines()[-1])
    return taken


def run(settings: Settings) -> Result:
    """Medians of several starts in turn, and their ratio; files lie in the system's cache for both."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        film = str(films.paths(settings.films, 4, folder)[0].absolute())
        save_for_tensorflow(settings, folder / "guided.keras")
        weights = str(settings.weights.absolute()) if settings.weights else ""
        contestants = {
            "xai": partial(seconds, ["xai", weights, film]),
            "tensorflow": partial(seconds, ["tensorflow", str(folder / "guided.keras"), film]),
        }
        interleave(contestants, WARM_UP)
        samples = interleave(contestants, settings.repeats(ROUNDS))
    medians = {key: summary(values) for key, values in samples.items()}
    ours, theirs = medians["xai"]["median"], medians["tensorflow"]["median"]
    return Result(
        [
            Figure("first film: all findings and maps", ours, "s"),
            Figure("first film through TensorFlow: one map", theirs, "s"),
            Figure.at_most("ours / TensorFlow's", ours / theirs, 1 / 3, "×"),
        ],
        {"seconds": medians, "ratio": ours / theirs},
    )
