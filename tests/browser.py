"""A headless Chromium for tests, or a skip that says why there is none."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser named in ``CXR_BROWSER``, else the system's or Playwright's own; skips where there is none."""
    with sync_playwright() as playwright:
        installed = (shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome"))
        system = os.environ.get("CXR_BROWSER") or next(filter(None, installed), None)
        if not system and not Path(playwright.chromium.executable_path).exists():
            pytest.skip("needs a browser: install Chromium, or name a browser in CXR_BROWSER")
        browser = playwright.chromium.launch(executable_path=system, args=FLAGS)
        yield browser
        browser.close()
