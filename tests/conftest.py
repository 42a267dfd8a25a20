"""What several tests need: the real films where they are present, a browser, and a page to visit."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from gradio_client import Client
    from playwright.sync_api import Browser

    from tests.barrier import Barrier
    from tests.browser import Windows

DATA = "CXR_DATA"


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of real films; tests that ask for it skip where ``CXR_DATA`` is not set."""
    if not os.environ.get(DATA):
        pytest.skip(f"needs real films: set {DATA} to a folder with nih/ and kermany/ (see the README)")
    return Path(os.environ[DATA])


# What follows is imported when it is asked for: most tests need neither a browser nor Gradio.


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless Chromium; tests that ask for it skip where there is none."""
    from tests.browser import chromium

    with chromium() as instance:
        yield instance


@pytest.fixture(scope="module")
def windows(browser) -> Windows:
    """The browser's, for visits to the page."""
    from tests.browser import Windows

    return Windows(browser)


@pytest.fixture(scope="module")
def url(tmp_path_factory) -> Iterator[str]:
    """Where the page of :mod:`tests.page` is served, without a slash at the end."""
    from tests import page

    folder = tmp_path_factory.mktemp("page")
    with page.serving(page.write(folder / "weights"), page.films(folder / "examples")) as address:
        yield address


@pytest.fixture(scope="module")
def client(url) -> Iterator[Client]:
    """A program that calls the page's API."""
    from gradio_client import Client

    one = Client(url, verbose=False)
    yield one
    one.close()


@pytest.fixture
def barrier(monkeypatch) -> Iterator[Barrier]:
    """Holds experiments on this process's page."""
    from tests.barrier import Barrier
    from xai.lab.subject import Subject

    barrier, look = Barrier(), Subject.look
    monkeypatch.setattr(Subject, "look", lambda subject, films: barrier.wait() or look(subject, films))
    yield barrier
    barrier.open()


@pytest.fixture
def film(tmp_path) -> Path:
    """A file with grey levels in it, ``a film.png``."""
    import numpy as np

    from tests.files import encoded, levels

    path = tmp_path / "a film.png"
    path.write_bytes(encoded(levels(500, 400, np.uint16)))
    return path
