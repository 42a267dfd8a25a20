"""Films as the page and programs send them: checked for size, kept in memory, never written to a disk."""

from __future__ import annotations

import io
from base64 import b64decode
from pathlib import Path, PurePath

import gradio as gr
from gradio.data_classes import FileData

from ui.examples import Example
from xai import radiograph
from xai.errors import FilmError
from xai.limits import check_bytes
from xai.orientation import TURNS
from xai.radiograph import Radiograph


def film_of(sent: object, examples: list[Example]) -> Radiograph:
    """The film that the Explain tab shows, as another tab sends it.

    Args:
        sent: ``{"index": …}`` for :func:`example_of`, or ``data``, ``name``, ``turn`` and ``mirror`` for :func:`picked`.
        examples: in the order of the gallery.

    Raises:
        FilmError: no film arrived, or none that can be read.
    """
    if not isinstance(sent, dict):
        raise FilmError("no film arrived: choose one in Explain first")
    if "index" in sent:
        return radiograph.read(example_of(sent["index"], examples).path)
    return picked(*(sent.get(key) for key in ("data", "name", "turn", "mirror")))


def example_of(index: object, examples: list[Example]) -> Example:
    """The example at a place in the gallery.

    Raises:
        FilmError: there is none.
    """
    if type(index) is not int or index not in range(len(examples)):
        raise FilmError("there is no such example: choose one from the gallery")
    return examples[index]


def picked(data: object, name: object, turn: object, mirror: object) -> Radiograph:
    """A film that a visitor brought.

    Args:
        data: the file as base64.
        name: the file's, of which the base name is kept.
        turn: degrees clockwise, of :data:`~xai.orientation.TURNS`; anything else leaves the film as it lies.
        mirror: True to exchange left and right.

    Raises:
        FilmError: no film can be read from it.
    """
    return radiograph.read(named(_decoded(data), str(name)), turn if turn in TURNS else 0, mirror is True)


def received(payload: FileData | None) -> io.BytesIO | None:
    """What the API was sent → :func:`named` file, checked for size; None where nothing was sent."""
    if payload is None:
        return None
    path = Path(payload.path)
    try:
        check_bytes(path.stat().st_size)
        return named(path.read_bytes(), payload.orig_name or path.name)
    except OSError as error:
        raise gr.Error("waited too long and is no longer here: send the film again", print_exception=False) from error
    except FilmError as error:
        raise gr.Error(str(error), print_exception=False) from error


def named(content: bytes, name: str) -> io.BytesIO:
    """A film in memory with the base name that its owner gave it (of any system's path, at most 120 characters)."""
    film = io.BytesIO(content)
    film.name = PurePath(name.replace("\\", "/")).name[-120:] or "film"
    return film


def _decoded(text: object) -> bytes:
    """Base64 from the page, no more than allowed."""
    try:
        content = b64decode(text, validate=True)
    except (TypeError, ValueError) as error:
        raise FilmError("did not arrive whole: send the film again") from error
    check_bytes(len(content))
    return content
