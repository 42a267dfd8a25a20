"""The Test the map tab as a visitor meets it, in headless Chromium: every experiment by mouse and by keyboard."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from functools import partial

import pytest
from playwright.sync_api import Page, expect

import ui.explain
from tests.barrier import WAIT, Barrier
from tests.browser import DESKTOP, PHONE, PROJECTOR, fits, open_tab, settled, size, visits
from tests.files import encoded, levels
from xai.lab.guide import GUIDES

THIS = "Test the map"
# What is there when an experiment has come to its end.
SHOWN = {
    "hide": (".lab-plot circle[cy].random", 21),  # 20 random regions and the legend's
    "curves": (".lab-plot polyline", 8),
    "shortcuts": (".lab-film", 9),
    "meter": (".lab-table tbody tr", 5),
    "compare": (".lab-film", 2),
    "stability": (".lab-film", 10),
    "cascade": (".lab-film", 3),
}


@pytest.fixture
def visitors(windows, url):
    """A maker of fresh visits to the tab."""
    with visits(windows, url) as fresh:

        def visit(viewport: dict = DESKTOP) -> Page:
            page = fresh(viewport)
            open_tab(page, THIS)
            expect(page.locator("#lab-run")).to_be_visible()
            return page

        yield visit


@pytest.fixture
def page(visitors):
    return visitors()


def choose(page: Page, experiment: str) -> None:
    page.locator("#lab-experiments").get_by_role("radio", name=GUIDES[experiment].title).check()


def finished(page: Page) -> None:
    expect(page.locator("#lab-progress")).to_be_hidden()
    expect(page.locator("#lab-run")).to_be_enabled()
    expect(page.locator("#lab-verdict")).to_have_text(re.compile(r"\.$"))


def by_mouse(page: Page, experiment: str) -> None:
    choose(page, experiment)
    page.locator("#lab-run").click()


def by_keyboard(page: Page, experiment: str) -> None:
    """From the first experiment with arrow keys, and to the button with Tab."""
    page.locator("#lab-experiments input").first.focus()
    for _ in range(list(SHOWN).index(experiment)):
        page.keyboard.press("ArrowDown")
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "lab-run":
            break
    page.keyboard.press("Enter")


# ---- every experiment


@pytest.mark.parametrize("way", [by_mouse, by_keyboard])
@pytest.mark.parametrize("experiment", SHOWN)
def test_every_experiment_comes_to_its_end(page, experiment, way: Callable):
    way(page, experiment)
    selector, count = SHOWN[experiment]
    expect(page.locator(f"#lab-result {selector}")).to_have_count(count)
    finished(page)
    guide = GUIDES[experiment]
    for node, text in (("asks", guide.asks), ("read", guide.read), ("cannot", guide.cannot), ("paper", guide.paper)):
        expect(page.locator(f"#lab-{node}")).to_have_text(text)
    expect(page.locator("#lab-paper")).to_have_attribute("href", guide.link)
    expect(page.locator("#lab-alert")).to_be_hidden()


def test_it_says_what_is_tested_and_follows_explain(page):
    expect(page.locator("#lab-film")).to_have_text("A square phantom")
    expect(page.locator("#lab-finding")).to_have_text(re.compile(r"^Cardiomegaly: "))
    by_mouse(page, "meter")
    finished(page)
    page.locator("#lab-change").click()
    page.locator("#lens-groups").get_by_text("Effusion", exact=True).click()
    page.locator("#lens-file").set_input_files(
        {"name": "mine.png", "mimeType": "", "buffer": encoded(levels(260, 350))}
    )
    expect(page.locator("#lens-about")).to_have_text("mine.png")
    page.locator("#lens-groups").get_by_text("Effusion", exact=True).click()
    open_tab(page, THIS)
    expect(page.locator("#lab-film")).to_have_text("mine.png")
    expect(page.locator("#lab-verdict")).to_have_text("")
    page.locator("#lab-run").click()
    finished(page)
    expect(page.locator("#lab-verdict")).to_contain_text("effusion")


def test_of_two_films_chosen_at_once_the_last_is_shown_and_tested(page, monkeypatch):
    explained, may_go = ui.explain.scene, threading.Event()
    monkeypatch.setattr(ui.explain, "scene", lambda *film: may_go.wait(WAIT) and explained(*film))
    page.locator("#lab-change").click()
    for name, width in (("one.png", 260), ("two.png", 350)):
        file = {"name": name, "mimeType": "", "buffer": encoded(levels(300, width))}
        with page.expect_response("**/queue/join**"):
            page.locator("#lens-file").set_input_files(file)
        expect(page.locator("#lens-busy")).to_be_visible()
    may_go.set()
    expect(page.locator("#lens-about")).to_have_text("two.png")
    open_tab(page, THIS)
    page.locator("#lab-run").click()
    finished(page)
    assert size(page.locator(".lab-film img").nth(1)) == [299, 256]


def test_a_film_that_the_model_does_not_know_is_not_tested_unasked(page):
    page.locator("#lab-change").click()
    page.locator("#lens-models").get_by_text("Strict", exact=True).click()
    open_tab(page, THIS)
    expect(page.locator("#lab-empty")).to_contain_text("does not look like a frontal chest X-ray")
    expect(page.locator("#lab-run")).to_be_hidden()
    open_tab(page, "Explain")
    page.get_by_role("button", name="Show the numbers all the same").click()
    for tab, caution in ((THIS, "#lab-caution"), ("Compare methods", "#methods-caution")):
        open_tab(page, tab)
        expect(page.locator(caution)).to_contain_text("does not look like a frontal chest X-ray")
    open_tab(page, THIS)
    by_mouse(page, "meter")
    finished(page)


def test_what_explain_says_beside_the_numbers_is_said_here(page):
    expect(page.locator("#lab-caution")).to_be_hidden()
    page.locator("#lab-change").click()
    page.locator("#lens-groups summary").click()
    page.locator("#lens-groups .foreign").get_by_text("Pneumonia", exact=True).click()
    page.get_by_text("Beyond normal", exact=True).click()
    open_tab(page, THIS)
    expect(page.locator("#lab-caution")).to_contain_text(
        "Trained on children aged 1–5; this film looks like an adult’s: of 250"
    )
    expect(page.locator("#lab-caution")).to_contain_text("Here, the map of all evidence")
    page.locator("#lab-run").click()
    finished(page)
    # The chosen output, and those that were meant for this film.
    expect(page.locator(".lab-table tbody th")).to_have_text(["Cardiomegaly", "Effusion", "Pneumonia (children)"])
    expect(page.locator(".lab-table caption")).to_contain_text("Findings in adults")


@pytest.mark.parametrize("width", [721, 1024, 1080, 1081])
def test_the_bench_is_wide_on_a_narrow_projector(visitors, width):
    page = visitors({"width": width, "height": 768})
    for tab, view in ((THIS, "#laboratory .lab-view"), ("Compare methods", "#methods .lab-view")):
        open_tab(page, tab)
        assert settled(page).locator(view).bounding_box()["width"] > 0.6 * width


def test_a_film_dropped_on_this_tab_is_shown_in_explain(page):
    page.evaluate(
        """(data) => {
          const transfer = new DataTransfer();
          transfer.items.add(new File([Uint8Array.from(data)], "dropped.png"));
          window.handled = ["dragover", "drop"].map((name) => !document.querySelector("#lab-result").dispatchEvent(
            new DragEvent(name, { dataTransfer: transfer, bubbles: true, cancelable: true })));
        }""",
        list(encoded(levels(300, 260))),
    )
    # Or the browser would leave the page for the file.
    assert page.evaluate("window.handled") == [True, True]
    expect(page.get_by_role("tab", name="Explain")).to_have_attribute("aria-selected", "true")
    expect(page.locator("#lens-about")).to_have_text("dropped.png")


# ---- hide and look again


def test_the_effect_comes_at_once_and_the_random_regions_one_after_another(page, barrier):
    dots = page.locator(".lab-plot circle.random")
    page.locator("#lab-run").click()
    barrier.let(1)
    expect(page.locator("#lab-verdict")).to_contain_text("0 of 20 random regions looked at")
    expect(page.locator("#lab-result .lab-film")).to_have_count(2)
    expect(page.locator("#lab-step")).to_have_text("0 of 20")
    barrier.let(2)
    expect(page.locator("#lab-step")).to_have_text("8 of 20")
    expect(dots).to_have_count(9)
    barrier.open()
    finished(page)
    expect(dots).to_have_count(21)
    expect(page.locator(".lab-table .chosen th")).to_have_text("Cardiomegaly")


def test_share_and_fill_are_what_was_asked_for(page):
    slider = page.get_by_role("slider", name="Hide")
    slider.focus()
    for _ in range(30):
        page.keyboard.press("ArrowRight")
    expect(page.locator("#lab-share output")).to_have_text("40 %")
    page.get_by_text("Average normal film").click()
    page.locator("#lab-run").click()
    finished(page)
    expect(page.locator("#lab-verdict")).to_contain_text("(40 % of the film)")
    slider.fill("5")
    expect(page.locator("#lab-verdict")).to_have_text("")


def marked(page: Page) -> list[str]:
    cells = page.locator(".lab-cells [aria-pressed=true]")
    return cells.evaluate_all("cells => cells.map((cell) => cell.ariaLabel)")


def own(page: Page) -> None:
    page.get_by_text("What I mark", exact=True).click()
    expect(page.locator("#lab-run")).to_be_disabled()


def test_cells_are_marked_with_the_mouse(page):
    own(page)
    cell = page.get_by_role("button", name="row 5, column 6", exact=True)
    cell.click()
    assert marked(page) == ["row 5, column 6"]
    cell.click()
    assert marked(page) == []
    start, end = (
        settled(page).get_by_role("button", name=name, exact=True).bounding_box()
        for name in ("row 4, column 3", "row 6, column 6")
    )
    page.mouse.move(start["x"] + 5, start["y"] + 5)
    page.mouse.down()
    page.mouse.move(end["x"] + 5, end["y"] + 5, steps=4)
    expect(page.locator(".lab-cells .drawn")).to_have_count(12)
    page.mouse.up()
    expect(page.locator("#lab-marked span")).to_have_text("12 cells marked")
    assert len(marked(page)) == 12
    page.locator("#lab-run").click()
    finished(page)
    expect(page.locator("#lab-verdict")).to_contain_text("Hiding the chosen cells")
    page.get_by_role("button", name="Clear").click()
    assert marked(page) == []
    # What was found with other cells hidden does not stay beside these.
    expect(page.locator("#lab-verdict")).to_have_text("")
    expect(page.locator("#lab-result table")).to_have_count(0)


def test_marks_do_not_follow_to_another_experiment(page):
    page.locator("#lab-run").click()
    finished(page)
    expect(page.locator(".lab-outline")).to_have_count(1)
    choose(page, "meter")
    expect(page.locator(".lab-outline")).to_have_count(0)
    choose(page, "hide")
    own(page)
    page.get_by_role("button", name="row 5, column 6", exact=True).click()
    choose(page, "curves")
    expect(page.locator(".lab-cells")).to_have_count(0)
    choose(page, "hide")
    assert marked(page) == ["row 5, column 6"]


def test_cells_are_marked_with_the_keyboard(page):
    own(page)
    page.locator(".lab-cells [tabindex='0']").focus()
    for key in ("Space", "ArrowRight", "ArrowDown", "Enter", "Shift+ArrowLeft"):
        page.keyboard.press(key)
    assert marked(page) == ["row 9, column 9", "row 10, column 9", "row 10, column 10"]
    page.keyboard.press("Space")
    assert marked(page) == ["row 9, column 9", "row 10, column 10"]
    for _ in range(20):
        page.keyboard.press("ArrowLeft")
    assert page.evaluate("document.activeElement.ariaLabel") == "row 10, column 1"
    page.locator("#lab-run").focus()
    page.keyboard.press("Enter")
    finished(page)
    expect(page.locator("#lab-verdict")).to_contain_text("Hiding the chosen cells")


def test_cells_beside_a_narrow_film_cannot_be_marked(page):
    page.locator("#lab-change").click()
    page.get_by_role("button", name="A portrait phantom").click()
    expect(page.locator("#lens-about")).to_have_text("A portrait phantom")
    open_tab(page, THIS)
    own(page)
    assert page.locator(".lab-cells button").count() < 17 * 17
    boxes = """plate => [plate, ...plate.querySelectorAll(".lab-cells button")]
      .map((node) => node.getBoundingClientRect().toJSON())"""
    plate, *cells = settled(page).locator(".lab-pair .lens-plate").first.evaluate(boxes)
    for side, extreme in (("left", min), ("right", max), ("top", min), ("bottom", max)):
        assert extreme(cell[side] for cell in cells) == pytest.approx(plate[side], abs=1)
    page.locator(".lab-cells button").first.click()
    page.locator("#lab-run").click()
    finished(page)


# ---- cancelled, or many at once


def begun(page: Page, barrier: Barrier) -> None:
    """The curves' start and first step, of two passes."""
    by_mouse(page, "curves")
    barrier.let(3)
    expect(page.locator("#lab-step")).to_have_text("1 of 20")


