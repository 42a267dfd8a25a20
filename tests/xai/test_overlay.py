"""The grid lands on its pixels, and a colour means its log-odds."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xai import overlay
from xai.classifier import Finding
from xai.explain import Reading
from xai.geometry import place
from xai.overlay import GRAD_CAM, SIGNED, STEPS, View

CELLS = 17
SQUARE = place(299, 299, 299).grid_extent(CELLS)
FINDING = Finding("cardiomegaly", "Cardiomegaly", "adult", 0.4, "85 % sensitivity", (0.3, 0.5))

sides = st.integers(32, 400)
cells = st.integers(0, CELLS - 1)


def reading(evidence: np.ndarray, reference: np.ndarray | None = None) -> Reading:
    evidence = evidence.astype(np.float32)
    return Reading(FINDING, float(evidence.sum()), 0.0, 0.5, evidence, np.zeros_like(evidence) if reference is None else reference)


def one_hot(row: int, column: int, value: float = 0.05) -> np.ndarray:
    values = np.zeros((CELLS, CELLS), np.float32)
    values[row, column] = value
    return values


def centres(pixels: int) -> np.ndarray:
    return (np.arange(pixels) + 0.5) / pixels


def within(pixels: int, start: float, end: float, cell: int) -> np.ndarray:
    """Which pixel centres lie in a cell; NaN where rounding decides."""
    left, right = (start + (end - start) * (cell + k) / CELLS for k in (0, 1))
    place_ = centres(pixels)
    found = ((place_ >= left) & (place_ < right)).astype(float)
    found[(np.abs(place_ - left) < 1e-9) | (np.abs(place_ - right) < 1e-9)] = np.nan
    return found


@settings(max_examples=60, deadline=None)
@given(height=sides, width=sides, row=cells, column=cells)
def test_a_hot_cell_covers_exactly_its_rectangle(height, width, row, column):
    x0, y0, x1, y1 = extent = place(height, width, 299).grid_extent(CELLS)
    picture = overlay.render(reading(one_hot(row, column)), extent, (height, width), View(smooth=False))
    expected = np.outer(within(height, y0, y1, row), within(width, x0, x1, column))
    known = ~np.isnan(expected)
    assert ((picture[..., 3] > 0)[known] == expected[known].astype(bool)).all()


@pytest.mark.parametrize("shape", [(600, 600), (400, 700), (700, 400)])
def test_a_smooth_hot_cell_peaks_at_its_centre_and_ends_at_its_neighbours(shape):
    x0, y0, x1, y1 = extent = place(*shape, 299).grid_extent(CELLS)
    field = overlay.sample(one_hot(9, 5), extent, shape, smooth=True)
    peak = np.unravel_index(np.nanargmax(field), shape)
    assert (peak[0] + 0.5) / shape[0] == pytest.approx(y0 + (y1 - y0) * 9.5 / CELLS, abs=1.01 / shape[0])
    assert (peak[1] + 0.5) / shape[1] == pytest.approx(x0 + (x1 - x0) * 5.5 / CELLS, abs=1.01 / shape[1])
    rows = (centres(shape[0]) - y0) / (y1 - y0) * CELLS - 0.5
    assert (field[(rows <= 8) | (rows >= 10)] > 0).sum() == 0


def test_a_ramp_is_a_ramp_between_the_outermost_centres_and_flat_beyond():
    x0, _, x1, _ = SQUARE
    ramp = np.tile(np.arange(CELLS, dtype=np.float32), (CELLS, 1))
    field = overlay.sample(ramp, SQUARE, (500, 500), smooth=True)
    expected = np.clip((centres(500) - x0) / (x1 - x0) * CELLS - 0.5, 0, CELLS - 1)
    inside = (centres(500) >= x0) & (centres(500) < x1)
    assert field[250][inside] == pytest.approx(expected[inside], abs=1e-9)
    assert np.isnan(field[250][~inside]).all()


@pytest.mark.parametrize("smooth", [True, False])
@pytest.mark.parametrize("grad_cam", [True, False])
def test_zero_evidence_and_the_rim_are_transparent(smooth, grad_cam):
    view = View(smooth=smooth, grad_cam=grad_cam)
    blank = overlay.render(reading(np.zeros((CELLS, CELLS))), SQUARE, (200, 200), view)
    assert not blank[..., 3].any()
    full = overlay.render(reading(np.full((CELLS, CELLS), 0.1)), SQUARE, (200, 200), view)
    assert not full[:8, :, 3].any()
    assert full[100, 100, 3] == 255


@given(value=st.floats(-0.3, 0.3), other=st.floats(-0.3, 0.3))
@settings(max_examples=40, deadline=None)
def test_on_the_absolute_scale_a_value_has_one_colour_on_every_film(value, other):
    view = View(smooth=False)
    alone = overlay.render(reading(one_hot(8, 8, value)), SQUARE, (170, 170), view)
    portrait = place(340, 170, 299).grid_extent(CELLS)
    beside = overlay.render(reading(one_hot(8, 8, value) + one_hot(2, 8, other)), portrait, (340, 170), view)
    assert (alone[85, 85] == beside[170, 85]).all()


def test_stretched_the_strongest_cell_has_full_colour():
    picture = overlay.render(reading(one_hot(8, 8, -0.003)), SQUARE, (170, 170), View(smooth=False, stretched=True))
    assert (picture[85, 85] == SIGNED[0]).all()


def test_nothing_is_never_stretched():
    negative = overlay.shown(reading(one_hot(3, 3, -0.2)), View(grad_cam=True))
    assert overlay.nothing(negative)
    for view in (View(grad_cam=True, stretched=True), View(grad_cam=True)):
        assert not overlay.render(reading(one_hot(3, 3, -0.2)), SQUARE, (100, 100), view)[..., 3].any()
    assert not overlay.nothing(overlay.shown(reading(one_hot(3, 3, -0.2)), View()))


def test_grad_cam_drops_what_is_against_before_it_interpolates():
    values = one_hot(8, 8, 0.08) + one_hot(8, 9, -0.08)
    cam = overlay.shown(reading(values), View(grad_cam=True))
    field = overlay.sample(cam, (0, 0, 1, 1), (CELLS * 10, CELLS * 10), smooth=True)
    assert field[85, 90] == pytest.approx(0.08 * 0.95 * 0.45, rel=1e-5)


def test_the_reference_is_taken_off():
    film = reading(one_hot(4, 4, 0.07), reference=one_hot(4, 4, 0.07))
    assert overlay.nothing(overlay.shown(film, View(reference=True)))


def test_colours_grow_from_nothing_and_only_grow():
    for half in (SIGNED[STEPS:, 3], SIGNED[STEPS::-1, 3], GRAD_CAM[STEPS:, 3]):
        assert half[0] == 0
        assert half[-1] == 255
        assert (np.diff(half.astype(int)) >= 0).all()
    assert not GRAD_CAM[:STEPS, 3].any()


# Viénot, Brettel & Mollon 1999 (protanopia, deuteranopia) and Machado, Oliveira & Fernandes 2009 (tritanopia), on linear RGB.
COLOUR_BLIND = {
    "normal": np.eye(3),
    "protanopia": [[0.11238, 0.88762, 0], [0.11238, 0.88762, 0], [0.00401, -0.00401, 1]],
    "deuteranopia": [[0.29275, 0.70725, 0], [0.29275, 0.70725, 0], [-0.02234, 0.02234, 1]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}


def lab(rgb: np.ndarray) -> np.ndarray:
    """Linear RGB → CIE Lab (D65)."""
    xyz = np.clip(rgb, 0, 1) @ np.array([[0.4124, 0.2126, 0.0193], [0.3576, 0.7152, 0.1192], [0.1805, 0.0722, 0.9505]])
    f = np.cbrt(xyz / xyz.dtype.type(1) / np.array([0.9505, 1, 1.089]))
    return np.stack([116 * f[..., 1] - 16, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])], -1)


@pytest.mark.parametrize("vision", COLOUR_BLIND)
@pytest.mark.parametrize("grey", [40, 128, 215])
def test_for_and_against_are_told_apart_by_every_eye(vision, grey):
    film = np.full((1, 3), grey, np.uint8)
    strengths = np.array([[0.5, 0.75, 1.0]])
    seen = []
    for sign in (1, -1):
        rgb = overlay.compose(film, overlay.colour(sign * strengths, 1.0, SIGNED), 0.6) / 255
        linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
        seen.append(lab(linear @ np.array(COLOUR_BLIND[vision]).T))
    # ΔE 2.3 is just noticeable; ten times that is plain across a classroom.
    assert np.linalg.norm(seen[0] - seen[1], axis=-1).min() > 23


def test_composing_at_no_opacity_is_the_film_and_at_full_the_colour():
    film = np.arange(256, dtype=np.uint8).reshape(16, 16)
    hot = np.broadcast_to(SIGNED[-1], (16, 16, 4))
    assert (overlay.compose(film, hot, 0) == film[..., None]).all()
    assert (overlay.compose(film, hot, 1) == SIGNED[-1, :3]).all()


@given(height=st.integers(1, 9000), width=st.integers(1, 9000))
def test_films_are_shown_at_a_bounded_size_in_their_own_shape(height, width):
    h, w = overlay.display_size(height, width)
    assert max(h, w) <= overlay.DISPLAY
    assert (h, w) == (height, width) or abs(w - width * max(h, w) / max(height, width)) <= 1


def test_ticks_are_symmetric_and_say_log_odds():
    assert overlay.ticks(0.1, grad_cam=False) == [
        (0.0, "−0.1"),
        (0.25, "−0.05"),
        (0.5, "0"),
        (0.75, "+0.05"),
        (1.0, "+0.1"),
    ]
    assert [text for _, text in overlay.ticks(0.1283, grad_cam=True)] == ["0", "+0.064", "+0.13"]


@pytest.mark.parametrize("model", ["guided", "plain"])
def test_the_absolute_scale_cuts_less_than_a_hundredth_of_the_cells_and_more_than_a_thousandth(model):
    report = json.loads((Path(__file__).parents[2] / "reports" / f"{model}.json").read_text())
    quantile = report["evidence_per_cell"]
    assert quantile["99.0% of |evidence|"] < overlay.ABSOLUTE_SPAN < quantile["99.9% of |evidence|"]
