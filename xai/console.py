"""What the commands print: answers, failures and progress, none of which breaks another's line."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator

from tqdm import tqdm

from xai.errors import Mendable


def say(line: str) -> None:
    """Print a line at once, past any progress bar."""
    tqdm.write(line, file=sys.stdout)
    sys.stdout.flush()


def each(films: Iterable[str], answer: Callable[[str], str], as_json: bool) -> int:
    """Say the answer for one film after another, or why there is none; returns the exit status.

    Args:
        films: their paths, as given.
        answer: path → what to print; may raise Mendable.
        as_json: whether the answers are JSON.

    Returns:
        0 all films done, 1 some failed.
    """
    status = 0
    for film in films:
        try:
            line = answer(film)
        except Mendable as error:
            failed(film, error, as_json)
            status = 1
        else:
            say(line)
    return status


def failed(film: str, error: Exception, as_json: bool) -> None:
    """Say why a film failed: as an object among the answers, or else as a line on stderr.

    Args:
        film: its path, as given.
        error: whose message is one sentence for the person who gave it.
        as_json: whether the answers are JSON.
    """
    if as_json:
        say(json.dumps({"film": film, "error": str(error)}))
    else:
        tqdm.write(f"{film}: {error}", file=sys.stderr)


def bar(items: Iterator, total: int | None, name: str) -> Iterator:
    """The same items, with a bar where a person watches a terminal."""
    return tqdm(items, desc=name, total=total, leave=False, disable=None)
