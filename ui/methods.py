"""The Compare methods tab, and the ``/methods`` endpoint of the API."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np

from ui.asking import ONE_LINE, RequestError, one_of, wire
from ui.examples import Example
from ui.incoming import film_of, received
from ui.record import Record
from ui.scene import base64, constants
from ui.watched import watched
from xai import radiograph
from xai.classifier import Classifier
from xai.errors import Mendable
from xai.explain import explain
from xai.foremost import foremost
from xai.lab.correlation import spearman
from xai.lab.curves import ORDERS, STEPS, Curves
from xai.lab.hide import CONTROLS, Hidden
from xai.lab.report import Settings, finite
from xai.lab.subject import Subject
from xai.methods import CLOSED_FORMS, METHODS, Progress, differentiable, integrated_gradients
from xai.methods.trial import Trial, document, trial
from xai.radiograph import Radiograph
from xai.words import percent

STATIC = Path(__file__).parent / "static"
SCRIPTS = ("overlay.js", "nodes.js", "film.js", "asking.js", "methods.js")

# Films through the model when a map is put to the test: hide and look again, then the curves.
PER_STEP = 2 * (1 + ORDERS)
HIDE_FILMS, CURVES_FILMS = 1 + CONTROLS, 1 + STEPS * PER_STEP

# What the modules of xai.methods say, and their tests prove, of two maps on average pooling and one linear layer.
KIN = {
    ("evidence", "hires-cam"): "Two names for one map: on this head HiResCAM is the evidence itself, cell by cell.",
    ("evidence", "grad-cam"): (
        "On this head Grad-CAM is the positive part of the evidence, exactly: they differ only where the evidence "
        "speaks against the finding, which Grad-CAM cuts off."
    ),
    ("hires-cam", "grad-cam"): (
        "On this head HiResCAM is the evidence and Grad-CAM its positive part: they differ only where the evidence "
        "speaks against the finding, which Grad-CAM cuts off."
    ),
    ("grad-cam", "layer-cam"): (
        "On this head LayerCAM is nowhere below Grad-CAM, and the same only where no channel speaks against the "
        "finding."
    ),
    ("grad-cam++", "layer-cam"): (
        "Both leave out the channels that speak against the finding; Grad-CAM++ also holds back those that say most "
        "for it."
    ),
    ("evidence", "ablation-cam"): (
        "On this head the logit falls without a channel by exactly what the channel adds to it. The evidence adds "
        "these parts up cell by cell; Ablation-CAM takes them as weights, and so counts strong channels twice."
    ),
    ("evidence", "occlusion"): (
        "With the features of one cell set to 0 the logit falls by exactly its evidence. Occlusion covers the film "
        "instead, which many cells see."
    ),
    ("score-cam", "score-cam-all"): (
        "One method, with fewer channels looked through on one side: how alike the maps are shows what that loses."
    ),
    ("evidence", "integrated-gradients"): (
        "Both add up: the evidence to the logit less the bias, and integrated gradients, but for the rounding of their "
        f"{integrated_gradients.POINTS} steps, to the logit less that of a black film. The evidence says what stands in "
        "the last feature map; integrated gradients go back through the whole network, to the pixels."
    ),
    ("grad-cam", "grad-cam-finer"): (
        "One formula at two layers. At the last one every channel’s gradient is the same in all cells, so that nothing "
        "is lost by its mean; at the finer one it differs from cell to cell, and only its mean is used."
    ),
    ("integrated-gradients", "smooth-grad"): (
        "Both take the logit’s gradient in every pixel. Integrated gradients multiply it by the pixel’s grey, so that "
        "they add up and black counts for nothing; SmoothGrad shows its size alone."
    ),
}


@dataclass(frozen=True)
class Request:
    """Methods asked for, checked as far as can be without the film.

    Attributes:
        classifier: whose logit they explain.
        finding: its name; None for the foremost.
        methods: keys of :data:`~xai.methods.METHODS`, in its order.
    """

    classifier: Classifier
    finding: str | None
    methods: tuple[str, ...]


def checked(classifiers: dict[str, Classifier], model: object, finding: object, methods: object) -> Request:
    """What the page or a program sent → what is to be done.

    Args:
        classifiers: by name.
        model, finding: names; an empty finding stands for the foremost.
        methods: a list of names; an empty one stands for :data:`CLOSED_FORMS`.

    Raises:
        RequestError: anything else than that.
    """
    classifier = classifiers[one_of(classifiers, model, "model")]
    name = None if finding in ("", None) else one_of(classifier.findings, finding, "finding")
    if methods is not None and not isinstance(methods, (list, tuple)):
        raise RequestError(f"the methods are no list: give some of {', '.join(METHODS)}")
    wanted = {one_of(METHODS, method, "method") for method in methods or CLOSED_FORMS}
    return Request(classifier, name, tuple(key for key in METHODS if key in wanted))


def tab(classifiers: dict[str, Classifier], examples: list[Example], record: Record) -> None:
    """Lay out the tab inside the current Blocks."""

    def run(given: dict[str, Any]) -> Iterator[dict]:
        request = checked(classifiers, *(given.get(key) for key in ("model", "finding", "methods")))
        yield from answers(request, film_of(given.get("film"), examples))

    # Says how long the line is, in Gradio's words; empty otherwise.
    line = gr.HTML("", elem_id="methods-line", apply_default_css=False)
    page = gr.HTML(
        value={},
        html_template=(STATIC / "methods.html").read_text(encoding="utf-8"),
        js_on_load="\n".join((STATIC / script).read_text(encoding="utf-8") for script in SCRIPTS),
        apply_default_css=False,
        elem_id="methods",
        methods={key: _about(key, classifiers, record) for key in METHODS},
        kin=[[*pair, sentence] for pair, sentence in KIN.items()],
        tests=HIDE_FILMS + CURVES_FILMS,
        **constants(classifiers),
    )
    wire(page, line, run, "methods-ended")
    _endpoint(classifiers)


def _about(key: str, classifiers: dict[str, Classifier], record: Record) -> dict:
    """What the page says of a method before it has been run; ``record``: model → how good its maps are over all films."""
    method = METHODS[key]
    said = {name: getattr(method, name) for name in ("label", "what", "unit", "paper", "link", "films")}
    sentences = {name: record.sentence(name, one.version, key) for name, one in classifiers.items()}
    return said | {"closed": key in CLOSED_FORMS, "gradients": method.gradients, "record": sentences}


def answers(request: Request, film: Radiograph) -> Iterator[dict]:
    """Draw and test the methods one after another, for the page.

    Maps in closed form cost next to nothing, so all of those are there with the first answer, before any is tested.

    Yields:
        All that is known so far: ``methods`` (key → ``state`` waiting, loading, drawing, testing or done; ``map`` as
        base64 float32; and the figures of a test that is done), ``agreement`` (key → other → rank correlation of
        finished maps, None where one is the same everywhere), and ``done`` of how many films (``of``) have been looked
        at. *Loading* is TensorFlow, for the first method of all that needs it.
    """
    explanation = explain(request.classifier, film)
    name = request.finding or foremost(explanation)
    subject = Subject.of(request.classifier, explanation)
    bench = Bench(request.methods)
    for key in set(request.methods).intersection(CLOSED_FORMS):
        bench.draw(key, METHODS[key].map(subject, name))
    yield bench.answer()
    for key in request.methods:
        if METHODS[key].gradients:
            bench.prepare(key, differentiable.loaded())
            yield bench.answer()
        work = watched(partial(trial, METHODS[key], subject, name, Settings()))
        try:
            while True:
                for report in next(work):
                    bench.note(key, report)
                yield bench.answer()
        except StopIteration as end:
            bench.finish(key, end.value)
        finally:
            work.close()
        yield bench.answer()


class Bench:
    """What the page knows of the methods that it asked for."""

    def __init__(self, methods: tuple[str, ...]) -> None:
        self._shown: dict[str, dict[str, Any]] = {key: {"state": "waiting"} for key in methods}
        self._maps: dict[str, np.ndarray] = {}  # finished ones
        self._agreement: dict[str, dict[str, float | None]] = {}
        # Films for the map, for hide and look again, and for the curves.
        self._films = {key: [METHODS[key].films, HIDE_FILMS, CURVES_FILMS] for key in methods}
        self._done = {key: [0, 0, 0] for key in methods}

    def draw(self, key: str, heat: np.ndarray) -> None:
        """A finished ``(h, w)`` map."""
        self._shown[key]["map"] = base64(heat.astype("<f4"))
        others = {other: finite(spearman(heat, values)) for other, values in self._maps.items() if other != key}
        self._maps[key] = heat
        self._agreement[key] = others
        for other, value in others.items():
            self._agreement[other][key] = value

    def prepare(self, key: str, loaded: bool) -> None:
        """A method that has begun, and will report once TensorFlow is ``loaded``, if it is not, and its network built."""
        self._shown[key]["state"] = "drawing" if loaded else "loading"

    def note(self, key: str, report: Progress | Hidden | Curves) -> None:
        """A report of one method's trial."""
        shown, done = self._shown[key], self._done[key]
        match report:
            case Progress():
                done[0], self._films[key][0] = report.done, report.total
                shown |= {"state": "drawing", "map": base64(report.map.astype("<f4"))}
                if report.complete:
                    shown["state"] = "testing"
                    self.draw(key, report.map)
            case Hidden():
                done[1] = 1 + len(report.random)
            case Curves():
                done[2] = 1 + (report.share.shape[1] - 1) * PER_STEP

    def finish(self, key: str, trial: Trial) -> None:
        """A trial that is done."""
        curves = trial.figures["curves"]
        self._shown[key] |= {
            "state": "done",
            "films": trial.films,
            "seconds": trial.seconds,
            "outside": percent(trial.figures["outside"]),
            "verdict": trial.figures["hide"]["verdict"],
            **{
                kind: [curves[kind]["area"], float(np.mean(curves[kind]["random_areas"]))]
                for kind in ("deletion", "insertion")
            },
        }

    def answer(self) -> dict:
        """All that is known so far; in JSON, and not changed by what comes later."""
        return {
            "methods": {key: dict(shown) for key, shown in self._shown.items()},
            "agreement": {key: dict(row) for key, row in self._agreement.items()},
            "done": sum(map(sum, self._done.values())),
            "of": sum(map(sum, self._films.values())),
        }


