"""The example films that ship: synthetic composites, listed in ``examples/examples.json``."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import cv2

from ui.scene import png
from xai import overlay, radiograph

FOLDER = Path(__file__).parent.parent / "examples"
_THUMBNAIL = 176


@dataclass(frozen=True)
class Example:
    """One film that ships.

    Attributes:
        path: of its file.
        title: for visitors.
        finding: what it was made to show; empty for a normal film.
    """

    path: Path
    title: str
    finding: str

    def thumbnail(self) -> str:
        """A small square crop of the middle, as a PNG data URL."""
        film = overlay.display(radiograph.read(self.path).pixels)
        side = min(film.shape)
        top, left = ((length - side) // 2 for length in film.shape)
        return png(
            cv2.resize(film[top : top + side, left : left + side], (_THUMBNAIL,) * 2, interpolation=cv2.INTER_AREA)
        )


def load(folder: Path) -> list[Example]:
    """The examples in the order of their list; the first is the one that the page opens with."""
    entries = json.loads((folder / "examples.json").read_text(encoding="utf-8"))
    return [Example(folder / entry["file"], entry["title"], next(iter(entry["intended"]), "")) for entry in entries]
