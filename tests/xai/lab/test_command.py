"""``python -m xai test`` as a script would use it."""

from __future__ import annotations

import json

import pytest

from xai.lab import regions
from xai.lab.guide import GUIDES
from xai.lab.report import EXPERIMENTS


def test_one_object_per_film_with_every_experiment(folder, run):
    status, out, err = run("test", folder / "a.png", folder / "b.txt", "--json", "--against", "plain")
    assert (status, err) == (1, "")
    answer, bad = (json.loads(line, parse_constant=pytest.fail) for line in out.splitlines())
    assert set(bad) == {"film", "error"}
    assert set(answer["experiments"]) == {*EXPERIMENTS, "compare"}
    assert all(figures["verdict"] for figures in answer["experiments"].values())
    effect = answer["experiments"]["hide"]["effects"][answer["finding"]]
    assert effect["logit"][0] == answer["logit"] and len(effect["random_drops"]) == 20
    assert effect["drop"] == pytest.approx(effect["logit"][0] - effect["logit"][1])


def test_a_person_reads_the_question_and_the_verdict(folder, run):
    films, chosen = (folder / "a.png", folder / "b.txt"), ("--experiment", "hide", "--finding", "pneumonia_child")
    status, out, err = run("test", *films, *chosen, "--share", "20")
    assert status == 1 and err.count("\n") == 1 and "b.txt" in err
    assert GUIDES["hide"].asks in out and "Hiding the hot region" in out and GUIDES["curves"].title not in out


def test_chosen_cells_are_hidden(folder, run, monkeypatch):
    arguments = (folder / "a.png", "--experiment", "hide", "--cell", "0,0", "--fill", "mean")
    status, out, err = run("test", *arguments)
    # This checkpoint's first cell holds nearly the whole film.
    assert (status, out) == (1, "") and "% of the film is marked: mark at most 40 % of it" in err
    monkeypatch.setattr(regions, "LARGEST", 1)
    status, out, _ = run("test", *arguments)
    assert status == 0 and "Hiding the chosen cells" in out
    status, out, err = run("test", folder / "a.png", "--experiment", "hide", "--cell", "9,9")
    assert (status, out) == (1, "") and "rows are 0 to 3" in err and err.count("\n") == 1


@pytest.mark.parametrize(
    "arguments, sentence",
    [(["--finding", "gout"], "cardiomegaly"), (["--model", "oracle"], "guided"), (["--against", "oracle"], "guided")],
)
def test_what_the_checkpoint_lacks_is_one_sentence_and_status_2(folder, run, arguments, sentence):
    status, out, err = run("test", folder / "a.png", *arguments)
    assert (status, out) == (2, "")
    assert sentence in err and err.count("\n") == 1


@pytest.mark.parametrize("arguments", [["--share", "3"], ["--share", "x"], ["--cell", "7"], ["--experiment", "luck"]])
def test_wrong_usage_is_status_2(folder, run, capsys, arguments):
    with pytest.raises(SystemExit) as end:
        run("test", folder / "a.png", *arguments)
    assert end.value.code == 2 and "usage" in capsys.readouterr().err


def test_every_experiment_has_its_words():
    assert set(GUIDES) == {*EXPERIMENTS, "compare"}
    for guide in GUIDES.values():
        assert guide.asks.endswith("?") and guide.read.endswith(".") and guide.cannot.endswith(".")
        assert guide.link.startswith("https://") and guide.paper
