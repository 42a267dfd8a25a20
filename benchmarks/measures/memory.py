"""Memory of the serving process while the real app explains 240 films of many sizes, sent through its API.

Read from ``/proc``, so this benchmark needs Linux.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import cv2
import numpy as np

import xai
from benchmarks import films
from benchmarks.result import Figure, Result
from benchmarks.settings import ROOT, Settings

# A few steps come, each once, as the allocator raises the size from which it gives memory back; what leaks goes on.
FILMS, SETTLED = 240, 120
# (height, width): a data set's, three of digitised film, and two of the largest detectors.
SIZES = ((384, 384), (1024, 1024), (1500, 1200), (1760, 2140), (2000, 2500), (2500, 2000))
# Two rounds of all sizes. After a large film the allocator gives 30 MB back, or at times keeps them for the next one:
# what tells a leak is the most that a round holds.
WINDOW = 12
# A leak of one 384×384 film per request would be 71 MB over the 120 films.
GROWTH_MB = 10
FIELDS = {"now": "VmRSS", "peak": "VmHWM"}


def memory(pid: int) -> dict[str, float]:
    """Resident memory of a process now, and at its highest, in MB (10⁶ bytes)."""
    status = Path(f"/proc/{pid}/status").read_text()
    kilobytes = {key: int(re.search(rf"{field}:\s+(\d+) kB", status)[1]) for key, field in FIELDS.items()}
    return {key: value * 1024 / 1e6 for key, value in kilobytes.items()}


def growth(samples: list[float]) -> tuple[float, float]:
    """Does memory grow once it has settled?

    Args:
        samples: resident memory after every film.

    Returns:
        The most of the last :data:`WINDOW` films less the most of the first ones after :data:`SETTLED`, and the
        least-squares slope per film over the most of every such window.
    """
    settled = np.asarray(samples[SETTLED:])
    most = settled[: len(settled) // WINDOW * WINDOW].reshape(-1, WINDOW).max(1)
    slope = np.polyfit(WINDOW * np.arange(len(most)), most, 1)[0]
    return float(most[-1] - most[0]), float(slope)


def write_films(settings: Settings, folder: Path) -> list[Path]:
    """One PNG per size, each of another film."""
    written = []
    for index, (source, (height, width)) in enumerate(zip(films.paths(settings.films, len(SIZES), folder), SIZES)):
        grey = np.round(255 * xai.read(source).pixels).astype(np.uint8)
        written.append(folder / f"film-{index}-{height}x{width}.png")
        cv2.imwrite(str(written[-1]), cv2.resize(grey, (width, height), interpolation=cv2.INTER_LINEAR))
    return written


def run(settings: Settings) -> Result:
    """Start the app, send it films one after another, and read its memory after each."""
    from gradio_client import Client, handle_file

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pictures = write_films(settings, folder)
        command = [sys.executable, "app.py"]
        if settings.weights:
            command += ["--weights", str(settings.weights.absolute())]
        environment = os.environ | {"GRADIO_TEMP_DIR": str(folder / "gradio"), "GRADIO_ANALYTICS_ENABLED": "False"}
        with open(folder / "app.log", "w") as log:
            app = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=log, text=True)
        try:
            address = re.search(r"http://\S+", app.stdout.readline())
            if not address:
                raise RuntimeError(f"app.py did not start: {(folder / 'app.log').read_text().strip()[-300:]}")
            start = memory(app.pid)["now"]
            client = Client(address[0], verbose=False)
            samples = []
            for index in range(FILMS):
                client.predict(film=handle_file(pictures[index % len(pictures)]), api_name="/explain")
                samples.append(memory(app.pid)["now"])
            peak = memory(app.pid)["peak"]
        finally:
            app.terminate()
            app.wait()
    grown, slope = growth(samples)
    return Result(
        [
            Figure("before the first film", start, "MB"),
            Figure(f"after film {SETTLED}", samples[SETTLED - 1], "MB"),
            Figure(f"after film {FILMS}", samples[-1], "MB"),
            Figure.at_most("peak", peak, 700, "MB"),
            Figure.at_most(f"growth, film {SETTLED} to {FILMS}", grown, GROWTH_MB, "MB"),
            Figure("slope", 1000 * slope, "kB/film"),
        ],
        {"resident_mb": [round(value, 1) for value in samples], "start_mb": start, "peak_mb": peak, "sizes": SIZES},
    )
