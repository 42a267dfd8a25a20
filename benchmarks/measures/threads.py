"""Eight threads that explain at once, beside the same films explained one after another."""

from __future__ import annotations

import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

import xai
from benchmarks import films
from benchmarks.result import Figure, Result
from benchmarks.settings import Settings

THREADS, EXPLAINS, FILMS = 8, 50, 10


def same(one: xai.Explanation, other: xai.Explanation) -> bool:
    """Whether two explanations agree to the last bit."""
    return one.to_dict() == other.to_dict() and all(
        np.array_equal(reading.evidence, other.readings[name].evidence) for name, reading in one.readings.items()
    )


def run(settings: Settings) -> Result:
    """Throughput, explanations that differ from the serial ones, and explanations that never came."""
    classifier = xai.load(weights=settings.weights, threads=settings.threads)
    with tempfile.TemporaryDirectory() as scratch:
        radiographs = [xai.read(path) for path in films.paths(settings.films, FILMS, Path(scratch))]
    jobs = settings.repeats(EXPLAINS) * THREADS
    started = time.perf_counter()
    serial = [xai.explain(classifier, radiographs[job % FILMS]) for job in range(jobs)]
    serial_s = time.perf_counter() - started
    with ThreadPoolExecutor(THREADS) as pool:
        started = time.perf_counter()
        futures = [pool.submit(xai.explain, classifier, radiographs[job % FILMS]) for job in range(jobs)]
        lost = sum(future.exception() is not None for future in futures)
        threaded_s = time.perf_counter() - started
    differing = sum(
        future.exception() is None and not same(future.result(), expected) for future, expected in zip(futures, serial)
    )
    return Result(
        [
            Figure.at_most(f"explanations that differ from serial, of {jobs}", differing, 0),
            Figure.at_most(f"explanations lost, of {jobs}", lost, 0),
            Figure("throughput, serial", jobs / serial_s, "films/s"),
            Figure(f"throughput, {THREADS} threads", jobs / threaded_s, "films/s"),
        ],
        {"jobs": jobs, "serial_s": serial_s, "threaded_s": threaded_s},
    )
