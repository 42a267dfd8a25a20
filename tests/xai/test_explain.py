"""The seam on tiny checkpoints, on the shipped ones with phantoms, and on real films."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import xai
from tests import checkpoint
from tests.files import phantom
from xai.radiograph import Radiograph

MODELS = ("guided", "plain")


@pytest.fixture(scope="module", params=MODELS)
def shipped(request):
    return xai.load(request.param)


def adds_up(classifier, film) -> float:
    """The largest |Σ evidence + bias − logit|, with the logit taken from pooled features in float64."""
    explanation = xai.explain(classifier, film)
    canvas, _ = xai.geometry.letterbox(explanation.radiograph.pixels, classifier.size)
    pooled = classifier.features(canvas[None])[0].astype(np.float64).mean((0, 1))
    expected = pooled @ classifier.kernel.astype(np.float64) + classifier.bias
    sums = [r.bias + r.evidence.sum(dtype=np.float64) for r in explanation.readings.values()]
    assert [r.logit for r in explanation.readings.values()] == pytest.approx(sums, abs=1e-9)
    return float(np.abs(np.array(sums) - expected).max())


@pytest.mark.parametrize("shape", [(299, 299), (700, 500), (333, 512)])
def test_evidence_adds_up_on_phantoms(shipped, shape):
    assert adds_up(shipped, phantom(*shape)) <= 1e-4


def test_evidence_adds_up_on_real_films(shipped, data):
    films = sorted((data / "nih" / "images").glob("*.jpg"))[::200][:5]
    films += sorted((data / "kermany" / "train").glob("*/*.jpeg"))[::900][:5]
    assert len(films) == 10
    assert max(adds_up(shipped, film) for film in films) <= 1e-4


def test_the_reference_adds_up_too(shipped):
    for reading in xai.explain(shipped, phantom(400, 400)).readings.values():
        above, bias = reading.above_reference()
        assert bias + above.sum(dtype=np.float64) == pytest.approx(reading.logit, abs=1e-4)


def test_a_path_bytes_an_array_and_a_film_are_read_alike(tmp_path):
    import cv2

    classifier = xai.load(weights=checkpoint.write(tmp_path / "weights"))
    grey = np.round(phantom(200, 180) * 255).astype(np.uint8)
    path = tmp_path / "film.png"
    cv2.imwrite(str(path), grey)
    forms = (path, str(path), path.read_bytes(), grey, xai.read(path))
    logits = [xai.explain(classifier, form).readings["cardiomegaly"].logit for form in forms]
    assert len(set(logits)) == 1


def test_the_contract(tmp_path):
    classifier = xai.load(weights=checkpoint.write(tmp_path, version="7.1"))
    explanation = xai.explain(classifier, phantom(200, 180))
    answer = json.loads(json.dumps(explanation.to_dict()))
    assert (answer["model"], answer["version"]) == ("guided", "7.1")
    assert set(answer["gate"]) == {"chest_film", "population", "noticed"}
    for name, entry in answer["findings"].items():
        one = explanation.arrays()[name]
        assert one.dtype == np.float32 and one.ndim == 2
        assert set(entry) == {"logit", "bias", "probability", "operating_point", "population"}
        assert entry["bias"] + one.sum(dtype=np.float64) == pytest.approx(entry["logit"], abs=1e-5)
        assert entry["probability"] == pytest.approx(1 / (1 + np.exp(-entry["logit"])))
    assert explanation.arrays()["extent"].tolist() == answer["extent"]


def test_a_letter_boxed_film_sees_what_its_square_canvas_sees(shipped):
    """Padding a film black by hand changes where the grid lies on it, and nothing else."""
    tall = phantom(598, 300)  # 150 of 299 canvas pixels wide, at an even offset: both films meet the same pixels
    square = np.zeros((598, 598), np.float32)
    square[:, 148:448] = tall
    left, right = (xai.explain(shipped, Radiograph(film)) for film in (tall, square))
    assert left.readings["effusion"].logit == pytest.approx(right.readings["effusion"].logit, abs=1e-3)
    x0, y0, x1, y1 = left.extent
    u0, v0, u1, v1 = right.extent
    assert (y0, y1) == pytest.approx((v0, v1))
    # Square fractions → tall fractions.
    assert tuple((u * 598 - 148) / 300 for u in (u0, u1)) == pytest.approx((x0, x1), abs=1e-6)


def test_a_change_on_the_film_moves_the_cells_above_it():
    """The extent is true: a spot on the film changes most the cell that the extent says lies there, or its neighbour.

    Of what has learnt to look no further: `guided`, of the same convolutions, has. For the layers alone see ``test_restore``.
    """
    plain = xai.load("plain")
    where = xai.geometry.place(299, 299, plain.size)
    x0, y0, x1, y1 = where.grid_extent(17)

    def strongest_response(row: int, column: int) -> tuple[int, int]:
        x, y = where.to_canvas(x0 + (column + 0.5) / 17 * (x1 - x0), y0 + (row + 0.5) / 17 * (y1 - y0))
        flat = np.full((299, 299), 0.5, np.float32)
        spot = flat.copy()
        spot[round(y) - 6 : round(y) + 6, round(x) - 6 : round(x) + 6] = 1
        change = ((plain.features(spot[None]) - plain.features(flat[None])) ** 2)[0].sum(-1)
        return tuple(int(i) for i in np.unravel_index(change.argmax(), change.shape))

    for row, column in ((2, 3), (5, 5), (8, 8), (11, 12), (14, 13)):
        assert strongest_response(row, column) == pytest.approx((row, column), abs=1)


def test_eight_threads_agree_with_one(shipped):
    films = [Radiograph(np.roll(phantom(299, 299), shift, axis=1)) for shift in range(8)]
    alone = [xai.explain(shipped, film).arrays() for film in films]

    def work(i: int):
        return [xai.explain(shipped, films[(i + k) % 8]).arrays() for k in range(3)]

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(work, range(8)))
    for i, answers in enumerate(results):
        assert len(answers) == 3
        for k, answer in enumerate(answers):
            for name, one in answer.items():
                assert np.array_equal(one, alone[(i + k) % 8][name])
