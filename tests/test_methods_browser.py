"""The Compare methods tab as a visitor meets it, in headless Chromium: by mouse, by touch and by keyboard."""

from __future__ import annotations

import re
import threading
import time
from dataclasses import replace
from functools import partial

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import DESKTOP, PHONE, PROJECTOR, fits, open_tab, settled, visits
from tests.files import encoded, levels
from ui.methods import CLOSED_FORMS
from xai.methods import METHODS, Progress, differentiable

THIS = "Compare methods"


@pytest.fixture
def visitors(windows, url):
    """A maker of fresh visits to the tab."""
    with visits(windows, url) as fresh:

        def visit(viewport: dict = DESKTOP, **context) -> Page:
            page = fresh(viewport, **context)
            open_tab(page, THIS)
            expect(page.locator("#methods-run")).to_be_visible()
            return page

        yield visit


@pytest.fixture
def page(visitors):
    return visitors()


def choose(page: Page, *methods: str) -> None:
    for method in METHODS:
        page.locator(f"#methods-choice [value='{method}']").set_checked(method in methods)


def finished(page: Page) -> None:
    expect(page.locator("#methods-progress")).to_be_hidden()
    expect(page.locator("#methods-run")).to_be_enabled()
    expect(page.locator(".methods-verdict.pending")).to_have_count(0)
    expect(page.locator("#methods-alert")).to_be_hidden()


def run(page: Page, *methods: str) -> None:
    choose(page, *methods)
    page.locator("#methods-run").click()
    finished(page)


def card(page: Page, method: str) -> Locator:
    return page.locator(".methods-card").filter(has=page.get_by_role("heading", name=METHODS[method].label, exact=True))


# ---- side by side


def test_the_cheap_ones_are_ticked_and_the_dear_ones_say_what_they_cost(page):
    for key, method in METHODS.items():
        box = page.get_by_role("checkbox", name=re.compile(rf"^{re.escape(method.label)}( up to| 1 film|$)"))
        expect(box).to_be_checked(checked=key in CLOSED_FORMS)
        if key not in CLOSED_FORMS:
            label = page.locator("#methods-choice label").filter(has=box)
            expect(label).to_contain_text(f"up to {method.films:,} films" if method.films > 1 else "1 film")
            assert ("forwards and back" in label.text_content()) == method.gradients
    expect(page.locator("#methods-cost")).to_contain_text("7 methods")
    choose(page)
    expect(page.locator("#methods-run")).to_be_disabled()
    expect(page.locator("#methods-cost")).to_have_text("Tick a method first.")


def test_every_map_comes_with_its_words_and_figures(page):
    run(page, "evidence", "grad-cam++", "score-cam")
    expect(page.locator(".methods-card")).to_have_count(3)
    for key in ("evidence", "grad-cam++", "score-cam"):
        method, shown = METHODS[key], card(page, key)
        expect(shown.locator("canvas")).to_have_count(1)
        expect(shown).to_contain_text(method.what)
        expect(shown.get_by_role("link", name=method.paper)).to_have_attribute("href", method.link)
        texts = shown.locator("dd").all_text_contents()
        assert re.fullmatch(r"\d+", texts[0]) and re.fullmatch(r"\d+\.\d\d s", texts[1])
        assert all(re.fullmatch(r"[01]\.\d\d \(random [01]\.\d\d\)", text) for text in texts[2:4])
        assert re.fullmatch(r"[<>]?\d+ %", texts[4])
        expect(shown.locator(".methods-verdict")).to_contain_text("hiding a random one")
    expect(page.locator("#methods-cost")).to_contain_text("about")


def test_only_log_odds_share_a_scale_and_the_others_say_so(page):
    run(page, "evidence", "eigen-cam")
    expect(card(page, "evidence").locator("small")).to_contain_text("absolute scale: full colour at 0.1")
    expect(card(page, "eigen-cam").locator("small")).to_have_text(
        re.compile(r"^scaled to its own maximum, [\d.]+ activation$")
    )
    draw = "canvas => canvas.toDataURL()"
    absolute = [card(page, key).locator("canvas").evaluate(draw) for key in ("evidence", "eigen-cam")]
    page.get_by_text("Each to its own maximum").click()
    expect(card(page, "evidence").locator("small")).to_contain_text("scaled to its own maximum")
    own = [card(page, key).locator("canvas").evaluate(draw) for key in ("evidence", "eigen-cam")]
    assert own[0] != absolute[0] and own[1] == absolute[1]


def test_closed_forms_are_there_before_the_tests(page, barrier):
    page.locator("#methods-run").click()
    expect(page.locator(".methods-card canvas")).to_have_count(len(CLOSED_FORMS))
    expect(page.locator("#methods-step")).to_have_text("0 of 7 done; Evidence: testing")
    expect(card(page, "evidence")).to_contain_text("Being tested")
    expect(page.locator("#methods-pair")).to_be_visible()
    barrier.open()
    finished(page)


