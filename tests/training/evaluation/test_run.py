"""An evaluation from films to files, with a predictor whose answers are known."""

from __future__ import annotations

import argparse
import base64
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path

import cv2
import pytest

import training.__main__
from tests import checkpoint
from tests.predictor import Brightness, phantoms
from training.evaluation import run
from training.evaluation.collection import Collection, shared
from training.evaluation.errors import EvaluationError
from training.evaluation.figures import save
from training.evaluation.options import add_arguments
from training.evaluation.run import evaluate

FIGURES = {"roc", "precision_recall", "confusion", "reliability", "scores", "coverage", "learning"}


@pytest.fixture(scope="module")
def out(few_rounds: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("evaluation")
    films = phantoms(folder)
    (folder / "log.csv").write_text("epoch,loss,val_loss\n0,2,3\n1,1,2\n")
    evaluate(
        Brightness(),
        Collection("phantoms", films),
        folder / "out",
        own=(films[:2], films[2:4]),
        log=folder / "log.csv",
        stressed=4,
        sheet=True,
    )
    return folder / "out"


@pytest.fixture(scope="module")
def report(out: Path) -> dict:
    return json.loads((out / "report.json").read_text(), parse_constant=pytest.fail)


def test_the_figures_of_merit(report: dict):
    entry = report["findings"]["cardiomegaly"]
    assert (entry["films"], entry["positive"]) == (16, 8)
    assert (entry["auc"], entry["auc_interval"]) == (1, [1, 1])
    assert (entry["true_positive"], entry["false_negative"]) == (8, 0)
    assert (entry["false_positive"], entry["true_negative"]) == (0, 8)
    assert (entry["accuracy"], entry["f1"]) == (1, 1)
    assert report["not_judged"] == ["pneumonia_child"]
    # The patient of films 0 and 1 is that of no other film; so are film 2's and 3's.
    films = {"total": 16, "adult": 16, "child": 0, "patients": 8, "seen_in_training": 2, "seen_in_validation": 2}
    assert report["films"] == films


def test_slices_stress_and_localisation_are_there(report: dict):
    assert set(report["slices"]) == {"sex"}  # in every other dimension the phantoms are alike
    assert set(report["slices"]["sex"]["cardiomegaly"]) == {"women", "men"}
    assert report["stress"]["films"] == 4
    assert set(report["stress"]["kinds"]["rotation"]["findings"]) == {"cardiomegaly"}
    assert report["localisation"]["cardiomegaly"]["boxed_films"] == 8
    assert report["localisation"]["cardiomegaly"]["argmax_in_box"] == 1


def test_every_figure_is_drawn(out: Path):
    assert {path.stem for path in (out / "figures").glob("*.png")} == FIGURES
    for path in [*(out / "figures").glob("*.png"), out / "contact_sheet.png"]:
        assert cv2.imread(str(path), cv2.IMREAD_GRAYSCALE).std() > 5


def test_the_page_refers_to_nothing_outside_itself(out: Path):
    page = (out / "report.html").read_text()
    links = re.findall(r"(?:src|srcset|href|action|data|poster)\s*=\s*[\"']?([^\"'\s>]+)", page)
    assert len(links) == 2 * len(FIGURES)
    pictures = [base64.b64decode(link.removeprefix("data:image/svg+xml;base64,")).decode() for link in links]
    for picture in pictures:
        assert all(link.startswith(("#", "data:image/png")) for link in re.findall(r"href=\"([^\"]*)\"", picture))
    for text in (re.sub(r"base64,[A-Za-z0-9+/=]+", "", page), *pictures):
        assert not re.search(r"url\((?!#)|@import|<script|<link|<iframe", text)
    assert "http" not in re.sub(r"base64,[A-Za-z0-9+/=]+", "", page)


def test_the_page_opens_with_the_result_in_words_and_its_limits(out: Path):
    text = re.sub(r"<[^>]+>", "", (out / "report.html").read_text().split("</style>")[1]).replace(
        "\N{NO-BREAK SPACE}", " "
    )
    headline = (
        "Cardiomegaly: AUC 1.000 (95 % interval 1.000–1.000). At its operating point of 50.0 % it marks 8 of 8 films"
    )
    assert headline in text
    assert text.index(headline) < text.index("Findings")
    assert "2 of these films, or others of the same patients, belong to the training data" in text
    assert "Not judged" in text and "Fewer than 30 films" in text
    assert "Not a medical device" in text
    assert "film0" not in text


def test_a_predictor_without_maps_unsure_zones_or_stress(tmp_path: Path):
    predictor = Brightness(maps=False)
    predictor.unsure = {}
    report = evaluate(predictor, Collection("phantoms", phantoms(tmp_path)), tmp_path / "out", stressed=0)
    assert report["localisation"] == {} and report["stress"] == {}
    assert "share_unsure" not in report["findings"]["cardiomegaly"]
    assert "It was not checked" in (tmp_path / "out" / "report.html").read_text()
    assert not (tmp_path / "out" / "contact_sheet.png").exists()


def test_films_of_one_kind_are_refused_before_they_are_read(tmp_path: Path):
    films = [film for film in phantoms(tmp_path) if film.normal]
    with pytest.raises(EvaluationError, match="No finding of brightness .* add films of the other kind"):
        evaluate(Brightness(), Collection("phantoms", films), tmp_path / "out")


def test_a_folder_that_cannot_be_written_is_said_before_the_films_are_read(tmp_path: Path):
    (tmp_path / "out").write_text("a file in its place")
    with pytest.raises(EvaluationError, match=r"out cannot be written .* name a folder that you may"):
        evaluate(Brightness(), Collection("phantoms", phantoms(tmp_path)), tmp_path / "out")


def test_a_film_that_cannot_be_read_is_named(tmp_path: Path):
    films = phantoms(tmp_path)
    films[3].path.write_text("not an image")
    with pytest.raises(EvaluationError, match=r"film3\.png: "):
        evaluate(Brightness(), Collection("phantoms", films), tmp_path / "out")


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Runs ``python -m training evaluate`` with arguments, for its first figure alone; returns the exit status."""
    monkeypatch.setattr(save, "FIGURES", dict([*save.FIGURES.items()][:1]))

    def run(*arguments: str | Path) -> int:
        monkeypatch.setattr(sys, "argv", ["training", "evaluate", *map(str, arguments)])
        return training.__main__.main()

    return run


def test_the_command(tmp_path: Path, command: Callable[..., int], capsys: pytest.CaptureFixture):
    films = phantoms(tmp_path)
    rows = [f"{film.path.name},adult,{film.patient},{int(film.labels['cardiomegaly'])}" for film in films]
    (tmp_path / "films.csv").write_text("\n".join(["path,population,patient,cardiomegaly", *rows]) + "\n")
    weights = checkpoint.write(tmp_path / "weights")
    options = ("--out", tmp_path / "out", "--weights", weights, "--data", tmp_path / "nothing", "--stress", 2)
    assert command("guided", tmp_path / "films.csv", *options) == 0
    assert capsys.readouterr().out.strip() == str(tmp_path / "out" / "report.html")
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert (report["checkpoint"], report["version"], report["films"]["seen_in_training"]) == ("guided", "1.0", None)
    assert report["findings"]["cardiomegaly"]["films"] == 16
    assert report["command"].startswith("python -m training evaluate guided ")
    for arguments, words in (
        (("nobody", tmp_path / "films.csv"), "choose one of guided, plain"),
        (("guided", tmp_path / "missing"), "does not exist: name a folder"),
        (("guided", "validation"), "no training data: name its folder in --data"),
    ):
        assert command(*arguments, *options) == 2
        error = capsys.readouterr().err
        assert words in error and error.count("\n") == 1


def test_learning_curves_come_from_the_recipes_own_log_unless_another_is_named(tmp_path: Path):
    (tmp_path / "tiny").mkdir()
    assert run._log(str(tmp_path / "tiny")) is None and run._log("guided") is None
    (tmp_path / "tiny" / "log.csv").touch()
    assert run._log(str(tmp_path / "tiny")) == tmp_path / "tiny" / "log.csv"


def test_validation_is_the_projects_own(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    seen = {}
    monkeypatch.setattr(run, "evaluate", lambda predictor, collection, out, **rest: seen.update(rest, it=collection))
    parser = argparse.ArgumentParser()
    add_arguments(parser, data)
    weights = checkpoint.write(tmp_path / "weights")
    assert run.main(parser.parse_args(["guided", "validation", "--out", str(tmp_path), "--weights", str(weights)])) == 0
    training, validation = seen["own"]
    assert seen["it"].films == validation
    assert shared(validation, validation) == len(validation)
    assert shared(validation, training) == 0
