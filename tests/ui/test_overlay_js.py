"""The page draws the overlay by the rule of xai/overlay.py: the same colours at the same pixels."""

from __future__ import annotations

import base64

import numpy as np
import pytest

from ui.explain import STATIC
from ui.scene import base64 as encoded
from xai import overlay
from xai.classifier import Finding
from xai.explain import Reading
from xai.geometry import place
from xai.overlay import View

DRAW = """([evidence, reference, extent, height, width, view, absolute, colours]) => {
  const values = cellValues(floats(evidence), floats(reference), view);
  const span = spanOf(values, view, absolute);
  const table = new Uint32Array(bytes(colours).buffer);
  const image = renderOverlay(values, [17, 17], extent, height, width, view, span, table);
  let text = "";
  for (let i = 0; i < image.data.length; i += 8192) text += String.fromCharCode(...image.data.subarray(i, i + 8192));
  return { pixels: btoa(text), ticks: tickLabels(span, view) };
}"""


@pytest.fixture(scope="module")
def blank(browser):
    page = browser.new_page()
    page.add_script_tag(content=(STATIC / "overlay.js").read_text(encoding="utf-8"))
    return page


VIEWS = [
    View(),
    View(smooth=False),
    View(grad_cam=True),
    View(grad_cam=True, smooth=False, stretched=True),
    View(stretched=True, reference=True),
    View(grad_cam=True, reference=True),
]


@pytest.mark.parametrize("shape", [(299, 299), (511, 340), (333, 700)])
@pytest.mark.parametrize("view", VIEWS, ids=str)
def test_browser_and_library_draw_alike(blank, shape, view):
    rng = np.random.default_rng(7)
    evidence, reference = rng.normal(0, 0.05, (2, 17, 17)).astype(np.float32)
    finding = Finding("mass", "Mass", "adult", 0.4, "85 % sensitivity", (0.3, 0.5))
    reading = Reading(finding, 0.0, 0.0, 0.5, evidence, reference)
    extent = place(*shape, 299).grid_extent(17)
    javascript = {name: getattr(view, name) for name in ("smooth", "stretched", "reference")} | {"gradCam": view.grad_cam}
    colours = encoded(overlay.table(view))
    drawn = blank.evaluate(
        DRAW, [encoded(evidence), encoded(reference), extent, *shape, javascript, overlay.ABSOLUTE_SPAN, colours]
    )
    pixels = np.frombuffer(base64.b64decode(drawn["pixels"]), np.uint8).reshape(*shape, 4)
    expected = overlay.render(reading, extent, shape, view)
    differ = (pixels != expected).any(-1)
    # Sums in another order may round to the next entry of the table, here and there.
    assert differ.mean() < 1e-4
    assert np.abs(pixels.astype(int) - expected).max() <= 4
    span = overlay.span(overlay.shown(reading, view), view.stretched)
    assert drawn["ticks"] == [text for _, text in overlay.ticks(span, view.grad_cam)]