def outcome(request: Request, film: Radiograph) -> dict:
    """Run the methods for a program, to their end: the object that ``python -m xai methods --json`` prints."""
    explanation = explain(request.classifier, film)
    name = request.finding or foremost(explanation)
    subject = Subject.of(request.classifier, explanation)
    trials = {key: trial(METHODS[key], subject, name, Settings()) for key in request.methods}
    return document(film.source, explanation, name, trials)


def _endpoint(classifiers: dict[str, Classifier]) -> None:
    def compare_methods(film: io.BytesIO | None, model: str, finding: str, methods: list[str]) -> dict:
        try:
            return outcome(checked(classifiers, model, finding, methods), radiograph.read(film))
        except Mendable as error:
            raise gr.Error(str(error), print_exception=False) from error

    film = gr.File(label="film", visible=False)
    film.preprocess = received
    # Checked here and not by Gradio, so that a wrong name gets the same sentence everywhere.
    methods = gr.JSON([], label="methods", visible=False)
    gr.Button(visible=False).click(
        compare_methods,
        [
            film,
            gr.Textbox(next(iter(classifiers)), label="model", visible=False),
            gr.Textbox("", label="finding", visible=False),
            methods,
        ],
        gr.JSON(label="comparison", visible=False),
        api_name="methods",
        api_description=(
            "Put attribution methods side by side on one chest film and one finding (default: the foremost). "
            f"`methods`: a list of {', '.join(METHODS)}; empty for those in closed form, {', '.join(CLOSED_FORMS)}. For each: films "
            "and seconds, share of the positive map on the border and outside an average thorax, hide and look again, "
            "insertion and deletion; and the rank correlation of every two maps. The first call of all for one that "
            "needs gradients waits some ten seconds for TensorFlow. Answers as `python -m xai methods "
            "--json` does; what cannot be done is an error with one sentence."
        ),
        **ONE_LINE,
    )
