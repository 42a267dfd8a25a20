"""The Explain tab, and the ``/explain`` endpoint of the API."""

from __future__ import annotations

import io
from base64 import b64decode
from functools import lru_cache
from pathlib import Path, PurePath
from typing import Any

import gradio as gr
from gradio.data_classes import FileData

from ui.document import document
from ui.examples import Example
from ui.scene import constants, scene
from xai import radiograph
from xai.classifier import Classifier
from xai.errors import FilmError
from xai.explain import explain
from xai.limits import MAX_BYTES, check_bytes
from xai.orientation import TURNS

STATIC = Path(__file__).parent / "static"
SCRIPTS = ("overlay.js", "nodes.js", "download.js", "explain.js")

# All events that run a model wait in one line, so that a class cannot start forty forward passes at once.
ONE_LINE = {"concurrency_id": "model", "concurrency_limit": 1}


def received(payload: FileData | None) -> io.BytesIO | None:
    """What the API was sent → :func:`named` file, checked for size; None where nothing was sent."""
    if payload is None:
        return None
    path = Path(payload.path)
    try:
        check_bytes(path.stat().st_size)
    except FilmError as error:
        raise gr.Error(str(error), print_exception=False) from error
    return named(path.read_bytes(), payload.orig_name or path.name)


def named(content: bytes, name: str) -> io.BytesIO:
    """A film in memory with the base name that its owner gave it (of any system's path, at most 120 characters)."""
    film = io.BytesIO(content)
    film.name = PurePath(name.replace("\\", "/")).name[-120:] or "film"
    return film


def tab(classifiers: dict[str, Classifier], examples: list[Example]) -> None:
    """Lay out the tab inside the current Blocks; the first example is explained here, so no visitor waits for it."""

    @lru_cache(maxsize=len(examples))
    def example_scene(index: int) -> dict:
        example = examples[index]
        return scene(classifiers, radiograph.read(example.path), example.title)

    def on_film(event: gr.EventData) -> dict:
        """A film was dropped, pasted or picked; it comes as base64 and never touches a disk."""
        try:
            film = named(decoded(event.data), str(event.name))
            turn = event.turn if event.turn in TURNS else 0
            shown = radiograph.read(film, turn, mirror=event.mirror is True)
            answer = {"scene": scene(classifiers, shown, film.name)}
        except FilmError as error:
            answer = {"error": str(error), "film": str(event.name)}
        return {"request": event.request, **answer}

    def on_example(event: gr.EventData) -> dict:
        """An example was chosen by its place in the gallery."""
        if event.index not in range(len(examples)):
            return {"request": event.request, "error": "no such example: choose one from the gallery"}
        return {"request": event.request, "scene": example_scene(event.index)}

    page = gr.HTML(
        value={"scene": example_scene(0)} if examples else {},
        html_template=(STATIC / "explain.html").read_text(encoding="utf-8"),
        js_on_load="\n".join((STATIC / script).read_text(encoding="utf-8") for script in SCRIPTS),
        apply_default_css=False,
        elem_id="explain",
        limit=MAX_BYTES,
        examples=[{"title": example.title, "picture": example.thumbnail()} for example in examples],
        **constants(classifiers),
    )
    # "multiple": Gradio's "always_last" would send the first choice's film once more in place of the last one's.
    events: dict[str, Any] = {
        "outputs": page, "api_visibility": "private", "show_progress": "hidden", "trigger_mode": "multiple", **ONE_LINE
    }  # fmt: skip
    page.film(on_film, **events)
    page.example(on_example, **events)
    _endpoint(classifiers)


def decoded(text: object) -> bytes:
    """Base64 from the page, no more than allowed."""
    try:
        content = b64decode(text, validate=True)
    except (TypeError, ValueError) as error:
        raise FilmError("did not arrive whole: send the film again") from error
    check_bytes(len(content))
    return content


def _endpoint(classifiers: dict[str, Classifier]) -> None:
    def explain_film(film: io.BytesIO | None, model: str) -> dict:
        try:
            opened = radiograph.read(film)
            return document(explain(classifiers[model], opened), opened.source)
        except FilmError as error:
            raise gr.Error(str(error), print_exception=False) from error

    film = gr.File(label="film", visible=False)
    # Bytes and name in one; File's own choices are one or the other, and leave an empty file behind.
    film.preprocess = received
    gr.Button(visible=False).click(
        explain_film,
        [film, gr.Radio(list(classifiers), value=next(iter(classifiers)), label="model", visible=False)],
        gr.JSON(label="explanation", visible=False),
        api_name="explain",
        api_description=(
            "Explain one chest film (PNG, JPEG, TIFF, WebP or DICOM): every finding's logit, bias, probability and "
            "operating point, and its evidence per cell of the native grid in log-odds, bias + Σ evidence = logit. "
            "A film that cannot be read is an error with one sentence."
        ),
        **ONE_LINE,
    )
