"""The network that tells a film from its mirror image, on phantoms."""

from __future__ import annotations

import numpy as np
import onnxruntime
import pytest

from tests.files import phantom
from training import mirror as training
from training.data import Film
from xai import mirror as served


def test_copies_are_the_same_in_every_training_and_differ_between_epochs():
    films, children = [phantom(96, 96)] * training.BATCH, np.arange(training.BATCH) % 2 == 0
    copies, again = training.Copies(films, children), training.Copies(films, children)
    assert len(copies) == 1
    first, target = copies[0]
    assert first.shape == (training.BATCH, served.SIDE, served.SIDE, 1)
    assert np.array_equal(first, again[0][0]) and (target == 1).all()
    again.on_epoch_end()
    assert not np.array_equal(first, again[0][0])


def test_corners_are_covered_alike_and_nothing_else():
    film = phantom(96, 96)
    covered = training.corners_covered(film, 0.25, 0.125, 0.5)
    hidden = covered != film
    assert (covered[:24, :12] == 0.5).all() and (covered[:24, 84:] == 0.5).all()
    assert not hidden[24:].any() and not hidden[:, 12:84].any()


def test_specks_prefer_no_side():
    rng = np.random.default_rng(0)
    blank = np.full((96, 96), 0.5, np.float32)
    strewn = np.mean([training.specked(blank, rng) != blank for _ in range(4000)], axis=0)
    left, right = strewn[:, :48].mean(), strewn[:, 48:].mean()
    assert left == pytest.approx(right, rel=0.1)
    assert strewn[:32].mean() > 2 * strewn[32:].mean() > 0
    assert (blank == 0.5).all()


def test_a_patient_is_set_aside_whole_and_about_a_fifth_are():
    films = [Film(None, f"nih-{patient}", "adult", True, {}) for patient in range(2000)]
    aside = [training.is_set_aside(film) for film in films]
    assert aside == [training.is_set_aside(film) for film in films]
    assert 0.17 < np.mean(aside) < 0.23


def test_a_trained_network_is_written_with_the_threshold_that_accuses_no_unseen_film(tmp_path, monkeypatch):
    monkeypatch.setattr(training, "WIDTHS", (4, 4, 4, 4))
    rng = np.random.default_rng(0)
    grain = rng.normal(0, 0.02, (128, 96, 96)).astype(np.float32)
    films = list(np.clip(phantom(96, 96) + grain, 0, 1))
    children = np.arange(128) % 2 == 0
    net = training.fit(films, children, epochs=6)
    path = tmp_path / "mirror.onnx"
    assert training.write(net, films[:20], path) == pytest.approx(0.005, abs=0.006)
    unseen = films[:20] + [served.mirrored(film) for film in films[20:30]]
    threshold = training.write(net, unseen, path)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    scores = served.scores(session, np.stack([served.thumbnail(film) for film in unseen]))
    assert (scores[:20] > 0).all() and (scores[20:] < 0).all()
    assert -scores.min() < threshold < -scores.min() + 0.011
    assert float(session.get_modelmeta().custom_metadata_map["threshold"]) == threshold
    thumbnail = served.thumbnail(films[0])[None, ..., None]
    assert session.run(None, {"canvas": thumbnail})[0] == pytest.approx(net(thumbnail).numpy(), abs=0.01)
