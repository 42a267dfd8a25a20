"""A headless Chromium for tests, or a skip that says why there is none."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

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


@contextmanager
def visits(browser: Browser, url: str) -> Iterator[Callable[..., Page]]:
    """A maker of fresh visits, each with the first example explained; none may meet an error or ask another host.

    It takes what :meth:`playwright.sync_api.Browser.new_context` takes, the viewport first.
    """
    contexts, errors, requests = [], [], []

    def visit(viewport: dict, **context) -> Page:
        contexts.append(browser.new_context(viewport=viewport, **context))
        page = contexts[-1].new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda message: message.type == "error" and errors.append(message.text))
        page.on("request", lambda request: requests.append(request.url))
        page.goto(url)
        expect(page.locator("#lens-plate")).to_be_visible(timeout=30_000)
        return page

    yield visit
    for context in contexts:
        context.close()
    assert errors == []
    assert [request for request in requests if not request.startswith((url, "data:", "blob:"))] == []
