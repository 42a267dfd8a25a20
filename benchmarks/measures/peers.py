"""Our explanation of a film beside Grad-CAM of InceptionV3 through other libraries: same film, same cores, in turn.

Every contestant is a process that has loaded its model and warmed up. The peers get the film scaled and normalised
already and explain one class; we start from the decoded film, letter-box it ourselves and explain all findings.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import cv2
import numpy as np

import xai
from benchmarks import films
from benchmarks.result import Figure, Result, interleave, summary
from benchmarks.server import Contestant
from benchmarks.settings import ROOT, Settings

ROUNDS, WARM_UP = 30, 3
# Peer → how many times faster we should be.
TARGETS = {"pytorch_grad_cam": 6, "tf_keras_vis": 30, "tf_explain": 30, "keras_io": 30}
REQUIREMENTS = ROOT / "benchmarks" / "peers" / "requirements.txt"
ALONE = REQUIREMENTS.with_name("requirements-alone.txt")


def environment(folder: Path) -> Path:
    """The interpreter of the peers' virtual environment, which is built first if ``folder`` has none.

    Raises:
        RuntimeError: pip failed; the message is its last line.
    """
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    complete = folder / "requirements.txt"
    wanted = REQUIREMENTS.read_bytes() + ALONE.read_bytes()
    if not complete.is_file() or complete.read_bytes() != wanted:
        print(f"building the peers' environment in {folder} (minutes)", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        for options in (["--requirement", REQUIREMENTS], ["--no-deps", "--requirement", ALONE]):
            command = [python, "-m", "pip", "install", "--quiet", *options]
            done = subprocess.run(command, stderr=subprocess.PIPE, text=True)
            if done.returncode:
                raise RuntimeError(done.stderr.strip().splitlines()[-1])
        # Written last, so that an interrupted build is taken up again.
        complete.write_bytes(wanted)
    return python


def run(settings: Settings) -> Result:
    """Medians of all contestants that could be started, and how many times faster we are than each peer."""
    result = Result()
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        film = xai.read(films.paths(settings.films, 4, scratch)[0]).pixels
        np.save(scratch / "film.npy", film)
        grey = cv2.resize(film, (299, 299), interpolation=cv2.INTER_AREA)
        np.save(scratch / "picture.npy", np.repeat(2 * grey[..., None] - 1, 3, axis=2))
        threads = str(settings.threads)
        commands = {"ours": (sys.executable, [str(scratch / "film.npy"), threads, str(settings.weights or "")])}
        try:
            peer_python = environment(settings.peers)
            commands |= {name: (peer_python, [str(scratch / "picture.npy"), threads]) for name in TARGETS}
        except (RuntimeError, OSError, subprocess.CalledProcessError) as error:
            result.errors |= dict.fromkeys(TARGETS, f"no environment: {error}")
        contestants: dict[str, Contestant] = {}
        try:
            for name, (python, arguments) in commands.items():
                try:
                    contestants[name] = Contestant(
                        python, f"benchmarks.peers.{name}", arguments, ROOT, scratch / f"{name}.log"
                    )
                except RuntimeError as error:
                    result.errors[name] = str(error)
            calls = {name: contestant.run for name, contestant in contestants.items()}
            interleave(calls, WARM_UP)
            samples = interleave(calls, settings.repeats(ROUNDS))
        finally:
            for contestant in contestants.values():
                contestant.close()
    medians = {name: summary(values) for name, values in samples.items()}
    result.raw = {name: {**contestants[name].about, "ms": medians[name]} for name in contestants}
    ours = medians["ours"]["median"] if "ours" in medians else float("nan")
    result.figures.append(Figure("ours: all findings and maps", ours, "ms"))
    for name, target in TARGETS.items():
        theirs = medians[name]["median"] if name in medians else float("nan")
        result.figures.append(Figure(f"{name}: one map", theirs, "ms"))
        result.figures.append(Figure.at_least(f"{name} / ours", theirs / ours, target, "×"))
    return result
