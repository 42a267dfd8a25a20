"""What a person sees: the real page in headless Chromium."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
from tests.files import phantom
from tests.serving import running_app

BROWSER = os.environ.get("CXR_BROWSER") or shutil.which("chromium") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(not BROWSER, reason="needs a browser: install Chromium or name one in CXR_BROWSER")

SCREENSHOTS = Path(__file__).parent.parent / "docs" / "screenshots"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
SIZES = {"light": (1280, 720), "dark": (1280, 720), "phone": (390, 844)}


@pytest.fixture(scope="module")
def url():
    with running_app() as address:
        yield address


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=BROWSER, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser, url):
    """The page as it opens, with the list of requests that it makes in ``page.requests``."""
    context = browser.new_context(viewport={"width": 1280, "height": 720})
    opened = context.new_page()
    opened.requests = []
    opened.on("request", lambda request: opened.requests.append(request.url))
    opened.goto(url)
    opened.locator("#lens-adds").filter(has_text="logit").wait_for()
    yield opened
    context.close()


@pytest.fixture
def film(tmp_path: Path) -> Path:
    path = tmp_path / "phantom.png"
    cv2.imwrite(str(path), np.round(phantom(500, 400) * 255).astype(np.uint8))
    return path


def pixels(page) -> list[int]:
    """The map as drawn, thinned out."""
    return page.evaluate(
        "() => { const c = document.querySelector('#lens-map');"
        " return [...c.getContext('2d').getImageData(0, 0, c.width, c.height).data].filter((_, i) => i % 401 === 0); }"
    )


def test_the_first_example_waits_for_nobody(page):
    assert page.locator("#lens-film").get_attribute("src").startswith("data:image/png")
    assert page.locator("label.finding").count() >= 10
    assert "→" in page.locator("#lens-adds").inner_text()


def test_the_page_asks_nothing_of_any_other_host(page, url):
    assert [r for r in page.requests if not r.startswith((url, "data:", "blob:"))] == []


def test_choosing_a_finding_switches_the_map_without_the_server(page):
    before, line = pixels(page), page.locator("#lens-adds").inner_text()
    asked = len(page.requests)
    page.locator("label.finding:has(input:not(:checked))").first.click()
    assert pixels(page) != before
    assert page.locator("#lens-adds").inner_text() != line
    page.keyboard.press("ArrowDown")
    assert page.locator("#lens-adds").inner_text() != line
    assert len(page.requests) == asked


def test_switches_and_opacity_work_in_the_browser(page):
    asked = len(page.requests)
    seen = [pixels(page)]
    for name, value in (("map", "grad_cam"), ("grid", "native"), ("scale", "stretched"), ("reference", "on")):
        page.locator(f"label:has(> input[name=lens-{name}][value={value}])").click()
        seen.append(pixels(page))
        assert seen[-1] != seen[-2], name
    assert "stretched to this film" in page.locator("#lens-scale").inner_text()
    assert "typical normal film" in page.locator("#lens-adds").inner_text()
    opacity = "() => getComputedStyle(document.querySelector('#lens-map')).opacity"
    before = page.evaluate(opacity)
    page.locator("#lens-opacity").fill("10")
    page.wait_for_function(f"({opacity})() !== '{before}'")
    assert len(page.requests) == asked


@pytest.mark.parametrize("width, height", [(1280, 720), (1920, 1080), (390, 844)])
def test_film_and_map_coincide_and_nothing_scrolls_sideways(page, film, width, height):
    page.set_viewport_size({"width": width, "height": height})
    page.set_input_files("#lens-file", film)
    page.locator("#lens-about").filter(has_text="phantom.png").wait_for()
    boxes = [page.locator(s).bounding_box() for s in ("#lens-film", "#lens-map")]
    reveal = page.locator("#lens-refusal button")
    if boxes[1] is None:  # the gate refused the phantom; a visitor may look all the same
        reveal.click()
        boxes[1] = page.locator("#lens-map").bounding_box()
    for side in ("x", "y", "width", "height"):
        assert boxes[0][side] == pytest.approx(boxes[1][side], abs=0.5)
    assert boxes[0]["width"] / boxes[0]["height"] == pytest.approx(400 / 500, rel=0.01)
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")


def test_a_wrong_file_is_one_sentence_and_the_page_goes_on(page, film, tmp_path):
    wrong = tmp_path / "notes.png"
    wrong.write_text("these are notes, no film")
    page.set_input_files("#lens-file", wrong)
    alert = page.locator("#lens-alert")
    alert.filter(has_text="not an image").wait_for()
    page.set_input_files("#lens-file", film)
    page.locator("#lens-about").filter(has_text="phantom.png").wait_for()
    assert alert.is_hidden()


def test_a_picture_that_is_no_chest_film_shows_no_finding(page, tmp_path):
    noise = tmp_path / "noise.png"
    cv2.imwrite(str(noise), np.random.default_rng(0).integers(0, 256, (300, 300), np.uint8))
    page.set_input_files("#lens-file", noise)
    page.locator("#lens-refusal").filter(has_text="does not look like a frontal chest").wait_for()
    assert page.locator("#lens-groups").is_hidden()
    assert page.locator("#lens-adds").inner_text() == ""
    page.locator("#lens-refusal button").click()
    assert page.locator("#lens-groups").is_visible()


def test_the_browser_draws_what_the_library_draws(page):
    """One renderer in Python (pictures of the command line), one in the page: the same colours."""
    import xai
    from ui import examples
    from xai import overlay

    page.locator("label:has(> input[name=lens-grid][value=native])").click()
    name = page.locator("label.finding input:checked").get_attribute("value")
    explanation = xai.explain(xai.load("guided"), examples.load(examples.FOLDER)[0].path)
    height, width = page.evaluate("() => { const c = document.querySelector('#lens-map'); return [c.height, c.width]; }")
    expected = overlay.render(
        explanation.readings[name], explanation.extent, (height, width), overlay.View(smooth=False)
    )
    drawn = np.array(pixels(page))
    # Canvas stores premultiplied colours: compare the alpha channel, which it keeps exactly.
    indices = np.arange(0, expected.size, 401)
    alpha = indices % 4 == 3
    assert np.abs(drawn[alpha] - expected.ravel()[indices][alpha].astype(int)).max() <= 1


def test_downloads(page):
    for kind, suffix in (("png", ".png"), ("npz", ".npz"), ("csv", ".csv"), ("json", ".json")):
        with page.expect_download() as download:
            page.locator(f"[data-save={kind}]").click()
        path = Path(download.value.path())
        assert download.value.suggested_filename.endswith(suffix)
        if kind == "png":
            assert cv2.imread(str(path)).shape[0] > 500
        if kind == "npz":
            with np.load(path, allow_pickle=False) as arrays:
                assert {"cardiomegaly", "extent"} <= set(arrays)


@pytest.mark.parametrize("name", SIZES)
def test_screenshots(browser, url, name, tmp_path):
    """Pictures of the first example for the README (kept where ``CXR_SCREENSHOTS`` is set), never blank."""
    width, height = SIZES[name]
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme="dark" if name == "dark" else "light"
    )
    page = context.new_page()
    page.goto(f"{url}/?__theme={'dark' if name == 'dark' else 'light'}")
    page.locator("#lens-adds").filter(has_text="logit").wait_for()
    page.wait_for_function("() => document.querySelector('#lens-film').complete")
    folder = SCREENSHOTS if os.environ.get("CXR_SCREENSHOTS") else tmp_path
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"explain-{name}.png"
    page.screenshot(path=path)
    context.close()
    mean = cv2.imread(str(path)).mean()
    assert 20 < mean < 130 if name == "dark" else mean > 130
