"""A whole run on tiny films: train, stop, go on, settle, report, load again."""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.special import expit

keras = pytest.importorskip("keras")

from training.data import load as decode  # noqa: E402
from training.evaluation import run  # noqa: E402
from training.evaluation.collection import Collection  # noqa: E402
from training.recipes import catalogue, command, predictor, train  # noqa: E402
from training.recipes.baseline import Baseline, Ensemble, Part  # noqa: E402
from training.recipes.errors import RecipeError  # noqa: E402
from training.recipes.films import hold_out, labelled  # noqa: E402

LAYERS = (
    Part("Conv2D", {"filters": 4, "kernel_size": 3, "padding": "same", "activation": "relu"}),
    Part("MaxPooling2D"),
    Part("Conv2D", {"filters": 8, "kernel_size": 3, "padding": "same", "activation": "relu"}),
)
TINY = Baseline(
    ("cardiomegaly",),
    size=24,
    channels=1,
    features=LAYERS,
    head=(Part("GlobalMaxPooling2D"),),
    scaling="symmetric",
    served_scaling="unit",
    balanced=True,
    augmentation=(Part("RandomFlip", {"mode": "horizontal"}),),
    optimiser=Part("Adam", {"learning_rate": 0.02}),
    batch=16,
    epochs=8,
    callbacks=catalogue.BASELINES["pneumonia-recall"].callbacks,
)
CHILD = replace(
    TINY, findings=("pneumonia_child",), served_scaling=None, unsure=(0.9, 0.9), boxes="pneumonia", epochs=2
)


RECIPES = {
    "tiny": TINY,
    "twin": replace(TINY, seed=7, epochs=1),
    "child": CHILD,
    "pair": Ensemble(("tiny", "twin")),
}


@pytest.fixture(scope="module")
def done(films, few_rounds, tmp_path_factory) -> Path:
    """A folder with ``runs/`` and ``reports/`` of all tiny recipes."""
    folder = tmp_path_factory.mktemp("done")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(command, "RECIPES", RECIPES)
        for name in RECIPES:
            command.run(name, *films, options(folder))
    return folder


def options(folder: Path) -> argparse.Namespace:
    return argparse.Namespace(runs=folder / "runs", reports=folder / "reports", init="", epochs=None, minutes=None)


def read(done: Path, name: str) -> dict:
    return json.loads((done / "reports" / f"{name}.json").read_text())


def test_a_run_ends_in_a_report(done):
    tiny = read(done, "tiny")
    entry = tiny["findings"]["cardiomegaly"]
    assert entry["auc"] > 0.9 and entry["auc_interval"][0] <= entry["auc"] <= entry["auc_interval"][1]
    cells = [entry[key] for key in ("true_positive", "false_negative", "false_positive", "true_negative")]
    assert sum(cells) == entry["films"] == tiny["films"]["total"]
    assert tiny["training"]["epochs"] <= 8
    assert tiny["parameters"] == 9 * 4 + 4 + 4 * 9 * 8 + 8 + 8 + 1
    assert tiny["seconds_per_film"]["with_grad_cam"] > 0


def test_maps_are_judged_on_boxes_beside_centre_and_random(done):
    maps = read(done, "tiny")["localisation"]["cardiomegaly"]
    assert maps["argmax_in_box"] == maps["centre"]["argmax_in_box"] == 1
    assert maps["share_in_box"] > 0.5 > maps["random"]["share_in_box"]


def test_a_childs_finding_is_judged_on_the_boxes_of_adults(done):
    maps = read(done, "child")["localisation"]
    assert next(iter(maps)) == "pneumonia" and maps["pneumonia"]["boxed_films"] > 0


def test_the_scaling_that_the_seed_serves_with_costs_something_at_the_same_threshold(done):
    tiny = read(done, "tiny")
    learnt, served = tiny["findings"]["cardiomegaly"], tiny["served_scaling"]["findings"]["cardiomegaly"]
    assert tiny["served_scaling"]["served"] == "unit"
    assert served["operating_point"] == learnt["operating_point"]
    assert served["brier"] > learnt["brier"]


def test_unknown_is_a_band_about_the_operating_point(done):
    entry = read(done, "child")["findings"]["pneumonia_child"]
    low, high = entry["unsure"]
    assert low <= entry["operating_point"] <= high
    assert 0 <= entry["share_unsure"] <= 1


def test_an_ensemble_averages_its_members(done, films):
    pair, tiny, twin = (predictor.load(done / "runs" / name) for name in ("pair", "tiny", "twin"))
    pixels = decode(films[1][:6])
    mean = (expit(tiny.logits(pixels).astype(float)) + expit(twin.logits(pixels).astype(float))) / 2
    np.testing.assert_allclose(expit(pair.logits(pixels)), mean, atol=1e-6)
    sums = pair.read(pixels).maps.sum((1, 2))
    assert ((sums > 0) & (sums < 1 + 1e-5)).all()
    report = read(done, "pair")
    assert report["training"]["members"] == {name: read(done, name)["training"] for name in ("tiny", "twin")}
    assert "argmax_in_box" in report["localisation"]["cardiomegaly"]


def test_thresholds_keep_their_promise_on_held_out_patients_and_are_loaded_again(done, films):
    trained = predictor.load(done / "runs" / "tiny")
    held = labelled(hold_out(films[0])[1], ("cardiomegaly",))
    present = decode([film for film in held if film.labels["cardiomegaly"]])
    logits = trained.logits(present)
    assert (expit(logits.astype(float)) >= trained.thresholds["cardiomegaly"]).mean() >= 0.85
    answer = trained.read(present)
    np.testing.assert_allclose(answer.logits, logits, atol=1e-3)
    assert answer.maps.shape == (len(present), 12, 12, 1)
    np.testing.assert_allclose(answer.extent, np.tile([0, 0, 1, 1], (len(present), 1)), atol=1e-9)


