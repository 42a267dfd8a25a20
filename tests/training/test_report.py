"""The report's figures of what a checkpoint reads, on logits made up for the purpose."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from training import report
from training.data import ADULT, CHILD, FINDINGS, Film


@pytest.fixture
def films() -> list[Film]:
    rng = np.random.default_rng(0)
    made = []
    for i in range(300):
        population, names = (("adult", ADULT), ("child", CHILD))[i % 2]
        labels = {name: bool(rng.random() < 0.3) for name in names}
        made.append(Film(Path("x"), f"p{i // 2}", population, not any(labels.values()), labels))
    return made


def test_leaving_the_unsure_open_is_judged_on_films_that_did_not_choose_the_zone(films, monkeypatch):
    monkeypatch.setattr(report, "interval", lambda *_: (0.0, 1.0))
    rng = np.random.default_rng(1)
    logits = np.array([[2.0 * film.labels.get(name, 0) - 1 for name in FINDINGS] for film in films])
    found = report.classification(films, logits + rng.normal(0, 1, logits.shape))
    assert list(found) == list(FINDINGS)
    for entry in found.values():
        assert entry["balanced_error"] == pytest.approx(1 - (entry["sensitivity"] + entry["specificity"]) / 2)
        assert 0 < entry["share_unsure"] < 0.5
    sure = np.mean([entry["balanced_error_sure"] for entry in found.values()])
    assert sure < 0.8 * np.mean([entry["balanced_error"] for entry in found.values()])
