"""Score-CAM beside another implementation's."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest

import xai
from benchmarks.films import phantom
from benchmarks.measures import score_cam
from xai.lab.subject import Subject
from xai.methods.spread import spread

RAMP = np.arange(16.0).reshape(4, 4)  # as many cells as the tiny checkpoint has


class Fake:
    """Draws ramps in known times, and notes its jobs."""

    jobs: ClassVar[list[str]] = []

    def __init__(self, _python, module: str, arguments: list[str], _folder, _log):
        self.folder, self.theirs = Path(arguments[0]), "pytorch" in module
        self.about = {"versions": {}, "logits": [[0.0, 0.0]]}

    def run(self, job: str) -> float:
        method, index = ("theirs", job) if self.theirs else job.split()
        Fake.jobs.append(method)
        np.save(self.folder / f"{method}-{index}.npy", -RAMP if method == "score-cam" else RAMP)
        return {"theirs": 6000.0, "score-cam": 1000.0, "score-cam-all": 3000.0}[method]

    def close(self) -> None:
        pass


@pytest.fixture
def fakes(monkeypatch) -> type[Fake]:
    """Both sides without their models."""
    Fake.jobs = []
    monkeypatch.setattr(score_cam, "write_network", lambda *_: None)
    monkeypatch.setattr(score_cam, "environment", lambda folder: folder)
    monkeypatch.setattr(score_cam, "Contestant", Fake)
    return Fake


def value(result, start: str):
    (figure,) = [each for each in result.figures if each.what.startswith(start)]
    return figure


def test_agreement_is_of_ranks_and_of_the_hottest_cell():
    found = score_cam.agreement([RAMP, RAMP, RAMP], [RAMP**2, -RAMP, 2 * RAMP])
    assert found == pytest.approx({"median": 1, "lowest": -1, "hottest": 2 / 3})


def test_corner_to_corner_is_how_torch_spreads_masks(settings):
    classifier = xai.load(weights=settings.weights, threads=1)
    tall = xai.Radiograph(phantom(66, 40, 0) / np.float32(255))  # 33 × 20 on the canvas of 33 × 33
    subject = score_cam.corner_to_corner(Subject.of(classifier, xai.explain(classifier, tall)))
    mask = np.random.default_rng(0).random((4, 4)).astype(np.float32)
    lines = np.arange(4) * 32 / 3
    rows = np.stack([np.interp(np.arange(33), lines, column) for column in mask.T], axis=1)
    whole = np.stack([np.interp(np.arange(33), lines, row) for row in rows])
    left, width = subject.where.left, subject.where.width
    assert left > 0
    np.testing.assert_allclose(spread(subject, mask[None])[0], whole[:, left : left + width], atol=1e-6)


def test_ratios_and_losses_come_from_the_same_maps(settings, fakes):
    result = score_cam.run(settings)
    assert value(result, "pytorch-grad-cam / ours, 96").value == 6
    assert value(result, "pytorch-grad-cam / ours, 96").met is True
    assert value(result, "pytorch-grad-cam / ours, all").value == 2
    assert result.raw["few_against_all"] == pytest.approx({"median": -1, "lowest": -1, "hottest": 0})
    assert result.raw["all_against_theirs"] == pytest.approx({"median": 1, "lowest": 1, "hottest": 1})
    # The fake's network says 0, ours does not.
    assert value(result, "pytorch-grad-cam's network").met is False


def test_every_contestant_draws_every_film_and_turns_back(fakes, tmp_path):
    contestants = {
        side: Fake(None, module, [tmp_path], None, None) for side, module in (("ours", ""), ("theirs", "pytorch"))
    }
    samples = score_cam.race(contestants, 2)
    assert fakes.jobs == ["score-cam", "score-cam-all", "theirs", "theirs", "score-cam-all", "score-cam"]
    assert samples == {"score-cam": [1, 1], "score-cam-all": [3, 3], "theirs": [6, 6]}


def test_without_the_peer_the_target_is_missed_and_the_loss_is_measured(settings, fakes, monkeypatch):
    def absent(_folder):
        raise RuntimeError("no network")

    monkeypatch.setattr(score_cam, "environment", absent)
    result = score_cam.run(settings)
    assert result.errors == {"theirs": "no network"}
    assert value(result, "pytorch-grad-cam / ours, 96").met is False
    assert value(result, "96 channels against all: rank correlation, median").value == pytest.approx(-1)