def test_whoever_judges_by_thresholds_needs_them(done, films, tmp_path):
    with pytest.raises(RecipeError, match="no thresholds yet: go on with `python -m training run tiny`"):
        train.train("tiny", TINY, films[0], tmp_path, "", minutes=1e-9)
        run._predictor(str(tmp_path / "tiny"), None)


def test_weights_that_were_cut_short_are_one_sentence(films, tmp_path):
    train.train("tiny", TINY, films[0], tmp_path, "", minutes=1e-9)
    weights = tmp_path / "tiny" / train.WEIGHTS
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(RecipeError, match="cannot be read: remove .* and train anew"):
        predictor.load(tmp_path / "tiny")


def test_a_trained_recipe_goes_through_the_evaluation_of_everything(done, films, tmp_path):
    trained = run._predictor(str(done / "runs" / "child"), None)
    report = run.evaluate(trained, Collection("tiny films", films[1]), tmp_path, stressed=0)
    assert report["checkpoint"] == "child" and list(report["findings"]) == ["pneumonia_child"]
    assert tuple(report["findings"]["pneumonia_child"]["unsure"]) == trained.unsure["pneumonia_child"]


def test_a_folder_without_a_run_is_answered_with_the_command_that_makes_one(tmp_path):
    with pytest.raises(RecipeError, match="train it with `python -m training run"):
        run._predictor(str(tmp_path), None)


def test_an_interrupted_training_goes_on_with_the_next_epoch(films, tmp_path, monkeypatch):
    def interrupt(budget, epoch, logs=None):
        if epoch == 1:
            raise KeyboardInterrupt

    baseline = replace(TINY, epochs=4, callbacks=())
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(train.TimeBudget, "on_epoch_end", interrupt)
        train.train("tiny", baseline, films[0], tmp_path, "", minutes=99)
    log = tmp_path / "tiny" / train.LOG
    before = log.read_text().splitlines()
    assert len(before) == 1 + 2
    train.train("tiny", baseline, films[0], tmp_path, "")
    after = log.read_text().splitlines()
    # The epoch in which it was cut short is done again.
    assert after[:3] == before and [line.split(",")[0] for line in after[1:]] == ["0", "1", "1", "2", "3"]
    state = json.loads((tmp_path / "tiny" / train.STATE).read_text())
    assert (state["epochs"], state["ended"]) == (4, "all epochs")


def test_a_time_budget_ends_with_the_epoch_and_a_later_run_goes_on(films, tmp_path, capsys):
    baseline = replace(TINY, epochs=3, callbacks=())
    train.train("tiny", baseline, films[0], tmp_path, "", minutes=1e-9)
    state = json.loads((tmp_path / "tiny" / train.STATE).read_text())
    assert state["epochs"] == 1 and state["ended"] == "time budget"
    train.train("tiny", baseline, films[0], tmp_path, "")
    state = json.loads((tmp_path / "tiny" / train.STATE).read_text())
    assert (state["epochs"], state["ended"]) == (3, "all epochs")
    train.train("tiny", baseline, films[0], tmp_path, "")
    assert "trained already, 3 epochs" in capsys.readouterr().out


def test_a_run_of_another_recipe_is_not_overwritten(tmp_path):
    train.claim(tmp_path / "a", TINY)
    train.claim(tmp_path / "a", replace(TINY, epochs=99))
    with pytest.raises(RecipeError, match="another recipe: remove it"):
        train.claim(tmp_path / "a", replace(TINY, size=32))


def test_an_ensemble_says_which_member_is_missing(monkeypatch, films, tmp_path):
    monkeypatch.setattr(command, "RECIPES", RECIPES)
    with pytest.raises(RecipeError, match="python -m training run tiny"):
        command.run("pair", *films, options(tmp_path))
    assert not (tmp_path / "runs" / "pair").exists()


def test_films_of_one_kind_are_refused(films, tmp_path):
    present = [film for film in films[0] if film.labels.get("cardiomegaly")]
    with pytest.raises(RecipeError, match="with and without cardiomegaly"):
        train.train("tiny", TINY, present, tmp_path, "")


def test_the_balanced_loss_gives_both_classes_half_and_unknown_labels_nothing():
    label = np.array([[1], [0], [0], [0]], np.float32)
    right, wrong = np.log1p(np.exp([-3, 3]))  # the cost of one film whose logit is 3 on either side

    def cost(label: np.ndarray, balanced: bool, *logits: float) -> float:
        return float(train.loss(label, balanced)(label, np.array(logits, np.float32)[:, None]))

    assert cost(label, True, 3, -3, -3, -3) == pytest.approx(right, rel=1e-5)
    assert cost(label, True, -3, -3, -3, -3) == pytest.approx((wrong + right) / 2, rel=1e-5)
    assert cost(label, False, -3, -3, -3, -3) == pytest.approx((wrong + 3 * right) / 4, rel=1e-5)
    assert cost(np.array([[1], [-1]], np.float32), False, 3, 9) == pytest.approx(right, rel=1e-5)


def test_a_run_whose_state_was_broken_is_one_sentence_and_not_a_traceback(films, tmp_path):
    for minutes in (1e-9, None):
        if minutes is None:
            for path in (tmp_path / "broken" / "backup").rglob("*.h5"):
                path.write_bytes(path.read_bytes()[:100])
            with pytest.raises(RecipeError, match="remove it to train anew"):
                train.train("broken", TINY, films[0], tmp_path, "", minutes)
        else:
            train.train("broken", TINY, films[0], tmp_path, "", minutes)
