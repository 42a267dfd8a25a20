"""The page as a visitor meets it, in headless Chromium."""

from __future__ import annotations

import base64
import io
import json
import math
import os
import re
from pathlib import Path

import cv2
import numpy as np
import pytest
from playwright.sync_api import expect

from tests import page as served
from tests.browser import DESKTOP, PHONE, Visits, fits, open_tab, settled, size, visits
from tests.files import encoded, levels
from ui.examples import FOLDER
from xai.limits import MAX_BYTES

SCREENSHOTS = Path(__file__).parent.parent / "docs" / "screenshots"
SUM = re.compile(r"^(bias|typical normal film) −?\d+\.\d\d \+ .* = logit −?\d+\.\d\d → [<>]?\d+\s%$")


class Visit:
    """One visitor's page, and what it asked the server for."""

    def __init__(self, fresh: Visits, *where) -> None:
        self.page, self.requests = fresh(*where), fresh.requests

    def map(self) -> str:
        """The overlay as drawn."""
        return self.page.locator("#lens-map").evaluate("canvas => canvas.toDataURL()")

    def bring(self, name: str, content: bytes) -> None:
        """Pick a file."""
        self.page.locator("#lens-file").set_input_files({"name": name, "mimeType": "", "buffer": content})

    def download(self, kind: str) -> tuple[str, bytes]:
        """Name and content of a download."""
        with self.page.expect_download() as waiting:
            self.page.locator(f"[data-save={kind}]").click()
        return waiting.value.suggested_filename, Path(waiting.value.path()).read_bytes()


@pytest.fixture
def visit(windows, url):
    with visits(windows, url) as fresh:
        yield Visit(fresh)


def film(height: int = 300, width: int = 300) -> bytes:
    return encoded(levels(height, width))


# ---- a film


def test_the_first_example_is_there_before_anyone_asks(visit):
    assert size(visit.page.locator("#lens-film")) == [400, 400]
    expect(visit.page.locator("#lens-adds")).to_have_text(SUM)
    expect(visit.page.locator("#lens-about")).to_have_text("A square phantom")
    assert not [request for request in visit.requests if "/queue/join" in request]


def test_another_example_is_one_click_away(visit):
    visit.page.get_by_role("button", name="A portrait phantom").click()
    expect(visit.page.locator("#lens-about")).to_have_text("A portrait phantom")
    assert size(visit.page.locator("#lens-film")) == [300, 460]


@pytest.mark.parametrize("way", ["pick", "drop", "paste"])
def test_a_film_comes_in_by_picking_dropping_and_pasting(visit, way):
    content = encoded(levels(333, 250, np.uint16))
    if way == "pick":
        visit.bring("mine.png", content)
    else:
        visit.page.evaluate(
            """([way, data]) => {
              const bytes = Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
              const transfer = new DataTransfer();
              transfer.items.add(new File([bytes], "mine.png"));
              const target = document.querySelector("#lens-stage");
              target.dispatchEvent(way === "drop"
                ? new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true })
                : new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true }));
            }""",
            [way, base64.b64encode(content).decode()],
        )
    expect(visit.page.locator("#lens-about")).to_have_text("mine.png")
    assert size(visit.page.locator("#lens-film")) == [250, 333]
    expect(visit.page.locator("#lens-adds")).to_have_text(SUM)


@pytest.mark.parametrize(("height", "width"), [(300, 300), (700, 420), (420, 1300)])
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_film_and_map_share_one_box_of_the_film_s_shape(visit, height, width, viewport):
    visit.page.set_viewport_size(viewport)
    visit.bring("shape.png", film(height, width))
    expect(visit.page.locator("#lens-about")).to_have_text("shape.png")
    boxes = "nodes => nodes.map((node) => node.getBoundingClientRect().toJSON())"
    picture, overlay = settled(visit.page).locator("#lens-film, #lens-map").evaluate_all(boxes)
    assert picture == overlay
    assert picture["width"] / picture["height"] == pytest.approx(width / height, rel=0.01)


def test_a_wrong_file_gets_a_sentence_and_the_page_goes_on(visit):
    before = visit.map()
    visit.bring("notes.txt", b"these are notes")
    alert = visit.page.get_by_role("alert").filter(has_text="notes.txt")
    expect(alert).to_contain_text("not an image")
    assert visit.map() == before
    visit.bring("good.png", film())
    expect(visit.page.locator("#lens-about")).to_have_text("good.png")
    expect(alert).to_be_hidden()


