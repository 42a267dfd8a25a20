"""The Evidence about the evidence tab as HTML: every figure where it belongs, the best marked by weight."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from types import SimpleNamespace

import pytest
from tests import measured

from ui import evidence
from ui.measures import MEASURES
from ui.record import UNMEASURED, Record

FINDINGS = {name: SimpleNamespace(label=name.title()) for name in ("cardiomegaly", "effusion", "edema")}


def classifier(title: str, version: str = "1"):
    return SimpleNamespace(title=title, version=version, findings=FINDINGS)


CLASSIFIERS = {"guided": classifier("Guided <one>"), "plain": classifier("Plain")}


@pytest.fixture
def report() -> dict:
    return measured.report({"guided": "1", "plain": "1"})


class Rows(HTMLParser):
    """Rows of the tables in some HTML, by the first cell: the other cells' text, with ``*`` around what is bold."""

    def __init__(self, text: str):
        super().__init__()
        self.rows: dict[str, list[str]] = {}
        self._row: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        if tag == "tr":
            self._row = []
        elif tag in ("td", "th"):
            self._row.append("")
        elif tag in ("b", "small") and self._row:
            self._row[-1] += "*" if tag == "b" else "|"

    def handle_endtag(self, tag):
        if tag == "b" and self._row:
            self._row[-1] += "*"
        if tag == "tr":
            self.rows.setdefault(self._row[0], self._row[1:])

    def handle_data(self, data):
        if self._row:
            self._row[-1] += data


def shown(report: dict, classifiers: dict = CLASSIFIERS) -> str:
    return evidence.page(classifiers, Record(report))


def table(report: dict, model: str = "guided") -> dict[str, list[str]]:
    """The rows of one checkpoint's table."""
    (section,) = re.findall(rf'<section data-model="{model}".*?</section>', shown(report), re.DOTALL)
    return Rows(section).rows


def column(title: str) -> int:
    return [measure.guide.title for measure in MEASURES].index(title)


def test_without_a_report_the_page_says_so():
    assert UNMEASURED in shown({})
    assert "<table" not in shown({})


def test_a_version_that_was_not_measured_is_said_beside_those_that_were(report):
    report["models"]["plain"]["version"] = "0"
    text = shown(report)
    assert f'data-model="plain" hidden><p>{UNMEASURED}' in text
    assert "for plain" not in text and "59 % of the time for guided" in text


def test_every_figure_stands_in_its_place(report):
    row = table(report)["LayerCAM"]
    assert row == [
        "52 %|47–57", "31 %|26–36", "0.26|0.21–0.31", "1.04|0.99–1.09|random 0.10", "76 %|71–81", "−2.60|−2.65 to −2.55",
        "−2.48|−2.53 to −2.43", "*0.90, best*|0.85–0.95", "*0.20, best*|0.15–0.25|all weights 0.10", "1", "0.08 s",
    ]  # fmt: skip
    assert table(report, "plain")["LayerCAM"][0] == "26 %|21–31"


def test_the_best_of_the_methods_are_marked_by_weight_ties_included(report):
    rows = table(report)
    for title in ("Hottest point in box", "Fall when hidden", "Deletion", "Insertion"):
        best = [label for label, row in rows.items() if len(row) == len(MEASURES) + 2 and "best*" in row[column(title)]]
        assert best == ["Evidence", "Grad-CAM", "HiResCAM"] or best == ["Evidence", "HiResCAM", "Grad-CAM"], title


def test_less_is_better_where_the_column_says_so(report):
    report["models"]["guided"]["methods"]["eigen-cam"]["deletion"] = measured.mean(32, log_odds=-9.0)
    rows = table(report)
    assert rows["Eigen-CAM"][column("Deletion")].startswith("*−9.00")
    assert "best" not in rows["Evidence"][column("Deletion")]
    assert "best" not in rows["Eigen-CAM"][column("Shuffled twin")]


def test_fewer_films_are_said_and_do_not_win(report):
    report["models"]["guided"]["methods"]["layer-cam"]["localisation"] = measured.mean(8, argmax_in_box=0.99)
    rows = table(report)
    assert rows["LayerCAM"][0] == "99 %|94–104|8 films"
    assert rows["Evidence"][0].startswith("*59 %")


def test_baselines_stand_apart_and_are_never_the_best(report):
    report["models"]["guided"]["methods"]["centre"]["localisation"]["argmax_in_box"] = 0.99
    rows = table(report)
    labels = list(rows)
    assert labels.index("What a map must beat") < min(labels.index(label) for label, _ in measured.BASELINES.values())
    assert max(labels.index(label) for label in ("Evidence", "Eigen-CAM")) < labels.index("What a map must beat")
    assert not any("best" in cell for label, _ in measured.BASELINES.values() for cell in rows[label])


def test_what_was_not_measured_is_a_dash(report):
    methods = report["models"]["guided"]["methods"]
    methods["eigen-cam"] = {"label": "Eigen-CAM", "baseline": False, "hide": None}
    assert table(report)["Eigen-CAM"] == ["—"] * (len(MEASURES) + 2)
    assert table(report)["Chance"][column("Stability")] == "—"


def test_the_evidence_s_hottest_point_is_shown_by_finding(report):
    rows = Rows(shown(report)).rows
    assert rows["Cardiomegaly"] == ["20", "", "100 %", "100 %", "16 %"]
    assert rows["All of them"] == ["190", "", "59 %", "30 %", "8 %"]
    assert "Edema" not in rows


def test_words_from_the_report_and_the_manifest_are_text(report):
    report["models"]["guided"]["methods"]["evidence"]["label"] = "<i>x</i>"
    text = shown(report)
    assert "<i>x</i>" not in text and "<i>x</i>" in Rows(text).rows
    assert "&lt;beside&gt;" in text and "Guided &lt;one&gt;" in text and "<one>" not in text


def test_every_column_is_explained_with_its_paper(report):
    text = shown(report)
    for measure in MEASURES:
        guide = measure.guide
        assert text.count(f"<h4>{guide.title}</h4>") == 1
        for sentence in (guide.asks, guide.read, guide.cannot):
            assert sentence in text and re.fullmatch(r"[^.?!]+(\.\d[^.?!]*)*[.?]( .*[.?])?", sentence), sentence
        assert guide.link.startswith("https://") and f'href="{guide.link}"' in text and guide.paper in text
    assert text.count("more is better") + text.count("less is better") == len(MEASURES) * len(CLASSIFIERS)
