"""Our areas beside another implementation's."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from benchmarks.measures import faithfulness
from benchmarks.peers import xplique

OURS = {"deletion": 0.5, "insertion": 0.8}


@pytest.fixture
def peer(monkeypatch):
    """Lets a test say what xplique finds on each of three films; returns what it was given."""
    given: list[dict[str, np.ndarray]] = []

    def says(*areas: dict[str, float]) -> list[dict[str, np.ndarray]]:
        def start(_python, _module, arguments, _folder, _log) -> SimpleNamespace:
            given.extend(dict(np.load(path)) for path in sorted(Path(arguments[0]).glob("film-*.npz")))
            found = [{"whole": each, "split": dict.fromkeys(each, 0.4)} for each in areas]
            return SimpleNamespace(about={"versions": {}, "areas": found}, close=lambda: None)

        monkeypatch.setattr(faithfulness, "environment", lambda folder: folder)
        monkeypatch.setattr(faithfulness, "Contestant", start)
        monkeypatch.setattr(faithfulness, "ours", lambda *_: OURS)
        return given

    return says


def test_the_film_that_differs_most_decides(settings, peer):
    peer(OURS, {"deletion": 0.52, "insertion": 0.79}, OURS)
    deletion, split, insertion, _ = faithfulness.run(settings).figures
    assert deletion.value == pytest.approx(0.02 / 0.52) and deletion.met is False
    assert insertion.value == pytest.approx(0.01 / 0.79) and insertion.met is True
    assert split.value == pytest.approx(0.1 / 0.4) and split.met is None


def test_the_peer_gets_the_map_at_the_films_pixels(settings, peer):
    given = peer(OURS, OURS, OURS)
    faithfulness.run(settings)
    assert len(given) == 3
    for film in given:
        assert film["film"].shape == film["empty"].shape == film["heat"].shape == (33, 33)
        assert len(np.unique(film["heat"])) > 1
        assert not np.array_equal(film["film"], film["empty"])


def test_a_film_that_the_peer_leaves_out_is_an_error(settings, peer):
    peer(OURS, OURS)
    with pytest.raises(ValueError, match="shorter"):
        faithfulness.run(settings)


def test_without_the_peer_the_target_is_missed(settings, monkeypatch):
    def absent(_folder):
        raise RuntimeError("no network")

    monkeypatch.setattr(faithfulness, "environment", absent)
    result = faithfulness.run(settings)
    assert result.errors == {"xplique": "no network"}
    assert [figure.met for figure in result.figures] == [False, None, False, None]
    assert all(0 < entry["ours"][kind] < 1 for entry in result.raw["films"] for kind in ("deletion", "insertion"))


@pytest.mark.parametrize(("steps", "gone"), [(1, [6]), (2, [3, 6]), (3, [3, 5, 6]), (6, [1, 3, 3, 5, 5, 6])])
def test_pixels_of_one_cell_go_together(steps, gone):
    heat = np.array([[3.0, 5.0, 3.0], [-1.0, 2.0, 2.0]])
    assert xplique.whole(heat, steps) == gone
