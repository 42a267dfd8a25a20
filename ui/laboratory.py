"""The Test the map tab, and the ``/test`` endpoint of the API."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr

from ui.asking import ONE_LINE, RequestError, one_of, wire
from ui.examples import Example
from ui.experiments import EXPERIMENTS, compare_answers
from ui.incoming import film_of, received
from ui.record import Record
from ui.scene import constants
from xai import radiograph
from xai.classifier import Classifier
from xai.errors import Mendable
from xai.explain import Explanation, explain
from xai.foremost import foremost
from xai.lab import report
from xai.lab.fills import DEFAULT, FILLS
from xai.lab.guide import GUIDES
from xai.lab.regions import LARGEST, SMALLEST
from xai.lab.report import Report, Settings
from xai.lab.subject import Subject
from xai.radiograph import Radiograph

STATIC = Path(__file__).parent / "static"
SCRIPTS = ("overlay.js", "nodes.js", "film.js", "asking.js", "cells.js", "plots.js", "laboratory.js")

# Cells of a grid are few; a longer list was not made by the page.
MOST_CELLS = 10_000


@dataclass(frozen=True)
class Request:
    """An experiment asked for, checked as far as can be without the film.

    Attributes:
        classifier: whose map is tested.
        finding: its name; None for the foremost.
        experiment: key of :data:`~xai.lab.guide.GUIDES`.
        settings: of the experiment.
        other: checkpoint to compare with; None where the experiment compares none.
    """

    classifier: Classifier
    finding: str | None
    experiment: str
    settings: Settings
    other: Classifier | None

    def name(self, explanation: Explanation) -> str:
        """Of the finding, for one film.

        Raises:
            RequestError: the checkpoint to compare with does not know it.
        """
        name = self.finding or foremost(explanation)
        if self.other is not None and name not in self.other.findings:
            raise RequestError(f"{self.other.name} does not know {name}: choose a finding that both models know")
        return name


def checked(
    classifiers: dict[str, Classifier],
    model: object,
    finding: object,
    experiment: object,
    share: object,
    fill: object,
    cells: object = (),
    against: object = "",
) -> Request:
    """What the page or a program sent → what is to be done.

    Args:
        classifiers: by name.
        model, finding, experiment: names; an empty finding stands for the foremost.
        share: of the film to hide, in per cent.
        fill: key of :data:`~xai.lab.fills.FILLS`.
        cells: ``[row, column]`` of cells to hide instead of the hottest.
        against: name of the checkpoint to compare with; empty for the first other one.

    Raises:
        RequestError: anything else than that.
    """
    classifier = classifiers[one_of(classifiers, model, "model")]
    name = None if finding in ("", None) else one_of(classifier.findings, finding, "finding")
    chosen = one_of(GUIDES, experiment, "experiment")
    other = None
    if chosen == "compare":
        others = {key: one for key, one in classifiers.items() if one is not classifier}
        if not others:
            raise RequestError("there is only one model here: choose an experiment that needs no other")
        other = others[one_of(others, against or next(iter(others)), "model to compare with")]
    if isinstance(share, bool) or not isinstance(share, (int, float)) or not math.isfinite(share):
        raise RequestError(f"how much to hide is no number: give {100 * SMALLEST:g} to {100 * LARGEST:g} per cent")
    if not isinstance(cells, (list, tuple)) or len(cells) > MOST_CELLS or not all(map(_is_cell, cells)):
        raise RequestError("the cells are no list of [row, column]: mark them on the film")
    settings = Settings(share / 100, tuple((row, column) for row, column in cells), one_of(FILLS, fill, "fill"))
    return Request(classifier, name, chosen, settings, other)


def _is_cell(cell: object) -> bool:
    return isinstance(cell, (list, tuple)) and len(cell) == 2 and all(type(part) is int for part in cell)


def tab(classifiers: dict[str, Classifier], examples: list[Example], record: Record) -> None:
    """Lay out the tab inside the current Blocks."""

    def run(given: dict[str, Any]) -> Iterator[dict]:
        wanted = ("model", "finding", "experiment", "share", "fill", "cells", "against")
        request = checked(classifiers, *(given.get(key) for key in wanted))
        yield from answers(request, film_of(given.get("film"), examples))

    # Says how long the line is, in Gradio's words; empty otherwise.
    line = gr.HTML("", elem_id="lab-line", apply_default_css=False)
    page = gr.HTML(
        value={},
        html_template=(STATIC / "laboratory.html").read_text(encoding="utf-8"),
        js_on_load="\n".join((STATIC / script).read_text(encoding="utf-8") for script in SCRIPTS),
        apply_default_css=False,
        elem_id="laboratory",
        guides={key: asdict(guide) for key, guide in GUIDES.items() if key != "compare" or len(classifiers) > 1},
        fills={key: fill.label for key, fill in FILLS.items()},
        shares=[round(100 * SMALLEST), round(100 * LARGEST)],
        **constants(classifiers, record),
    )
    wire(page, line, run, "lab-ended")
    _endpoint(classifiers)


def answers(request: Request, film: Radiograph) -> Iterator[dict]:
    """Run an experiment for the page, step by step.

    Raises:
        RegionError, RequestError: it cannot be done on this film; one sentence.
    """
    explanation = explain(request.classifier, film)
    name = request.name(explanation)
    if request.other is not None:
        yield from compare_answers(explanation, explain(request.other, film), name)
    else:
        subject = Subject.of(request.classifier, explanation)
        yield from EXPERIMENTS[request.experiment](subject, name, request.settings)


def outcome(request: Request, film: Radiograph) -> dict:
    """Run an experiment for a program, to its end: the object that ``python -m xai test --json`` prints.

    Raises:
        RegionError, RequestError: it cannot be done on this film; one sentence.
    """
    explanation = explain(request.classifier, film)
    name = request.name(explanation)
    if request.other is not None:
        found: Report = report.compare_report(explanation, explain(request.other, film), name)
    else:
        run = report.EXPERIMENTS[request.experiment]
        found = run(Subject.of(request.classifier, explanation), name, request.settings)
    return report.document(film.source, explanation, name, {request.experiment: found})


def _endpoint(classifiers: dict[str, Classifier]) -> None:
    def test_film(
        film: io.BytesIO | None, model: str, finding: str, experiment: str, share: float, fill: str, against: str
    ) -> dict:
        try:
            request = checked(classifiers, model, finding, experiment, share, fill, against=against)
            return outcome(request, radiograph.read(film))
        except Mendable as error:
            raise gr.Error(str(error), print_exception=False) from error

    film = gr.File(label="film", visible=False)
    film.preprocess = received
    # Checked here and not by Gradio, so that a wrong name gets one sentence.
    choice = partial(gr.Textbox, visible=False)
    gr.Button(visible=False).click(
        test_film,
        [
            film,
            choice(next(iter(classifiers)), label="model"),
            choice("", label="finding"),
            choice("hide", label="experiment"),
            gr.Number(10, label="share", visible=False),
            choice(DEFAULT, label="fill"),
            choice("", label="against"),
        ],
        gr.JSON(label="test", visible=False),
        api_name="test",
        api_description=(
            "Test the evidence map of one finding (default: the foremost) on one chest film by one experiment: hide, "
            "curves, shortcuts, meter, stability, cascade, or compare. `share`: per cent of the film to hide, 5 to 40; "
            f"`fill`: what stands in its place, {', '.join(FILLS)}; `against`: the model to compare with, of {', '.join(classifiers)} "
            "(default: the first other one). Answers as `python -m xai test --json` does; what "
            "cannot be done is an error with one sentence."
        ),
        **ONE_LINE,
    )