def stopped(page: Page, barrier: Barrier) -> None:
    """What is under way ends, and nothing follows it."""
    barrier.let(1)
    barrier.let_until(partial(expect(page.locator("#lab-run")).to_be_enabled, timeout=1000), most=20)
    looks = barrier.looks
    barrier.let(10)
    page.wait_for_timeout(500)
    assert barrier.looks == looks


def test_a_cancelled_experiment_stops_and_another_can_begin(page, barrier):
    begun(page, barrier)
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator("#lab-step")).to_have_text("Cancelling…")
    expect(page.locator("#lab-run")).to_be_disabled()
    stopped(page, barrier)
    expect(page.locator("#lab-step")).to_have_text("Cancelled after 1 of 20")
    expect(page.locator(".lab-plot")).to_have_count(2)
    barrier.open()
    for experiment in ("hide", "stability"):
        by_mouse(page, experiment)
        finished(page)


def test_choosing_something_else_cancels(page, barrier):
    begun(page, barrier)
    choose(page, "meter")
    stopped(page, barrier)
    expect(page.locator("#lab-verdict")).to_have_text("")


def test_a_second_visitor_sees_that_he_waits_and_explain_does_not(visitors, barrier):
    first, second = visitors(), visitors()
    waits = re.compile("Waiting: 1 other experiment goes first")
    begun(first, barrier)
    second.locator("#lab-run").click()
    expect(second.locator("#lab-step")).to_have_text(waits)
    second.locator("#lab-change").click()
    second.get_by_role("button", name="A portrait phantom").click()
    expect(second.locator("#lens-about")).to_have_text("A portrait phantom")
    expect(first.locator("#lab-stop")).to_be_visible()  # still at it
    open_tab(second, THIS)
    expect(second.locator("#lab-run")).to_be_enabled()  # another film: the question is withdrawn
    second.locator("#lab-run").click()
    expect(second.locator("#lab-step")).to_have_text(waits)
    barrier.open()
    finished(first)
    finished(second)


