"""The files that leave the page hold the evidence as it is, cell by cell."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest
from tests.files import phantom

import xai
from tests import page
from ui.document import document, evidence_csv, evidence_npz


@pytest.fixture(scope="module")
def explanation(tmp_path_factory):
    weights = page.write(tmp_path_factory.mktemp("document") / "weights")
    return xai.explain(xai.load(weights=weights), phantom(400, 300))


def test_the_document_holds_every_float32_exactly(explanation):
    evidence = document(explanation, "film.png")["evidence"]
    for name, reading in explanation.readings.items():
        assert (np.float32(evidence[name]) == reading.evidence).all()


def test_the_npz_is_the_contract_s(explanation):
    with np.load(io.BytesIO(evidence_npz(explanation)), allow_pickle=False) as arrays:
        assert set(arrays) == {*page.FINDINGS, "extent"}
        for name, reading in explanation.readings.items():
            assert arrays[name].dtype == np.float32
            assert reading.bias + arrays[name].sum(dtype=np.float64) == pytest.approx(reading.logit, abs=1e-4)
        assert tuple(arrays["extent"]) == pytest.approx(explanation.extent)


def test_the_csv_places_every_cell_on_the_film(explanation):
    rows = list(csv.DictReader(io.StringIO(evidence_csv(explanation))))
    assert len(rows) == 17 * 17
    first, last = rows[0], rows[-1]
    corners = [float(first["x0"]), float(first["y0"]), float(last["x1"]), float(last["y1"])]
    assert corners == pytest.approx(explanation.extent, abs=1e-6)
    for name, reading in explanation.readings.items():
        values = np.zeros((17, 17), np.float32)
        for row in rows:
            values[int(row["row"]), int(row["column"])] = row[name]
        assert (values == reading.evidence).all()
    assert all(float(row["x0"]) < float(row["x1"]) and float(row["y0"]) < float(row["y1"]) for row in rows)
