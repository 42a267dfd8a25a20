"""Evidence drawn on a film: the grid placed to the pixel, colours that mean the same log-odds everywhere.

Values are interpolated first and coloured afterwards, so every colour on the film is on the colour bar. The page draws
its map by the same rule in ``ui/static/overlay.js``; a browser test holds the two together.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from xai import evidence as maps
from xai.explain import Reading
from xai.geometry import bilinear, positions

# Full colour on the absolute scale, in log-odds per cell: the same on every film, finding and model. Fewer than one cell in
# a hundred of the validation films has more (`evidence_per_cell` in the reports), so that little is cut and most is seen.
ABSOLUTE_SPAN = 0.10
ABSOLUTE = "absolute scale: same colour, same log-odds on every film"
STRETCHED = "stretched to this film: colours cannot be compared between films"

# Longest side of what is shown, in pixels.
DISPLAY = 1024

# Half of a colour table; entry 255 of the whole is zero.
STEPS = 255


@dataclass(frozen=True)
class View:
    """How evidence is shown.

    Attributes:
        grad_cam: the positive part alone, which is Grad-CAM of this head, instead of signed evidence.
        smooth: interpolated between cell centres; otherwise the native grid.
        stretched: full colour at this film's maximum instead of ``ABSOLUTE_SPAN``.
        reference: what the film has beyond a typical normal film.
        opacity: of the overlay, in [0, 1].
    """

    grad_cam: bool = False
    smooth: bool = True
    stretched: bool = False
    reference: bool = False
    opacity: float = 0.6


def _table(against: list[str], supporting: list[str]) -> np.ndarray:
    """Colour anchors from zero outwards on either side → ``(511, 4)`` uint8 RGBA, transparent at zero."""

    def half(anchors: list[str]) -> np.ndarray:
        strength = np.linspace(0, 1, STEPS + 1)
        rgb = np.array([[int(anchor[i : i + 2], 16) for i in (0, 2, 4)] for anchor in anchors])
        places = np.linspace(0, 1, len(anchors))
        channels = [np.interp(strength, places, rgb[:, channel]) for channel in range(3)]
        return np.stack([*channels, 255 * strength], axis=1)

    below = half(against)[:0:-1] if against else np.zeros((STEPS, 4))
    return np.rint(np.concatenate([below, np.zeros((1, 4)), half(supporting)[1:]])).astype(np.uint8)


# Orange for, blue against: told apart with every common form of colour blindness (tested).
SIGNED = _table(["8fd0ff", "3f9eff", "1463f0"], ["ffcc78", "ff9326", "f25a05"])
# Grad-CAM: one hue family of rising lightness, after matplotlib's plasma.
GRAD_CAM = _table([], ["5b02a3", "9c179e", "cb4679", "ed7953", "fdb42f"])


def table(view: View) -> np.ndarray:
    """The ``(511, 4)`` RGBA colour table of a view: full against … zero … full for."""
    return GRAD_CAM if view.grad_cam else SIGNED


def shown(reading: Reading, view: View) -> np.ndarray:
    """The ``(h, w)`` cell values that a view shows, in log-odds."""
    values = reading.above_reference()[0] if view.reference else reading.evidence
    return maps.grad_cam(values) if view.grad_cam else values


def span(values: np.ndarray, stretched: bool) -> float:
    """Log-odds per cell at full colour; 0.0 where the film has nothing that could be stretched."""
    return float(np.abs(values).max()) if stretched else ABSOLUTE_SPAN


def nothing(values: np.ndarray) -> bool:
    """Whether there is nothing to show: "no positive evidence" of a Grad-CAM, or an all-zero map."""
    return not values.any()


def display_size(height: int, width: int) -> tuple[int, int]:
    """``(height, width)`` at which a film is shown: reduced to ``DISPLAY`` pixels on its longest side, never enlarged."""
    scale = min(1.0, DISPLAY / max(height, width))
    return max(1, round(height * scale)), max(1, round(width * scale))


def display(film: np.ndarray) -> np.ndarray:
    """A ``(H, W)`` film in [0, 1] → uint8 at its :func:`display_size`."""
    height, width = display_size(*film.shape)
    if (height, width) != film.shape:
        film = cv2.resize(film, (width, height), interpolation=cv2.INTER_AREA)
    return np.rint(film * 255).astype(np.uint8)


def sample(values: np.ndarray, extent: tuple[float, float, float, float], size: tuple[int, int], smooth: bool):
    """Cell values at every pixel of a film.

    A pixel belongs to the cell that its centre lies in. Smooth values are bilinear between cell centres and constant
    beyond the outermost ones.

    Args:
        values: ``(h, w)``, in log-odds.
        extent: ``(x0, y0, x1, y1)`` of the grid, as fractions of the film's width and height.
        size: ``(H, W)`` pixels to draw.
        smooth: bilinear instead of nearest.

    Returns:
        ``(H, W)`` float64, NaN outside the extent.
    """
    x0, y0, x1, y1 = extent
    rows, inside_rows = _weights(size[0], y0, y1, values.shape[0], smooth)
    columns, inside_columns = _weights(size[1], x0, x1, values.shape[1], smooth)
    field = rows @ values.astype(np.float64) @ columns.T
    field[~(inside_rows[:, None] & inside_columns)] = np.nan
    return field


def _weights(pixels: int, start: float, end: float, cells: int, smooth: bool) -> tuple[np.ndarray, np.ndarray]:
    """Along one axis: each pixel's weight on each cell ``(pixels, cells)``, and whether it lies within the grid."""
    position = positions(pixels, start, end, cells)
    inside = (position >= 0) & (position < cells)
    if smooth:
        return bilinear(position, cells), inside
    return (np.floor(position)[:, None] == np.arange(cells)).astype(np.float64), inside


