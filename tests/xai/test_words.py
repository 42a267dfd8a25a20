"""Sums that add up as printed, and words that follow from the numbers."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from xai import evidence as maps
from xai import words
from xai.classifier import Finding, Foreign
from xai.explain import Reading
from xai.gate import Verdict
from xai.geometry import place

ADULT = Finding("pneumonia", "Pneumonia (adults)", "adult", 0.41, "85 % sensitivity", (0.3, 0.55))
CHILD = replace(ADULT, name="pneumonia_child", label="Pneumonia (children)", population="child")
SQUARE = place(299, 299, 299).grid_extent(17)


def reading(
    evidence: np.ndarray, bias: float, reference: np.ndarray | None = None, finding: Finding = ADULT
) -> Reading:
    logit = maps.logit(evidence, bias)
    reference = np.zeros_like(evidence) if reference is None else reference
    return Reading(finding, logit, bias, maps.probability(logit), evidence, reference)


def likely(probability: float, evidence: np.ndarray | None = None) -> Reading:
    evidence = np.zeros((17, 17), np.float32) if evidence is None else evidence
    return replace(reading(evidence, 0.0), probability=probability)


def caution(finding: Finding, gate: Verdict, **others: Reading) -> str:
    """On a film with this finding, and others."""
    shown = {finding.name: reading(np.zeros((17, 17), np.float32), 0.0, finding=finding), **others}
    return words.caution(SimpleNamespace(readings=shown, gate=gate), finding.name)


def spot(x: float, y: float, value: float = 1.0) -> np.ndarray:
    """Evidence in the one cell that lies at a place on a square film."""
    x0, y0, x1, y1 = SQUARE
    values = np.zeros((17, 17), np.float32)
    values[int((y - y0) / (y1 - y0) * 17), int((x - x0) / (x1 - x0) * 17)] = value
    return values


def test_the_line_reads_as_the_readme_says():
    evidence = np.array([[4.02, -0.55]], np.float32)
    line = words.adds_up(reading(evidence, -2.31))
    assert line == "bias −2.31 + evidence for +4.02 − evidence against 0.55 = logit 1.16 → 76 %"


def test_with_the_reference_the_line_starts_from_the_normal_film():
    evidence, reference = np.array([[4.02, -0.55]], np.float32), np.array([[0.5, -1.09]], np.float32)
    line = words.adds_up(reading(evidence, -2.31, reference), reference=True)
    assert line == "typical normal film −2.90 + more than it +4.06 − less than it 0.00 = logit 1.16 → 76 %"


maps_ = arrays.arrays(np.float32, (4, 4), elements=st.floats(-3, 3, width=32))


@given(evidence=maps_, reference=maps_, bias=st.floats(-9, 9), relative=st.booleans())
def test_the_line_adds_up_as_printed_and_stays_within_two_hundredths(evidence, reference, bias, relative):
    film = reading(evidence, bias, reference)
    line = words.adds_up(film, relative)
    start, more, less, logit = (
        Decimal(figure.replace("−", "-")) for figure in re.findall(r"[−+]?\d+\.\d\d(?! %)", line)
    )
    assert start + more - less == logit
    assert more >= 0
    assert less >= 0
    assert "-" not in line
    values, expected = film.above_reference() if relative else (evidence, bias)
    exact = [expected, maps.sides(values)[0], -maps.sides(values)[1]]
    assert np.abs(np.array([start, more, less], float) - exact).max() < 0.02
    assert float(logit) == pytest.approx(film.logit, abs=0.00501)


@pytest.mark.parametrize(
    ("probability", "text"),
    [(0, "<1 %"), (0.004, "<1 %"), (0.011, "1 %"), (0.76, "76 %"), (0.994, "99 %"), (0.9951, ">99 %"), (1, ">99 %")],
)
def test_per_cent_never_claims_certainty(probability, text):
    assert words.percent(probability) == text


@pytest.mark.parametrize(
    ("probability", "strength"),
    [(0, "little"), (0.299, "little"), (0.3, "unsure"), (0.549, "unsure"), (0.55, "some"), (0.709, "some"),
     (0.71, "moderate"), (0.907, "moderate"), (0.908, "strong"), (1, "strong")],
)  # fmt: skip
def test_strength_follows_from_the_unsure_zone(probability, strength):
    assert words.strength(probability, ADULT) == strength


@pytest.mark.parametrize(
    ("x", "y", "zone"),
    [
        (0.58, 0.65, "over the heart"),
        (0.25, 0.2, "over the right upper lung zone"),
        (0.25, 0.48, "over the right middle lung zone"),
        (0.25, 0.75, "over the right lower lung zone"),
        (0.75, 0.2, "over the left upper lung zone"),
        (0.82, 0.48, "over the left middle lung zone"),
        (0.82, 0.75, "over the left lower lung zone"),
        (0.08, 0.93, "outside the lungs and the heart"),
    ],
)
def test_evidence_is_placed_in_its_zone(x, y, zone):
    found = words.shares(spot(x, y) - spot(0.3, 0.3), SQUARE)
    assert found[zone] == pytest.approx(1)
    assert sum(found.values()) == pytest.approx(1)
    assert words.location(spot(x, y), SQUARE) == f"mostly {zone}"


def test_zones_lie_on_the_film_and_not_on_the_canvas():
    """On a portrait film, letter-boxed with black at the sides, the heart's column is another cell of the grid."""
    portrait = place(400, 200, 299).grid_extent(17)
    x0, y0, x1, y1 = portrait
    values = np.zeros((17, 17), np.float32)
    values[int((0.65 - y0) / (y1 - y0) * 17), int((0.58 - x0) / (x1 - x0) * 17)] = 1
    assert words.location(values, portrait) == "mostly over the heart"