def test_integrated_gradients_say_that_tensorflow_is_loaded_and_can_be_cancelled(page, monkeypatch):
    """While nothing can be reported the page answers; cancelled then, the method stops after its first batch."""
    go, begun = threading.Event(), []

    def steps(subject, name):
        for done in range(1, 6):
            begun.append(done)
            time.sleep(0.5)
            yield Progress(subject.explanation.readings[name].evidence, done, 5)

    key = "integrated-gradients"
    slow = replace(METHODS[key], prepare=lambda classifier: go.wait(30), steps=steps)
    monkeypatch.setitem(METHODS, key, slow)
    monkeypatch.setattr(differentiable, "loaded", go.is_set)
    expect(page.locator("#methods-gradients")).to_contain_text("ten seconds longer, while TensorFlow is loaded")
    choose(page, "evidence", key)
    page.locator("#methods-run").click()
    expect(card(page, key)).to_contain_text("TensorFlow is being loaded")
    expect(page.locator("#methods-step")).to_have_text("1 of 2 done; Integrated gradients: loading TensorFlow")
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator("#methods-step")).to_have_text("Cancelling…")
    go.set()
    expect(page.locator("#methods-step")).to_have_text("Cancelled after 1 of 2")
    page.wait_for_timeout(500)
    assert len(begun) <= 2
    run(page, "evidence", key)
    expect(page.locator("#methods-kin")).to_contain_text("Both add up")


def test_it_follows_explain(page):
    expect(page.locator("#methods-film")).to_have_text("A square phantom")
    run(page, "evidence", "grad-cam")
    page.locator("#methods-change").click()
    page.locator("#lens-file").set_input_files(
        {"name": "mine.png", "mimeType": "", "buffer": encoded(levels(260, 350))}
    )
    expect(page.locator("#lens-about")).to_have_text("mine.png")
    page.locator("#lens-groups").get_by_text("Effusion", exact=True).click()
    open_tab(page, THIS)
    expect(page.locator("#methods-film")).to_have_text("mine.png")
    expect(page.locator("#methods-finding")).to_contain_text("Effusion")
    expect(page.locator(".methods-card canvas")).to_have_count(0)
    page.locator("#methods-run").click()
    finished(page)
    expect(card(page, "evidence").locator(".methods-verdict")).to_contain_text("effusion")


def test_a_film_that_the_model_does_not_know_is_not_drawn_on_unasked(page):
    page.locator("#methods-change").click()
    page.locator("#lens-models").get_by_text("Strict", exact=True).click()
    open_tab(page, THIS)
    expect(page.locator("#methods-empty")).to_contain_text("does not look like a frontal chest X-ray")
    expect(page.locator("#methods-run")).to_be_hidden()


# ---- two of them


def clips(page: Page) -> list[str]:
    canvases = page.locator(".methods-stage canvas")
    return canvases.evaluate_all("all => all.map((canvas) => getComputedStyle(canvas).clipPath)")


def test_two_maps_are_wiped_with_the_mouse(page):
    run(page, "evidence", "grad-cam")
    box = settled(page).locator(".methods-stage .lens-plate").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 4, box["y"] + box["height"] / 2, steps=4)
    page.mouse.up()
    edge = settled(page).locator(".methods-edge").bounding_box()
    assert edge["x"] + edge["width"] / 2 == pytest.approx(box["x"] + box["width"] / 4, abs=box["width"] / 90)
    share = int(page.locator("#methods-wipe").input_value())
    assert share == pytest.approx(25, abs=1)
    assert [re.findall(r"[\d.]+%", clip) for clip in clips(page)] == [[f"{100 - share}%"], [f"{share}%"]]


def test_two_maps_are_wiped_with_the_keyboard_and_said_aloud(page):
    run(page, "evidence", "grad-cam")
    slider = page.get_by_role("slider", name="Wipe between Evidence on the left and Grad-CAM on the right")
    slider.focus()
    for key in ("Home", "ArrowRight", "ArrowRight"):
        page.keyboard.press(key)
    expect(slider).to_have_attribute("aria-valuetext", "2 % Evidence, 98 % Grad-CAM")
    # Another map, and the slider keeps its place and its focus.
    page.locator("#methods-right").select_option("evidence")
    expect(page.locator("#methods-correlation")).to_contain_text("One map on both sides")
    expect(slider).to_have_count(0)
    expect(page.locator("#methods-wipe")).to_have_value("2")


def test_two_maps_are_wiped_with_a_finger(visitors):
    page = visitors(PHONE, has_touch=True, is_mobile=True)
    run(page, "evidence", "grad-cam")
    page.locator(".methods-stage").scroll_into_view_if_needed()
    box = settled(page).locator(".methods-stage .lens-plate").bounding_box()
    page.touchscreen.tap(box["x"] + 0.8 * box["width"], box["y"] + box["height"] / 2)
    expect(page.locator("#methods-wipe")).to_have_value(re.compile("^(78|79|80|81|82)$"))


