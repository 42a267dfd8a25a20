"""How a tab is asked for work on the film that Explain shows: the line it waits in, and what is wrong with a request."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import gradio as gr

from xai.errors import Mendable

# Experiments wait for one another, in a line of their own: nobody who wants a film explained waits behind them.
ONE_LINE = {"concurrency_id": "laboratory", "concurrency_limit": 1}


class RequestError(Mendable):
    """What arrived asks for nothing that can be done."""


def one_of(known: dict, name: object, kind: str) -> str:
    """A name that is known.

    Raises:
        RequestError: it is not.
    """
    if not isinstance(name, str) or name not in known:
        raise RequestError(f"there is no such {kind}: choose one of {', '.join(known)}")
    return name


def wire(page: gr.HTML, line: gr.HTML, answers: Callable[[dict[str, Any]], Iterator[dict]], ended: str) -> None:
    """Let a tab's page run work, step by step, and stop it.

    Args:
        page: has the events ``run`` and ``stop`` (``static/asking.js``), and is given every answer as its value.
        line: says how long the line is, in Gradio's words.
        answers: what was asked → answer after answer, until the iterator ends or is closed because the visitor stops it
            or leaves; a :class:`~xai.errors.Mendable` that it raises becomes the last.
        ended: name of the document's event by which the page hears that a run has ended, however it did: done,
            cancelled, or turned away because too many wait.
    """

    def on_run(event: gr.EventData) -> Iterator[dict]:
        asked = getattr(event, "asked", None)
        given = asked if isinstance(asked, dict) else {}
        request = {"request": given.get("request")}
        try:
            for answer in answers(given):
                yield request | answer
        except Mendable as error:
            yield request | {"error": str(error)}

    private = {"api_visibility": "private"}
    run = page.run(
        on_run,
        outputs=page,
        trigger_mode="multiple",
        show_progress="minimal",
        show_progress_on=line,
        **private,
        **ONE_LINE,
    )
    heard = f"() => document.dispatchEvent(new Event('{ended}'))"
    run.then(None, js=heard, **private)
    run.failure(None, js=heard, **private)
    page.stop(None, cancels=run, **private)
