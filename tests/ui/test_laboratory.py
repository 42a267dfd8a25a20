"""What the Test the map tab is sent, answer by answer, and what it is refused."""

from __future__ import annotations

import base64
import json

import numpy as np
import pytest

import xai
from tests import page
from tests.files import phantom
from ui.asking import RequestError
from ui.laboratory import answers, checked, outcome
from xai.errors import RegionError
from xai.lab import Subject
from xai.lab.guide import GUIDES
from xai.lab.regions import hottest
from xai.radiograph import Radiograph

FILM = Radiograph(phantom(300, 260), source="a.png")


@pytest.fixture(scope="module")
def classifiers(tmp_path_factory):
    weights = page.write(tmp_path_factory.mktemp("laboratory") / "weights")
    return {name: xai.load(name, weights, threads=1) for name in ("guided", "strict")}


def asked(
    classifiers, experiment="hide", model="guided", finding="cardiomegaly", share=20, fill="blur", cells=(), against=""
):
    return checked(classifiers, model, finding, experiment, share, fill, cells, against)


def floats(text: str) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), "<f4").reshape(17, 17)


@pytest.mark.parametrize("experiment", GUIDES)
def test_every_experiment_answers_in_json_and_comes_to_its_end(classifiers, experiment):
    sent = list(answers(asked(classifiers, experiment), FILM))
    assert all(json.loads(json.dumps(answer, allow_nan=False)) == answer for answer in sent)
    done = [answer["done"] for answer in sent]
    assert done == sorted(set(done)) and done[-1] == sent[-1]["of"]
    assert sent[-1]["verdict"].endswith(".")


def test_hiding_shows_the_effect_first_and_the_random_regions_as_they_come(classifiers):
    sent = list(answers(asked(classifiers), FILM))
    assert [len(answer["random"]) for answer in sent] == [0, 4, 8, 12, 16, 20]
    explanation = xai.explain(classifiers["guided"], FILM)
    subject = Subject.of(classifiers["guided"], explanation)
    region = hottest(subject, explanation.readings["cardiomegaly"].evidence, 0.2)
    assert sent[0]["cells"] == [[int(cell) // 17, int(cell) % 17] for cell in np.unique(subject.cells[region])]
    (change,) = [change for change in sent[0]["changes"] if change["finding"] == "cardiomegaly"]
    assert change["change"] == -sent[0]["drop"]
    logit = classifiers["guided"].bias[0] + floats(sent[0]["hidden"]["evidence"]).sum(dtype=np.float64)
    assert logit == pytest.approx(explanation.readings["cardiomegaly"].logit - sent[0]["drop"], abs=1e-4)
    assert "0 of 20 random regions" in sent[0]["verdict"] and "random regions looked at" not in sent[-1]["verdict"]


def test_marked_cells_are_what_is_hidden(classifiers):
    cells = [[8, 8], [8, 9], [9, 8]]
    first = next(answers(asked(classifiers, cells=cells), FILM))
    assert first["cells"] == cells
    assert "the chosen cells" in first["verdict"]


def test_closing_stops_the_work(classifiers, monkeypatch):
    looks = []
    look = Subject.look
    monkeypatch.setattr(Subject, "look", lambda self, films: looks.append(1) or look(self, films))
    running = answers(asked(classifiers, "curves"), FILM)
    next(running), next(running)
    running.close()
    before = len(looks)
    assert before < 5 and list(running) == [] and len(looks) == before


@pytest.mark.parametrize("experiment", GUIDES)
def test_a_program_gets_what_the_command_line_prints(classifiers, experiment):
    answer = json.loads(json.dumps(outcome(asked(classifiers, experiment, finding=""), FILM), allow_nan=False))
    assert list(answer) == ["film", "model", "version", "gate", "finding", "logit", "probability", "experiments"]
    assert (answer["film"], answer["model"]) == ("a.png", "guided")
    assert list(answer["experiments"]) == [experiment]
    assert answer["experiments"][experiment]["verdict"].endswith(".")


def test_the_page_and_a_program_are_told_the_same(classifiers):
    request = asked(classifiers)
    *_, last = answers(request, FILM)
    figures = outcome(request, FILM)["experiments"]["hide"]
    assert figures["verdict"] == last["verdict"]
    assert figures["effects"]["cardiomegaly"]["random_drops"] == last["random"]


@pytest.mark.parametrize(
    ("wrong", "mend"),
    [
        ({"model": "oracle"}, "guided, strict"),
        ({"model": None}, "guided, strict"),
        ({"finding": "gout"}, "cardiomegaly"),
        ({"finding": ["cardiomegaly"]}, "cardiomegaly"),
        ({"experiment": "luck"}, "hide"),
        ({"fill": "paint"}, "blur"),
        ({"share": "20"}, "5 to 40"),
        ({"share": None}, "5 to 40"),
        ({"share": True}, "5 to 40"),
        ({"share": float("nan")}, "5 to 40"),
        ({"share": float("inf")}, "5 to 40"),
        ({"experiment": "compare", "against": "guided"}, "strict"),
        ({"cells": "8,8"}, "mark them"),
        ({"cells": [[1]]}, "mark them"),
        ({"cells": [[1, 2.5]]}, "mark them"),
        ({"cells": [[True, 1]]}, "mark them"),
        ({"cells": [[1, 1]] * 10_001}, "mark them"),
    ],
)
def test_what_is_no_experiment_is_refused_with_a_mend(classifiers, wrong, mend):
    with pytest.raises(RequestError, match=mend) as refused:
        asked(classifiers, **wrong)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("wrong", "mend"),
    [
        ({"share": 41}, "5 to 40"),
        ({"cells": [[0, 17]]}, "0 to 16"),
        ({"cells": [[-1, 0]]}, "0 to 16"),
        ({"cells": [[row, column] for row in range(17) for column in range(17)]}, "mark at most 40 %"),
    ],
)
def test_what_the_film_has_not_is_refused_with_a_mend(classifiers, wrong, mend):
    with pytest.raises(RegionError, match=mend):
        next(answers(asked(classifiers, **wrong), FILM))


def test_the_model_to_compare_with_can_be_chosen(classifiers):
    three = classifiers | {"third": classifiers["strict"]}
    assert asked(three, "compare", model="strict").other is three["guided"]
    assert asked(three, "compare", model="guided", against="third").other is three["third"]
    assert asked(three, "hide", against="nobody").other is None


def test_one_model_alone_is_compared_with_nothing(classifiers):
    with pytest.raises(RequestError, match="only one model"):
        checked({"guided": classifiers["guided"]}, "guided", "", "compare", 15, "blur")
