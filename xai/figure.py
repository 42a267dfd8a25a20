"""The picture that leaves the room: film, overlay, colour bar, and the lines that say what it is and is not."""

from __future__ import annotations

import cv2
import numpy as np

from xai import overlay, words
from xai.explain import Explanation
from xai.overlay import View

WIDTH = 1024
MARGIN = 24
_INK, _MUTED, _PAPER = (235, 238, 242), (160, 168, 178), (17, 20, 24)


def figure_png(explanation: Explanation, name: str, view: View = View()) -> bytes:
    """One finding on its film, as PNG.

    Args:
        explanation: of the film.
        name: of the finding.
        view: how the evidence is shown.

    Returns:
        PNG bytes, RGB: the film at a longest side of 1024 px with its overlay, the colour bar with its ticks in
        log-odds, and the lines that give model, version, finding, sum and "not for diagnosis".
    """
    reading = explanation.readings[name]
    film = _film(explanation.radiograph.pixels)
    rgba = overlay.render(reading, explanation.extent, film.shape, view)
    picture = np.full((film.shape[0], WIDTH, 3), _PAPER, np.uint8)
    left = (WIDTH - film.shape[1]) // 2
    picture[:, left : left + film.shape[1]] = overlay.compose(film, rgba, view.opacity)
    png = cv2.imencode(".png", np.concatenate([picture, _legend(explanation, name, view)])[..., ::-1])[1]
    return png.tobytes()


def _film(pixels: np.ndarray) -> np.ndarray:
    """The film as uint8 with its longest side at ``WIDTH``."""
    scale = WIDTH / max(pixels.shape)
    height, width = (max(1, round(side * scale)) for side in pixels.shape)
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return np.rint(np.clip(cv2.resize(pixels, (width, height), interpolation=method), 0, 1) * 255).astype(np.uint8)


def _legend(explanation: Explanation, name: str, view: View) -> np.ndarray:
    reading = explanation.readings[name]
    values = overlay.shown(reading, view)
    notes = [words.plain(reading, explanation.extent)]
    if not explanation.gate.chest_film:
        notes = [words.REFUSAL]
    elif mark := words.caution(explanation, name):
        notes.append(mark)
    notes.append(f"CXR Lens · model {explanation.model} {explanation.version} · {words.NOT_A_DEVICE}")
    canvas = np.full((156 + 30 * len(notes), WIDTH, 3), _PAPER, np.uint8)
    if overlay.nothing(values):
        _text(canvas, "no positive evidence" if view.grad_cam else "no evidence", MARGIN, 46, 20, _INK)
    else:
        _bar(canvas, overlay.span(values, view.stretched), view)
    _text(canvas, reading.finding.label, MARGIN, 108, 22, _INK, 600)
    _text(canvas, words.adds_up(reading, view.reference), MARGIN, 138, 20, _INK)
    for i, note in enumerate(notes):
        _text(canvas, note, MARGIN, 166 + 30 * i, 16, _MUTED)
    return canvas


def _bar(canvas: np.ndarray, span: float, view: View) -> None:
    """Draw the colour bar over a mid grey, with the opacity that the film's overlay has."""
    width = WIDTH - 2 * MARGIN
    field = np.tile(np.linspace(0 if view.grad_cam else -span, span, width), (18, 1))
    grey = np.full(field.shape, 96, np.uint8)
    strip = overlay.compose(grey, overlay.colour(field, span, overlay.table(view)), view.opacity)
    canvas[16:34, MARGIN : MARGIN + width] = strip
    marks = overlay.ticks(span, view.grad_cam)
    for i, (place, text) in enumerate(marks):
        anchor = "start" if i == 0 else "end" if i == len(marks) - 1 else "middle"
        _text(canvas, text, MARGIN + place * width, 54, 15, _INK, anchor=anchor)
    kind = "Grad-CAM: positive evidence" if view.grad_cam else "evidence against · for"
    beyond = " beyond the typical normal film" if view.reference else ""
    scale = overlay.STRETCHED if view.stretched else overlay.ABSOLUTE
    _text(canvas, f"{kind}{beyond}, in log-odds per cell · {scale}", MARGIN, 76, 15, _MUTED)


def _text(canvas: np.ndarray, text: str, x: float, y: int, size: int, ink, weight: int = 400, anchor="start") -> None:
    """Write on the canvas; long lines shrink to fit, ``anchor`` as in SVG."""
    face = cv2.FontFace("sans")
    while size > 10 and _width(face, text, size, weight) > WIDTH - 2 * MARGIN:
        size -= 1
    x -= {"start": 0, "middle": 0.5, "end": 1}[anchor] * _width(face, text, size, weight)
    cv2.putText(canvas, text, (round(x), y), ink, face, size, weight)


def _width(face, text: str, size: int, weight: int) -> int:
    return cv2.getTextSize((0, 0), text, (0, 0), face, size, weight)[2]
