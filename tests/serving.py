"""The real app on a free local port, for tests that talk to it."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager

from ui.page import build, serve


@contextmanager
def running_app() -> Iterator[str]:
    """The URL of the app with the shipped weights and examples."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    page = build()
    try:
        yield serve(page, "127.0.0.1", port).rstrip("/")
    finally:
        page.close()
