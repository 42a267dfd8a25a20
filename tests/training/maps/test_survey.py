"""The whole survey on two tiny films; a broken one goes on where it stopped."""

from __future__ import annotations

import json

import cv2
import numpy as np
import pytest

from tests import checkpoint
from training.maps import command, measure, survey
from training.maps.cases import Case
from training.maps.twins import twins
from xai.methods import CLOSED_FORMS, METHODS


@pytest.fixture
def films(film, tmp_path):
    rng = np.random.default_rng(0)
    made = [film(tmp_path / f"{i}.png", f"patient {i}") for i in range(2)]
    for one in made:
        cv2.imwrite(str(one.path), rng.integers(0, 256, (6, 5), np.uint8).repeat(16, 0).repeat(16, 1))
    return made


def test_what_has_been_measured_is_not_measured_again(film, tmp_path):
    taken = []

    def figures(case: Case) -> dict:
        taken.append(case.key)
        return {"value": len(taken)}

    cases = [Case(film(name), "cardiomegaly") for name in ("a.png", "b.png")]
    path = tmp_path / "runs" / "one.jsonl"
    survey.Records(path, "v1").each(cases[:1], "kind", figures, "")
    again = survey.Records(path, "v1").each(cases, "kind", figures, "")
    assert again == {"a.png cardiomegaly": {"value": 1}, "b.png cardiomegaly": {"value": 2}}
    assert survey.Records(path, "v2").done == {}
    survey.Records(path, "v1").each(["a.png"], "read", lambda name: {"name": name}, "", key=str.upper)
    assert survey.Records(path, "v1").done["read A.PNG"] == {"name": "a.png"}


def test_the_report_holds_every_method_and_goes_on_without_measuring_again(films, tmp_path, monkeypatch):
    weights = checkpoint.write(tmp_path / "weights")
    where = (films, weights, tmp_path / "runs", tmp_path / "reports" / "maps.json")
    command.report(["guided"], *where)
    first = json.loads(where[-1].read_text())
    model = first["models"]["guided"]
    dear = [key for key, method in METHODS.items() if method.films > survey.DEAR]
    assert model["films"] == {"boxed": 2, "sample": 2, "validation": 2}
    assert set(model["methods"]) == {*survey.SURVEYED, *survey.BASELINES}
    for key, entry in model["methods"].items():
        assert entry["baseline"] == (key in survey.BASELINES)
        few = 1 if key in dear else 2
        assert entry["localisation"]["films"] == entry["hide"]["films"] == few
        low, high = entry["hide"]["drop_interval"]
        assert low <= entry["hide"]["drop"] <= high
        assert (entry["randomised"] is None) == (key not in CLOSED_FORMS)
    assert model["findings"]["all"]["films"] == model["findings"]["cardiomegaly"]["films"] == 2

    def measured_again(*_):
        raise AssertionError("measured again")

    monkeypatch.setattr(measure, "whole", measured_again)
    monkeypatch.setattr(measure, "hiding", measured_again)
    command.report(["guided"], *where)
    assert json.loads(where[-1].read_text())["models"] == first["models"]


def test_other_checkpoints_of_the_report_stay(films, tmp_path):
    weights = checkpoint.write(tmp_path / "weights")
    path = tmp_path / "maps.json"
    path.write_text(json.dumps({"models": {"plain": {"version": "old"}}}))
    command.report(["guided"], films[:1], weights, tmp_path / "runs", path)
    models = json.loads(path.read_text())["models"]
    assert models["plain"] == {"version": "old"} and models["guided"]["version"] == "1.0"


def test_twins_have_the_same_weights_in_other_places(tmp_path):
    import xai

    real = xai.load("guided", checkpoint.write(tmp_path), threads=1)
    shuffled = twins(real, heads=2)
    canvas = np.random.default_rng(0).random((1, real.size, real.size)).astype(np.float32)
    for depth, same in (("head", True), ("all", False)):
        for twin in shuffled[depth]:
            assert (np.sort(twin.kernel, 0) == np.sort(real.kernel, 0)).all()
            assert (twin.kernel != real.kernel).any()
            assert np.allclose(twin.features(canvas), real.features(canvas)) == same