def test_a_film_on_its_side_is_offered_turned(visit):
    offer = visit.page.locator("#lens-turn")
    expect(offer).to_be_hidden()
    visit.bring("side.png", encoded(np.rot90(levels(360, 260)).copy()))
    expect(offer).to_contain_text("turn it by 90° clockwise")
    assert size(visit.page.locator("#lens-film")) == [360, 260]
    visit.bring("notes.txt", b"these are notes")
    expect(visit.page.get_by_role("alert").filter(has_text="notes.txt")).to_be_visible()
    offer.get_by_role("button").click()  # turns the film that is shown, not the file that failed
    expect(offer).to_be_hidden()
    expect(visit.page.locator("#lens-about")).to_have_text("side.png · Turned by 90° clockwise, as asked.")
    assert size(visit.page.locator("#lens-film")) == [260, 360]


def test_a_mirrored_film_is_offered_mirrored_back_after_it_was_turned(visit):
    offer = visit.page.locator("#lens-turn")
    upright = cv2.imread(str(FOLDER / "child-normal.png"), cv2.IMREAD_GRAYSCALE)
    visit.bring("both.png", encoded(np.rot90(upright[:, ::-1]).copy()))
    expect(offer).to_contain_text("turn it by 90° clockwise")
    offer.get_by_role("button", name="Turn it").click()
    expect(offer).to_contain_text("This film seems mirrored")
    offer.get_by_role("button", name="Mirror it").click()
    expect(offer).to_be_hidden()
    about = visit.page.locator("#lens-about")
    expect(about).to_have_text("both.png · Turned by 90° clockwise, as asked. · Mirrored, as asked.")
    visit.bring("upright.png", encoded(upright))  # what was done to one film is not done to the next
    expect(about).to_have_text("upright.png")
    expect(offer).to_be_hidden()


def test_the_same_wrong_file_twice_is_refused_twice(visit):
    for _ in range(2):
        with visit.page.expect_request("**/queue/join**"):
            visit.bring("notes.txt", b"these are notes")
        expect(visit.page.locator("#lens-alert")).to_contain_text("not an image")
        expect(visit.page.locator("#lens-busy")).to_be_hidden()


def test_a_file_over_the_limit_is_refused_without_being_sent(visit):
    visit.page.evaluate(
        """(size) => {
          const transfer = new DataTransfer();
          transfer.items.add(new File([new Uint8Array(size)], "large.png"));
          document.querySelector("#lens-stage").dispatchEvent(
            new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true }));
        }""",
        MAX_BYTES + 1,
    )
    expect(visit.page.locator("#lens-alert")).to_contain_text("over the size limit of 20 MB")
    assert not [request for request in visit.requests if "/queue/join" in request]


def test_a_film_that_was_turned_says_so(visit):
    visit.bring("negative.png", encoded(255 - levels(300, 300)))
    expect(visit.page.locator("#lens-about")).to_contain_text("negative.png · This film was inverted")


def test_a_file_name_is_text_and_never_markup(visit):
    name = "<img src=x onerror=alert(1)>.png"
    visit.bring(name, film())
    expect(visit.page.locator("#lens-about")).to_have_text(name)


# ---- findings and switches


def test_choosing_a_finding_switches_the_map_without_the_server(visit):
    before, asked = visit.map(), len(visit.requests)
    visit.page.locator(".finding", has_text="Effusion").click()
    after = visit.map()
    assert after != before
    expect(visit.page.locator("#lens-plain")).to_contain_text("effusion")
    visit.page.get_by_role("radio", name="Effusion").press("ArrowUp")
    expect(visit.page.get_by_role("radio", name="Cardiomegaly")).to_be_checked()
    assert visit.map() == before
    assert len(visit.requests) == asked


def test_opacity_is_the_browser_s_own(visit):
    asked = len(visit.requests)
    slider = visit.page.get_by_role("slider", name="Opacity")
    for value in (0, 35, 100):
        slider.fill(str(value))
        assert float(visit.page.locator("#lens-map").evaluate("c => getComputedStyle(c).opacity")) == value / 100
    assert len(visit.requests) == asked


@pytest.mark.parametrize("switch", ["Grad-CAM", "Native", "This film’s", "Beyond normal"])
def test_every_switch_redraws_the_map_and_back(visit, switch):
    before, asked = visit.map(), len(visit.requests)
    control = visit.page.get_by_role("radio", name=switch, exact=True)
    control.press("Space")
    expect(control).to_be_checked()
    assert visit.map() != before
    control.press("ArrowLeft")
    assert visit.map() == before
    assert len(visit.requests) == asked


