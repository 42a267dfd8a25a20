"""Work that reports to a watch, as an iterator of its reports, so that the page can show it while it runs."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from xai.lab.report import Watch

Result = TypeVar("Result")

# Seconds of silence after which whoever waits is let go on, and can be stopped.
BEAT = 0.5


class Stopped(Exception):
    """Nobody wants to know any more."""


def watched(work: Callable[[Watch], Result]) -> Generator[list[Any], None, Result]:
    """Do some work in a thread of its own and pass on what it reports.

    The work waits for nobody, so that it takes no longer than unwatched and can time itself. Closing the generator
    stops it at its next report, after the forward pass that is under way, and does not wait for that.

    Args:
        work: takes the watch that it reports to.

    Yields:
        Everything that was reported since the last time, in order; nothing, where nothing was for :data:`BEAT` seconds.

    Returns:
        What the work returns.

    Raises:
        Exception: whatever the work raises.
    """
    reports: SimpleQueue = SimpleQueue()
    ended, unwanted = object(), threading.Event()

    def watch(items: Iterator, total: int | None, name: str) -> Iterator:
        for item in items:
            if unwanted.is_set():
                raise Stopped
            reports.put(item)
            yield item

    pool = ThreadPoolExecutor(1, thread_name_prefix="watched")
    try:
        outcome = pool.submit(work, watch)
        outcome.add_done_callback(lambda _: reports.put(ended))
        while not ((new := _waiting(reports)) and new[-1] is ended):
            yield new
        if new[:-1]:
            yield new[:-1]
        return outcome.result()
    finally:
        unwanted.set()
        pool.shutdown(wait=False)


def _waiting(reports: SimpleQueue) -> list[Any]:
    """All that is in the queue; waits a beat where there is nothing yet."""
    try:
        new = [reports.get(timeout=BEAT)]
    except Empty:
        return []
    while not reports.empty():
        new.append(reports.get())
    return new
