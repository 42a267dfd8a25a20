"""What was measured over all films, and what is said of it beside one map."""

from __future__ import annotations

import json

import pytest
from tests import measured

from ui.record import UNMEASURED, Figure, Record, load
from xai.classifier import Finding


def finding(name: str, label: str | None = None, population: str = "adult") -> Finding:
    return Finding(name, label or name.title(), population, 0.4, "85 % sensitivity", (0.3, 0.5))


@pytest.fixture
def record(tmp_path) -> Record:
    return load(measured.write(tmp_path / "maps.json", {"guided": "2", "plain": "2"}))


@pytest.mark.parametrize("content", [None, "", "no JSON", "[]", '{"models": []}', '{"models": {"guided": 3}}'])
def test_no_report_is_an_empty_record(tmp_path, content):
    path = tmp_path / "maps.json"
    if content is not None:
        path.write_text(content)
    record = load(path)
    assert record.of("guided", "2") is None
    assert record.beside("guided", "2", finding("cardiomegaly")) == UNMEASURED
    assert record.meter("guided", "2", "cardiomegaly") is None
    assert record.sentence("guided", "2", "evidence") == ""


def test_another_version_of_a_checkpoint_has_not_been_measured(record):
    assert record.of("guided", "2") is not None
    assert record.of("guided", "3") is None
    assert record.of("small", "2") is None
    assert record.beside("guided", "3", finding("cardiomegaly")) == UNMEASURED
    assert record.meter("guided", "3", "cardiomegaly") is None
    assert record.sentence("guided", "3", "evidence") == ""


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (
            finding("cardiomegaly"),
            (
                "On 20 validation films with radiologists’ boxes for cardiomegaly, the hottest point lay in the box 100 % "
                "of the time (a random cell: 16 %)."
            ),
        ),
        (
            finding("effusion"),
            (
                "Boxes for effusion on only 8 validation films; over all 190 boxed findings the hottest point lay in the "
                "box 59 % of the time (a random cell: 8 %)."
            ),
        ),
        (
            finding("edema", "Oedema"),
            (
                "No boxes for oedema; over all 190 boxed findings the hottest point lay in the box 59 % of the time (a "
                "random cell: 8 %)."
            ),
        ),
        (
            finding("pneumonia_child", "Pneumonia (children)", "child"),
            "No radiologist drew boxes on children’s films: whether this map points to the right place is not known.",
        ),
    ],
)
def test_one_sentence_stands_beside_a_map(record, asked, said):
    assert record.beside("guided", "2", asked) == said


def test_without_the_figure_over_all_findings_nothing_is_claimed(record):
    del record.report["models"]["guided"]["findings"]["all"]
    assert record.beside("guided", "2", finding("edema")) == UNMEASURED
    record.report["models"]["guided"]["findings"] = None
    assert record.beside("guided", "2", finding("cardiomegaly")) == UNMEASURED


def test_each_checkpoint_has_its_own_figures(record):
    assert "59 %" in record.beside("guided", "2", finding("edema"))
    assert "30 %" in record.beside("plain", "2", finding("edema"))


def test_the_meter_comes_with_its_films(record):
    mean = record.meter("guided", "2", "cardiomegaly")
    assert (mean["films"], mean["border"], mean["heart"]) == (501, 0.05, 0.61)
    assert record.meter("guided", "2", "mass") is None


def test_a_method_s_sentence_gives_what_was_measured(record):
    assert record.sentence("guided", "2", "layer-cam") == (
        "On 190 boxed findings its hottest point lay in the box 52 % of the time (a random cell: 8 %); on 32, hiding its "
        "hottest tenth changed the logit by −1.04, hiding random regions by −0.10."
    )
    methods = record.report["models"]["guided"]["methods"]
    methods["layer-cam"]["localisation"] = None
    assert record.sentence("guided", "2", "layer-cam").startswith("On 32, hiding its hottest tenth")
    methods["layer-cam"]["hide"] = None
    assert record.sentence("guided", "2", "layer-cam") == ""
    assert record.sentence("guided", "2", "rise") == ""


def test_hirescam_is_the_evidence_and_needs_no_figures_of_its_own(record):
    del record.report["models"]["guided"]["methods"]["hires-cam"]
    assert record.sentence("guided", "2", "hires-cam") == record.sentence("guided", "2", "evidence") != ""


def test_figures_that_are_no_numbers_are_not_there(record):
    one = record.of("guided", "2")
    block = one.tree["methods"]["evidence"]["localisation"]
    assert one.of_method("evidence", "localisation", "iou") == Figure(
        0.295, 190, (pytest.approx(0.245), pytest.approx(0.345))
    )
    block["iou_interval"] = None
    assert one.of_method("evidence", "localisation", "iou").interval is None
    for value in (None, "0.3", True, float("nan"), json.loads("Infinity")):
        block["iou"] = value
        assert one.of_method("evidence", "localisation", "iou") is None
    assert one.of_method("evidence", "nothing", "iou") is None


def test_clearly_above_means_that_the_intervals_lie_apart():
    low, high = Figure(0.2, 9, (0.1, 0.3)), Figure(0.5, 9, (0.31, 0.7))
    assert high.clearly_above(low) and not low.clearly_above(high)
    assert not high.clearly_above(Figure(0.2, 9, (0.1, 0.31)))
    assert not high.clearly_above(Figure(0.2, 9)) and not Figure(0.5, 9).clearly_above(low)