def test_the_scale_says_which_it_is(visit):
    caption, ticks = visit.page.locator("#lens-scale"), visit.page.locator("#lens-ticks")
    expect(caption).to_contain_text("absolute scale: same colour, same log-odds on every film")
    expect(ticks).to_have_text("−0.1−0.050+0.05+0.1")
    visit.page.get_by_text("This film’s").click()
    expect(caption).to_contain_text("stretched to this film")
    expect(ticks).not_to_have_text("−0.1−0.050+0.05+0.1")


def test_the_reference_changes_the_sum_and_not_the_probability(visit):
    line = visit.page.locator("#lens-adds")
    end = line.inner_text().rsplit("=", 1)[1]
    visit.page.get_by_text("Beyond normal").click()
    expect(line).to_have_text(re.compile("^typical normal film "))
    assert line.evaluate("node => node.scrollWidth <= node.clientWidth")
    assert line.inner_text().rsplit("=", 1)[1] == end


def test_no_positive_evidence_is_said_and_not_drawn(visit):
    visit.page.locator(".finding", has_text="Effusion").click()
    visit.page.get_by_text("Grad-CAM", exact=True).click()
    visit.page.get_by_text("This film’s").click()
    expect(visit.page.locator("#lens-state")).to_have_text("No positive evidence for effusion on this film")
    expect(visit.page.locator(".lens-bar")).to_be_hidden()
    painted = "c => c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some((value) => value > 0)"
    assert visit.page.locator("#lens-map").evaluate(painted) is False
    visit.page.get_by_text("Signed").click()
    expect(visit.page.locator("#lens-state")).to_be_hidden()
    assert visit.page.locator("#lens-map").evaluate(painted) is True


def test_every_finding_shows_bar_point_zone_population_and_reading(visit):
    row = visit.page.locator(".finding", has_text="Cardiomegaly")
    expect(row.locator("output")).to_have_text(re.compile(r"^[<>]?\d+\s%$"))
    expect(row.locator("small")).to_have_text("adults")
    expect(row.locator(".plain")).to_contain_text("evidence for cardiomegaly: ")
    bar = row.locator(".bar").bounding_box()
    tick, zone = row.locator(".tick").bounding_box(), row.locator(".zone").bounding_box()

    def share(probability: float) -> float:
        """Along a bar from 1 % to 99 % in log-odds."""
        return (math.log(probability / (1 - probability)) / math.log(99) + 1) / 2

    assert (tick["x"] + 1 - bar["x"]) / bar["width"] == pytest.approx(share(0.4), abs=0.01)
    assert (zone["x"] - bar["x"]) / bar["width"] == pytest.approx(share(0.3), abs=0.01)
    assert (zone["x"] + zone["width"] - bar["x"]) / bar["width"] == pytest.approx(share(0.5), abs=0.01)


def test_findings_of_the_other_population_are_folded_away_and_marked(visit):
    child = visit.page.locator(".finding", has_text="Pneumonia")
    expect(child).to_be_hidden()
    visit.page.locator("summary").click()
    mark = "trained on children aged 1–5; this film looks like an adult’s"
    figure = "of 250 normal films of adults, 61 % reach this operating point; of children, 18 %"
    expect(visit.page.locator("summary")).to_contain_text(mark)
    expect(child).to_contain_text(figure)
    expect(visit.page.locator(".finding", has_text="Cardiomegaly")).not_to_contain_text("normal films")
    child.click()
    expect(visit.page.locator("#lens-plain")).to_contain_text(f"{mark}: {figure}")


def test_a_picture_that_is_no_chest_film_shows_no_findings_unless_asked(visit):
    visit.page.get_by_text("Strict", exact=True).click()
    refusal = visit.page.locator("#lens-refusal")
    expect(refusal).to_contain_text("does not look like a frontal chest X-ray")
    for part in ("#lens-groups", "#lens-map", "#lens-adds", ".lens-bar", ".lens-saves"):
        expect(visit.page.locator(part)).to_be_hidden()
    refusal.get_by_role("button").click()
    expect(visit.page.locator("#lens-groups")).to_be_visible()
    expect(refusal).to_contain_text("does not look like a frontal chest X-ray")
    visit.page.get_by_text("Guided", exact=True).click()
    expect(refusal).to_be_hidden()


def test_descriptions_of_models_are_text(visit):
    expect(visit.page.locator("#lens-models")).to_contain_text("The guided <one> & only.")


# ---- downloads