def test_location_names_two_zones_or_none():
    two = spot(0.58, 0.65, 0.4) + spot(0.25, 0.2, 0.3) + spot(0.82, 0.75, 0.2) + spot(0.82, 0.48, 0.1)
    assert words.location(two, SQUARE) == "mostly over the heart and over the right upper lung zone"
    left = spot(0.82, 0.75, 2) + spot(0.82, 0.48, 2) + spot(0.25, 0.2)
    assert words.location(left, SQUARE) == "mostly over the left middle and lower lung zones"
    lower = spot(0.82, 0.75, 2) + spot(0.25, 0.75, 2.1) + spot(0.25, 0.2)
    assert words.location(lower, SQUARE) == "mostly over both lower lung zones"
    places = [(0.58, 0.65), (0.25, 0.2), (0.25, 0.48), (0.25, 0.75), (0.82, 0.2), (0.82, 0.75)]
    assert words.location(sum(spot(*place_) for place_ in places), SQUARE) == "spread over the film"
    assert words.location(spot(0.5, 0.5, -1), SQUARE) == "no positive evidence on the map"


def test_one_line_per_finding():
    heart = spot(0.58, 0.65)
    assert words.plain(likely(0.8, heart), SQUARE) == "evidence for pneumonia: moderate, mostly over the heart"
    assert words.plain(likely(0.1, heart), SQUARE) == "evidence for pneumonia: little"
    assert words.plain(likely(0.4, heart), SQUARE) == "evidence for pneumonia: unsure, mostly over the heart"


def test_outputs_of_the_other_population_are_marked():
    assert words.mismatch(ADULT, Verdict(True, "adult", 0.5)) == ""
    mark = words.mismatch(CHILD, Verdict(True, "adult", 0.5))
    assert mark == "trained on children aged 1–5; this film looks like an adult’s"


def test_the_mark_comes_with_the_figure_that_shows_why_it_matters():
    child, adult = Verdict(True, "child", 0.5), Verdict(True, "adult", 0.5)
    measured = replace(ADULT, foreign=Foreign(250, 0.876, 0.394))
    figure = "of 250 normal films of children, 88 % reach this operating point; of adults, 39 %"
    assert words.reach(measured, child) == figure
    assert caution(measured, child) == f"trained on adults; this film looks like a small child’s: {figure}"
    assert words.reach(measured, adult) == caution(measured, adult) == ""
    assert words.reach(ADULT, child) == ""
    assert caution(ADULT, child) == words.mismatch(ADULT, child)
    bacterial = replace(CHILD, name="bacterial_child", label="Bacterial rather than viral (children)")
    less, more = (replace(likely(0.5), finding=CHILD, logit=logit) for logit in (-2.2, 2.2))
    premise = "means something only with pneumonia, whose operating point this film does not reach"
    assert caution(bacterial, child, pneumonia_child=less) == premise
    assert caution(bacterial, child, pneumonia_child=more) == ""
    assert caution(bacterial, adult, pneumonia_child=less) == f"{words.mismatch(CHILD, adult)}; {premise}"
    none = replace(ADULT, foreign=Foreign(250, 0.0, 0.22))
    assert words.reach(none, child).startswith("of 250 normal films of children, <1 % reach")