def test_a_visitor_who_leaves_stops_his_experiment(visitors, barrier):
    leaver, other = visitors(), visitors()
    waits = "Waiting: 1 other experiment goes first"
    begun(leaver, barrier)
    leaver.close()
    other.locator("#lab-run").click()
    expect(other.locator("#lab-step")).to_have_text(waits)
    # Long before his other 38 passes.
    barrier.let_until(partial(expect(other.locator("#lab-step")).not_to_have_text, waits, timeout=1000), most=20)
    barrier.open()
    finished(other)


# ---- the page


@pytest.mark.parametrize("viewport", [DESKTOP, PROJECTOR, PHONE], ids=["desktop", "projector", "phone"])
def test_nothing_sticks_out(visitors, viewport):
    page = visitors(viewport)
    for experiment, (selector, count) in SHOWN.items():
        by_mouse(page, experiment)
        expect(page.locator(f"#lab-result {selector}")).to_have_count(count)
        finished(page)
        fits(page, ".lab :is(figure, table, svg, canvas, fieldset, p, dd, button)")


def test_every_control_has_a_name(page):
    own(page)
    unnamed = """() => [...document.querySelectorAll('.lab :is(input, button, img, canvas, progress)')].filter((node) => {
      const words = node.alt || node.textContent || node.ariaLabel || node.closest('label')?.textContent;
      return !words?.trim() && !node.ariaHidden && !node.hidden;
    }).map((node) => node.outerHTML)"""
    assert page.evaluate(unnamed) == []
