"""How good the maps are over all films, as a visitor meets it in headless Chromium: the tab, and beside single maps."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from tests import measured
from tests import page as served
from tests.browser import DESKTOP, PHONE, fits, open_tab, settled, visits

THIS = "Evidence about the evidence"


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    """A page whose checkpoints have been measured."""
    folder = tmp_path_factory.mktemp("evidence")
    maps = measured.write(folder / "maps.json", {"guided": "1.0-test", "strict": "1.0-test"})
    with served.serving(served.write(folder / "weights"), served.films(folder / "examples"), maps) as address:
        yield address


@pytest.fixture
def visit(windows, url):
    """A maker of fresh visits."""
    with visits(windows, url) as fresh:
        yield fresh


def section(page: Page, model: str) -> Locator:
    return page.locator(f"#evidence section[data-model={model}]")


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_all_tabs_are_in_sight(visit, viewport):
    page = visit(viewport)
    names = ["Explain", "Test the map", "Compare methods", THIS, "How to read it"]
    expect(page.get_by_role("tab").locator("visible=true")).to_have_text(names)
    fits(page, "[role=tab]")


def test_the_tab_opens_with_the_findings_and_one_checkpoint_s_table(visit):
    page = visit()
    open_tab(page, THIS)
    expect(page.locator(".evidence-upshot li")).to_have_count(2)
    expect(page.locator(".evidence-upshot")).to_contain_text("59 % of the time for guided")
    expect(section(page, "guided").get_by_role("rowheader", name="Edge detector")).to_be_visible()
    expect(section(page, "strict")).to_be_hidden()


def test_the_best_figure_is_heavier_than_its_neighbours(visit):
    page = visit()
    open_tab(page, THIS)
    cells = section(page, "guided").locator("tbody tr td:nth-child(2)")
    weight = "cell => Number(getComputedStyle(cell.querySelector('b') ?? cell).fontWeight)"
    assert cells.filter(has_text="59 %").first.evaluate(weight) >= 700
    assert cells.filter(has_text="52 %").evaluate(weight) == 400


def test_another_checkpoint_is_an_arrow_key_away(visit):
    page = visit()
    open_tab(page, THIS)
    page.get_by_role("radio", name="Guided").locator("visible=true").focus()
    page.keyboard.press("ArrowRight")
    expect(section(page, "strict")).to_be_visible()
    expect(section(page, "guided")).to_be_hidden()
    expect(section(page, "strict").get_by_role("row", name="LayerCAM")).to_contain_text("26 %")


def test_it_follows_the_model_that_explain_shows(visit):
    page = visit()
    page.locator("#lens-models").get_by_text("Strict", exact=True).click()
    open_tab(page, THIS)
    expect(section(page, "strict")).to_be_visible()
    page.locator("#evidence").get_by_text("Guided", exact=True).click()
    expect(section(page, "guided")).to_be_visible()


def test_on_a_phone_the_table_scrolls_in_its_own_box_and_names_stay(visit):
    page = visit(PHONE)
    open_tab(page, THIS)
    box = section(page, "guided").locator(".evidence-scroll")
    expect(box).to_be_visible()
    fits(page, ".lens-evidence > *")
    assert box.evaluate("box => box.scrollWidth > box.clientWidth + 200")
    row = box.get_by_role("row", name="LayerCAM")
    places = "row => ['th', 'td'].map(cell => row.querySelector(cell).getBoundingClientRect().x)"
    name, figure = row.evaluate(places)
    box.focus()
    box.evaluate("box => (box.scrollLeft = 300)")
    settled(page)
    assert name >= 0
    assert row.evaluate(places) == [name, pytest.approx(figure - 300, abs=1)]


# ---- beside a single map


def test_explain_says_how_good_such_maps_are(visit):
    page = visit()
    line = page.locator("#lens-measured")
    expect(line).to_have_text(
        "On 20 validation films with radiologists’ boxes for cardiomegaly, the hottest point lay in the box 100 % of the "
        "time (a random cell: 16 %)."
    )
    page.locator("#lens-groups").get_by_text("Effusion", exact=True).click()
    expect(line).to_contain_text("Boxes for effusion on only 8 validation films; over all 190 boxed findings")
    page.get_by_text("Beyond normal", exact=True).click()
    expect(line).to_contain_text("That was the map of all evidence.")
    page.locator("#lens-groups").get_by_text("Findings in children").click()
    page.locator("#lens-groups").get_by_text("Pneumonia", exact=True).click()
    expect(line).to_contain_text("No radiologist drew boxes on children’s films")


def test_a_film_that_the_model_does_not_know_gets_no_such_line(visit):
    page = visit()
    page.locator("#lens-models").get_by_text("Strict", exact=True).click()
    expect(page.locator("#lens-measured")).to_have_text("")
    page.get_by_role("button", name="Show the numbers all the same").click()
    expect(page.locator("#lens-measured")).to_contain_text("radiologists’ boxes")


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize(
    ("experiment", "columns"),
    [
        ("meter", ["", "on this film", "spread evenly", "mean of 501 films"]),
        ("compare", ["", "guided", "mean of 501 films", "strict", "mean of 501 films"]),
    ],
)
def test_the_laboratory_puts_the_mean_over_all_films_beside_this_one(visit, experiment, columns, viewport):
    page = visit(viewport)
    open_tab(page, "Test the map")
    page.locator(f"#lab-experiments input[value={experiment}]").check()
    page.locator("#lab-run").click()
    table = page.locator("#lab-result .lab-table")
    expect(table.locator("thead th")).to_have_text(columns)
    heart = table.get_by_role("row", name="over the heart").locator("td")
    expect(heart.nth(len(columns) - 2)).to_have_text("61 %")
    expect(page.locator("#lab-progress")).to_be_hidden()
    fits(page, "#lab-result .lab-table")


def test_a_finding_that_was_not_measured_gets_no_mean(visit):
    page = visit()
    page.locator("#lens-groups").get_by_text("Effusion", exact=True).click()
    open_tab(page, "Test the map")
    page.locator("#lab-experiments input[value=meter]").check()
    page.locator("#lab-run").click()
    columns = page.locator("#lab-result .lab-table thead th")
    expect(columns).to_have_text(["", "on this film", "spread evenly"])


def test_every_method_is_shown_with_its_own_figure(visit):
    page = visit()
    open_tab(page, "Compare methods")
    page.locator("#methods-run").click()
    cards = page.locator(".methods-card")
    expect(cards.locator("canvas")).to_have_count(7)
    expect(cards.filter(has_text="LayerCAM").locator(".methods-record").first).to_contain_text("lay in the box 52 %")
    expect(cards.filter(has_text="HiResCAM").locator(".methods-record").first).to_contain_text("lay in the box 59 %")