def test_downloads_hold_the_film_s_numbers(visit):
    visit.bring("my film.png", film())
    expect(visit.page.locator("#lens-about")).to_have_text("my film.png")
    name, content = visit.download("json")
    assert name == "my film.guided.json"
    answer = json.loads(content)
    assert (answer["film"], answer["model"], answer["version"]) == ("my film.png", "guided", "1.0-test")
    name, content = visit.download("npz")
    assert name == "my film.guided.evidence.npz"
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        for finding, numbers in answer["findings"].items():
            assert (arrays[finding] == np.float32(answer["evidence"][finding])).all()
            assert numbers["bias"] + arrays[finding].sum(dtype=np.float64) == pytest.approx(numbers["logit"], abs=1e-4)
    name, content = visit.download("csv")
    assert name == "my film.guided.evidence.csv"
    assert len(content.decode().splitlines()) == 1 + 17 * 17


def test_the_picture_holds_film_overlay_and_legend(visit):
    def saved() -> np.ndarray:
        name, content = visit.download("png")
        assert name == "A square phantom.guided.cardiomegaly.png"
        return cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR).astype(int)

    with_map = saved()
    assert with_map.shape[1] == 1024
    assert with_map.shape[0] > 1024
    visit.page.get_by_role("slider", name="Opacity").fill("0")
    bare = saved()
    assert np.ptp(bare[:1024], axis=2).max() == 0
    assert np.ptp(with_map[:1024], axis=2).max() > 30
    assert np.ptp(with_map[1024:], axis=2).max() > 60


# ---- the page


@pytest.mark.parametrize("tab", ["Explain", "How to read it"])
def test_nothing_sticks_out_on_a_phone(visit, tab):
    open_tab(visit.page, tab)
    visit.page.set_viewport_size(PHONE)
    fits(visit.page, ".lens > *")


def test_every_control_has_a_name(visit):
    unnamed = """() => [...document.querySelectorAll('.lens input, .lens button, .lens img')].filter((node) => {
      const words = node.alt || node.textContent || node.ariaLabel || node.closest('label')?.textContent;
      return !words?.trim() && !node.closest('button');
    }).map((node) => node.outerHTML)"""
    assert visit.page.evaluate(unnamed) == []
    expect(visit.page.locator("#lens-map")).to_have_attribute("aria-label", re.compile("Evidence map for"))
    expect(visit.page.locator("#lens-film")).to_have_attribute("alt", re.compile("Chest film"))


def test_the_guide_says_what_the_page_is_not(visit):
    open_tab(visit.page, "How to read it")
    expect(visit.page.locator(".lens-guide")).to_contain_text("Not a medical device, not for diagnosis.")
    expect(visit.page.get_by_role("note")).to_have_text("Not a medical device, not for diagnosis.")


# ---- the shipped model on the shipped examples


@pytest.fixture(scope="module")
def shipped():
    with served.serving(None, FOLDER) as address:
        yield address


def test_the_shipped_gate_refuses_noise(windows, shipped):
    with visits(windows, shipped) as fresh:
        guest = Visit(fresh)
        guest.bring("noise.png", encoded(np.random.default_rng(0).integers(0, 256, (300, 300), np.uint8)))
        refusal = guest.page.locator("#lens-refusal")
        expect(refusal).to_contain_text("does not look like a frontal chest X-ray")
        expect(refusal).to_contain_text("its neighbouring pixels hardly resemble each other")
        expect(guest.page.locator("#lens-groups")).to_be_hidden()


@pytest.mark.parametrize(
    ("name", "viewport", "theme", "grey"),
    [("light", DESKTOP, "light", (120, 255)), ("dark", DESKTOP, "dark", (10, 120)), ("phone", PHONE, "light", (120, 255))],
)  # fmt: skip
def test_screenshots(windows, shipped, tmp_path, name, viewport, theme, grey):
    """The README's pictures, in docs/screenshots/ where ``CXR_SCREENSHOTS`` is set: the first example, never blank."""
    folder = SCREENSHOTS if "CXR_SCREENSHOTS" in os.environ else tmp_path
    folder.mkdir(exist_ok=True)
    path = folder / f"explain-{name}.png"
    with visits(windows, shipped) as fresh:
        page = fresh(viewport, f"/?__theme={theme}")
        expect(page.locator("#lens-adds")).to_have_text(SUM)
        size(page.locator("#lens-film"))
        settled(page).screenshot(path=path)
    assert grey[0] < cv2.imread(str(path)).mean() < grey[1]
