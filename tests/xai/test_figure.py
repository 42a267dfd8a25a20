"""The picture that is saved shows the film as it is, with the overlay at its place."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from tests.files import phantom
from tests.xai.test_overlay import one_hot, reading

from xai import overlay
from xai.explain import Explanation
from xai.figure import WIDTH, figure_png
from xai.gate import Verdict
from xai.geometry import place
from xai.overlay import View
from xai.radiograph import Radiograph


def explanation(
    height: int, width: int, evidence: np.ndarray, known: bool = True, population: str = "adult"
) -> Explanation:
    return Explanation(
        Radiograph(phantom(height, width)),
        "guided",
        "1.0",
        Verdict(known, population, 0.5),
        {"cardiomegaly": reading(evidence)},
        place(height, width, 299).grid_extent(17),
    )


def drawn(*arguments) -> np.ndarray:
    return cv2.imdecode(np.frombuffer(figure_png(*arguments), np.uint8), cv2.IMREAD_COLOR)[..., ::-1]


@pytest.mark.parametrize("shape", [(300, 300), (500, 380), (1500, 2100)])
def test_the_overlay_lies_where_the_cell_lies(shape):
    film = explanation(*shape, one_hot(5, 11, 0.1))
    with_, without = (drawn(film, "cardiomegaly", View(smooth=False, opacity=opacity)) for opacity in (1, 0))
    scale = WIDTH / max(shape)
    height, width = round(shape[0] * scale), round(shape[1] * scale)
    left = (WIDTH - width) // 2
    changed = (with_[:height, left : left + width] != without[:height, left : left + width]).any(-1)
    expected = overlay.render(film.readings["cardiomegaly"], film.extent, (height, width), View(smooth=False))
    assert (changed == (expected[..., 3] > 0)).all()
    assert (with_[:height, left : left + width][changed] == overlay.SIGNED[-1, :3]).all()


def test_every_view_is_written_on_the_picture():
    film = explanation(300, 300, one_hot(5, 11, 0.1))
    legends = [drawn(film, "cardiomegaly", view)[WIDTH:].tobytes() for view in (
        View(), View(grad_cam=True), View(stretched=True), View(reference=True)
    )]
    assert len(set(legends)) == 4


def test_a_film_without_positive_evidence_gets_no_colour_bar():
    film = explanation(300, 300, one_hot(5, 11, -0.1))
    legend = drawn(film, "cardiomegaly", View(grad_cam=True))[WIDTH:].astype(int)
    assert (legend.max(-1) - legend.min(-1)).max() < 30  # greys alone
    assert (lambda bar: bar.max(-1) - bar.min(-1))(drawn(film, "cardiomegaly")[WIDTH:].astype(int)).max() > 60


def test_an_output_of_the_other_population_is_marked_on_a_line_of_its_own():
    own, other = (
        drawn(explanation(300, 300, one_hot(5, 5), population=who), "cardiomegaly") for who in ("adult", "child")
    )
    assert other.shape[0] - own.shape[0] == 30
    assert (other[-45:-15] == own[-45:-15]).all()  # model, version, "not for diagnosis"
    assert np.ptp(other[WIDTH + 180 : WIDTH + 200].astype(int)) > 60


def test_a_refused_film_is_marked():
    known, refused = (drawn(explanation(300, 300, one_hot(5, 5), ok), "cardiomegaly") for ok in (True, False))
    assert (known[:WIDTH] == refused[:WIDTH]).all()
    assert (known[WIDTH:] != refused[WIDTH:]).any()
