"""The Explain tab, and the ``/explain`` endpoint of the API."""

from __future__ import annotations

import io
from functools import lru_cache
from pathlib import Path
from typing import Any

import gradio as gr

from ui.asking import one_of
from ui.document import document
from ui.examples import Example
from ui.incoming import example_of, picked, received
from ui.record import Record
from ui.scene import constants, scene
from xai import radiograph
from xai.classifier import Classifier
from xai.errors import FilmError, Mendable
from xai.explain import explain
from xai.limits import MAX_BYTES

STATIC = Path(__file__).parent / "static"
SCRIPTS = ("overlay.js", "nodes.js", "download.js", "explain.js")

# All events that run a model wait in one line, so that a class cannot start forty forward passes at once.
ONE_LINE = {"concurrency_id": "model", "concurrency_limit": 1}


def tab(classifiers: dict[str, Classifier], examples: list[Example], record: Record) -> None:
    """Lay out the tab inside the current Blocks; the first example is explained here, so no visitor waits for it."""

    @lru_cache(maxsize=len(examples))
    def example_scene(example: Example) -> dict:
        return scene(classifiers, radiograph.read(example.path), example.title, example.finding)

    def on_film(event: gr.EventData) -> dict:
        """A film was dropped, pasted or picked; it comes as base64 and never touches a disk."""
        try:
            film = picked(event.data, event.name, event.turn, event.mirror)
            answer = {"scene": scene(classifiers, film, film.source)}
        except FilmError as error:
            answer = {"error": str(error), "film": str(event.name)}
        return {"request": event.request, **answer}

    def on_example(event: gr.EventData) -> dict:
        """An example was chosen by its place in the gallery."""
        try:
            answer = {"scene": example_scene(example_of(event.index, examples))}
        except FilmError as error:
            answer = {"error": str(error)}
        return {"request": event.request, **answer}

    page = gr.HTML(
        value={"scene": example_scene(examples[0])} if examples else {},
        html_template=(STATIC / "explain.html").read_text(encoding="utf-8"),
        js_on_load="\n".join((STATIC / script).read_text(encoding="utf-8") for script in SCRIPTS),
        apply_default_css=False,
        elem_id="explain",
        limit=MAX_BYTES,
        examples=[{"title": example.title, "picture": example.thumbnail()} for example in examples],
        **constants(classifiers, record),
    )
    # "multiple": Gradio's "always_last" would send the first choice's film once more in place of the last one's.
    events: dict[str, Any] = {
        "outputs": page, "api_visibility": "private", "show_progress": "hidden", "trigger_mode": "multiple", **ONE_LINE
    }  # fmt: skip
    page.film(on_film, **events)
    page.example(on_example, **events)
    _endpoint(classifiers)


def _endpoint(classifiers: dict[str, Classifier]) -> None:
    def explain_film(film: io.BytesIO | None, model: str) -> dict:
        try:
            classifier = classifiers[one_of(classifiers, model, "model")]
            opened = radiograph.read(film)
            return document(explain(classifier, opened), opened.source)
        except Mendable as error:
            raise gr.Error(str(error), print_exception=False) from error

    film = gr.File(label="film", visible=False)
    # Bytes and name in one; File's own choices are one or the other, and leave an empty file behind.
    film.preprocess = received
    gr.Button(visible=False).click(
        explain_film,
        # Checked here and not by Gradio, so that a wrong name gets one sentence.
        [film, gr.Textbox(next(iter(classifiers)), label="model", visible=False)],
        gr.JSON(label="explanation", visible=False),
        api_name="explain",
        api_description=(
            "Explain one chest film (PNG, JPEG, TIFF, WebP or DICOM): every finding's logit, bias, probability and "
            "operating point, and its evidence per cell of the native grid in log-odds, bias + Σ evidence = logit. "
            f"`model`: {', '.join(classifiers)}. A film that cannot be read is an error with one sentence."
        ),
        **ONE_LINE,
    )
