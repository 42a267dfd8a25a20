"""Contestants that need a process of their own, measured in turn: a server that answers ``run`` lines with times.

The server's side imports the standard library only, because peers run in other environments.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

# A pool whose threads spin after a call must be asleep again before another process is timed on the same cores.
REST_S = 0.03


def serve(load: Callable[[list[str]], tuple[dict, Callable[[str], None]]]) -> None:
    """Be a contestant: load, say so, then run once for every line on standard input, until it closes.

    Args:
        load: takes the command line's arguments; returns what to tell about the contestant (versions, shapes) and
            the function to time, which takes the rest of the ``run`` line.
    """
    # Libraries print as they please: only this function may write where the parent reads.
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    # Line by line, or what was printed would land in the log after the reason for the end.
    sys.stdout.reconfigure(line_buffering=True)
    started = time.perf_counter()
    about, call = load(sys.argv[1:])
    print(json.dumps({"load_s": time.perf_counter() - started, **about}), file=answers)
    for line in sys.stdin:
        job = line.strip()
        started = time.perf_counter()
        call(job)
        print(json.dumps({"ms": 1e3 * (time.perf_counter() - started)}), file=answers)


class Contestant:
    """The other end: starts a server and times it once per :meth:`run`.

    Attributes:
        about: what the server told when it was ready.
    """

    def __init__(self, python: Path | str, module: str, arguments: Sequence[str], folder: Path, log: Path):
        """
        Args:
            python: interpreter of the contestant's environment.
            module: to run with ``-m``; it calls :func:`serve`.
            arguments: for ``load``.
            folder: working directory, the project's root.
            log: takes the server's standard error.

        Raises:
            RuntimeError: the server did not get ready; the message is the last line of its log.
        """
        self._log = log
        with open(log, "w") as errors:
            self._process = subprocess.Popen(
                [str(python), "-m", module, *arguments],
                cwd=folder,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        self.about = self._answer()

    def _answer(self) -> dict:
        line = self._process.stdout.readline()
        if not line:
            self._process.wait()
            lines = [text.strip() for text in self._log.read_text().splitlines() if text.strip()]
            raise RuntimeError(lines[-1] if lines else f"ended with status {self._process.returncode}")
        return json.loads(line)

    def run(self, job: str = "") -> float:
        """Milliseconds of one call in the server, the way there and back not counted."""
        time.sleep(REST_S)
        self._process.stdin.write(job + "\n")
        self._process.stdin.flush()
        return self._answer()["ms"]

    def close(self) -> None:
        """End the server."""
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()