def test_it_says_where_two_methods_coincide_and_how_alike_maps_are(page):
    run(page, "evidence", "grad-cam", "hires-cam", "eigen-cam")
    expect(page.locator("#methods-kin")).to_contain_text("positive part of the evidence, exactly")
    page.locator("#methods-right").select_option(label="HiResCAM")
    expect(page.locator("#methods-kin")).to_contain_text("Two names for one map")
    expect(page.locator("#methods-correlation")).to_have_text("Rank correlation 1.00.")
    one, other = page.locator(".methods-stage canvas").evaluate_all("all => all.map((canvas) => canvas.toDataURL())")
    assert one == other
    page.locator("#methods-left").select_option(label="Eigen-CAM")
    expect(page.locator("#methods-kin")).to_have_text("")
    expect(page.locator("#methods-correlation")).to_have_text(re.compile(r"^Rank correlation −?[01]\.\d\d\.$"))
    expect(page.locator(".methods-badge.left")).to_have_text("Eigen-CAM")


def test_the_two_stay_in_sight_beside_the_others(page, barrier):
    page.locator("#methods-run").click()
    expect(page.locator("#methods-pair")).to_be_visible()
    card(page, "eigen-cam").scroll_into_view_if_needed()
    assert settled(page).evaluate("scrollY") > 400
    assert page.locator("#methods-wipe").bounding_box()["y"] > 0


# ---- keyboard, cancelled, many at once


def test_everything_can_be_done_with_the_keyboard(page):
    choose(page, "evidence")
    page.locator("#methods-choice [value=evidence]").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    for _ in range(len(METHODS) + 2):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "methods-run":
            break
    page.keyboard.press("Enter")
    finished(page)
    expect(page.locator(".methods-card canvas")).to_have_count(2)


def test_a_cancelled_run_stops_and_keeps_what_was_drawn(page, barrier):
    page.locator("#methods-run").click()
    expect(page.locator("#methods-step")).to_contain_text("testing")
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator("#methods-step")).to_have_text("Cancelling…")
    barrier.let_until(partial(expect(page.locator("#methods-run")).to_be_enabled, timeout=1000), most=20)
    expect(page.locator("#methods-step")).to_have_text("Cancelled after 0 of 7")
    expect(page.locator(".methods-card canvas")).to_have_count(len(CLOSED_FORMS))
    looks = barrier.looks
    barrier.let(10)
    page.wait_for_timeout(1300)
    assert barrier.looks <= looks + 1  # one may have been on its way
    expect(page.locator("#methods-alert")).to_be_hidden()
    barrier.open()
    run(page, "evidence")


def test_the_line_is_the_laboratory_s_own(visitors, barrier):
    first, second = visitors(), visitors()
    choose(first, "evidence")
    first.locator("#methods-run").click()
    expect(first.locator("#methods-step")).to_contain_text("testing")
    open_tab(second, "Test the map")
    second.locator("#lab-run").click()
    expect(second.locator("#lab-step")).to_have_text("Waiting: 1 other experiment goes first")
    barrier.open()
    finished(first)
    expect(second.locator("#lab-verdict")).to_have_text(re.compile(r"\.$"))


def test_a_visitor_who_leaves_stops_his_run(visitors, barrier):
    leaver, other = visitors(), visitors()
    leaver.locator("#methods-run").click()
    expect(leaver.locator("#methods-step")).to_contain_text("testing")
    leaver.close()
    choose(other, "evidence")
    other.locator("#methods-run").click()
    # Before the first of his seven methods has been tested.
    barrier.let_until(partial(expect(card(other, "evidence")).to_contain_text, "Being tested", timeout=1000), most=20)
    barrier.open()
    finished(other)


# ---- the page


@pytest.mark.parametrize("viewport", [DESKTOP, PROJECTOR, PHONE], ids=["desktop", "projector", "phone"])
def test_nothing_sticks_out(visitors, viewport):
    page = visitors(viewport)
    run(page, "evidence", "grad-cam", "ablation-cam")
    fits(page, ".methods :is(figure, dl, canvas, fieldset, p, dd, button, select, article)")


def test_every_control_has_a_name(page):
    run(page, "evidence", "grad-cam")
    unnamed = """() => [...document.querySelectorAll('.methods :is(input, button, img, canvas, progress, select)')]
      .filter((node) => {
        const words = node.alt || node.textContent || node.ariaLabel || node.closest('label')?.textContent;
        return !words?.trim() && !node.ariaHidden && !node.hidden;
      }).map((node) => node.outerHTML)"""
    assert page.evaluate(unnamed) == []
