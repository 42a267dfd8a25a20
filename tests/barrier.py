"""Experiments that get no further than a test lets them."""

from __future__ import annotations

import threading
from collections.abc import Callable

WAIT = 120  # seconds: no test needs so long, and none waits for ever


class Barrier:
    """Holds every pass of changed films through the model until it is let by.

    Attributes:
        looks: passes that have come so far, the one that waits among them.
    """

    def __init__(self) -> None:
        self.looks, self._open, self._places = 0, False, threading.Semaphore(0)

    def let(self, passes: int) -> None:
        """So many more may pass."""
        self._places.release(passes)

    def let_until(self, seen: Callable[[], None], most: int) -> None:
        """One pass after another, no more than needed, until something is seen that follows from them.

        Raises:
            AssertionError: it was not seen after the last.
        """
        for _ in range(most - 1):
            self.let(1)
            try:
                return seen()
            except AssertionError:
                pass
        self.let(1)
        seen()

    def open(self) -> None:
        """All may pass from now on."""
        self._open = True
        self._places.release(1000)

    def wait(self) -> None:
        """At the barrier."""
        self.looks += 1
        if not self._open:
            assert self._places.acquire(timeout=WAIT)