def colour(field: np.ndarray, span: float, table: np.ndarray) -> np.ndarray:
    """Values → RGBA.

    Args:
        field: any shape, in log-odds; NaN is transparent.
        span: log-odds at full colour, beyond which the colour stays; 0 makes everything transparent.
        table: ``SIGNED`` or ``GRAD_CAM``.

    Returns:
        ``(…, 4)`` uint8.
    """
    strength = np.clip(np.nan_to_num(field) / span, -1, 1) if span > 0 else np.zeros_like(field)
    return table[np.floor(strength * STEPS + 0.5).astype(np.int64) + STEPS]


def render(
    reading: Reading, extent: tuple[float, float, float, float], size: tuple[int, int], view: View = View()
) -> np.ndarray:
    """The overlay of one finding: ``(H, W, 4)`` uint8 RGBA for a film shown at ``size = (H, W)`` pixels."""
    values = shown(reading, view)
    field = sample(values, extent, size, view.smooth)
    return colour(field, span(values, view.stretched), table(view))


def compose(film: np.ndarray, overlay: np.ndarray, opacity: float) -> np.ndarray:
    """Lay an overlay on a film.

    Args:
        film: ``(H, W)`` uint8.
        overlay: ``(H, W, 4)`` uint8 RGBA of the same size.
        opacity: of the overlay, in [0, 1], on top of its own alpha.

    Returns:
        ``(H, W, 3)`` uint8 RGB.
    """
    alpha = overlay[..., 3:].astype(np.float32) / 255 * opacity
    return np.rint(film[..., None] * (1 - alpha) + overlay[..., :3] * alpha).astype(np.uint8)


def ticks(span: float, grad_cam: bool) -> list[tuple[float, str]]:
    """Marks of the colour bar: position in [0, 1] and log-odds as text, to two significant digits."""
    values = [0.0, span / 2, span] if grad_cam else [-span, -span / 2, 0.0, span / 2, span]
    return [(i / (len(values) - 1), _figure(value)) for i, value in enumerate(values)]


def _figure(value: float) -> str:
    digits = np.format_float_positional(abs(value), precision=2, fractional=False, trim="-")
    return f"+{digits}" if value > 0 else f"−{digits}" if value < 0 else "0"
