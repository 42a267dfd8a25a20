"""A headless Chromium for tests, or a skip that says why there is none; and visits to the page in it."""

from __future__ import annotations

import os
import shutil
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Error, Locator, Page, Request, expect, sync_playwright

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
DESKTOP, PROJECTOR, PHONE = (
    {"width": 1280, "height": 720},
    {"width": 1920, "height": 1080},
    {"width": 390, "height": 844},
)

# What is expected comes soon; on a machine that does much else at the same time, not quite so soon.
expect.set_options(timeout=60_000)


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


class Windows:
    """A browser's windows, lent for one visit after another.

    The page keeps nothing in the browser, so every load of it is a fresh visit; but in a window that has shown it
    before, it is there in a third of the time.
    """

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._free: dict[str, list[Page]] = defaultdict(list)

    def take(self, viewport: dict, context: dict) -> Page:
        """A blank window; ``context`` as :meth:`playwright.sync_api.Browser.new_context` takes it."""
        free = self._free[repr(context)]
        window = free.pop() if free else self._browser.new_context(viewport=viewport, **context).new_page()
        window.set_viewport_size(viewport)
        return window

    def give_back(self, window: Page, context: dict) -> None:
        """The visit is over; a window that was closed meanwhile is not lent again."""
        if window.is_closed():
            return
        window.goto("about:blank")
        self._free[repr(context)].append(window)


class Visits:
    """A maker of fresh visits to one address, each with the first example explained.

    Attributes:
        requests: URLs that the pages asked for.
        errors: what they complained of.
    """

    def __init__(self, windows: Windows, url: str) -> None:
        self.requests: list[str] = []
        self.errors: list[str] = []
        self._windows, self._url = windows, url
        self._pages: list[tuple[Page, dict]] = []
        self._heard = {"request": self._request, "pageerror": self._error, "console": self._message}

    def __call__(self, viewport: dict = DESKTOP, query: str = "", **context) -> Page:
        page = self._windows.take(viewport, context)
        self._pages.append((page, context))
        for event, listener in self._heard.items():
            page.on(event, listener)
        page.goto(self._url + query)
        expect(page.locator("#lens-plate")).to_be_visible()
        return page

    def end(self) -> None:
        """All of them are over."""
        for page, context in self._pages:
            for event, listener in self._heard.items():
                page.remove_listener(event, listener)
            self._windows.give_back(page, context)

    def _request(self, request: Request) -> None:
        self.requests.append(request.url)

    def _error(self, error: Error) -> None:
        self.errors.append(str(error))

    def _message(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.errors.append(message.text)


@contextmanager
def visits(windows: Windows, url: str) -> Iterator[Visits]:
    """Visits of one test: none may meet an error or ask another host."""
    fresh = Visits(windows, url)
    yield fresh
    fresh.end()
    assert fresh.errors == []
    assert [request for request in fresh.requests if not request.startswith((url, "data:", "blob:"))] == []


def open_tab(page: Page, name: str) -> None:
    """Show a tab by its name."""
    page.get_by_role("tab", name=name).click()


def settled(page: Page) -> Page:
    """The page when what it draws on its next frames is drawn."""
    frame = "await new Promise(requestAnimationFrame);"
    page.evaluate(f"async () => {{ await document.fonts.ready; {frame * 3} }}")
    return page


def fits(page: Page, parts: str) -> None:
    """Neither the page nor any of its parts, given by a selector, is wider than the screen."""
    width = page.viewport_size["width"]
    right = "node.getBoundingClientRect().right"
    wide = f"nodes => nodes.filter((node) => {right} > {width + 1}).map((node) => node.outerHTML)"
    assert settled(page).evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator(parts).evaluate_all(wide) == []


def size(image: Locator) -> list[int]:
    """Width and height of a picture's file, once it is decoded."""
    return image.evaluate("image => image.decode().then(() => [image.naturalWidth, image.naturalHeight])")
