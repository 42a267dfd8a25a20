"""``python -m xai methods`` as a script would use it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from xai.methods import METHODS, rise


@pytest.fixture(autouse=True)
def quick(monkeypatch) -> None:
    """RISE with few masks."""
    quick = replace(METHODS["rise"], steps=lambda subject, name: rise.rise(subject, name, masks=8))
    monkeypatch.setitem(METHODS, "rise", quick)


def test_one_object_per_film_with_every_method(folder, run):
    status, out, err = run("methods", folder / "a.png", folder / "b.txt", "--json")
    assert (status, err) == (1, "")
    answer, bad = (json.loads(line, parse_constant=pytest.fail) for line in out.splitlines())
    assert set(bad) == {"film", "error"}
    assert list(answer["methods"]) == list(METHODS)
    for figures in answer["methods"].values():
        assert figures["seconds"] >= 0 and 0 <= figures["border"] <= 1 and 0 <= figures["outside"] <= 1
        assert figures["hide"]["verdict"] and len(figures["hide"]["random_drops"]) == 20
        for kind in ("deletion", "insertion"):
            assert 0 <= figures["curves"][kind]["area"] <= 1 and len(figures["curves"][kind]["random_areas"]) == 3
    assert answer["agreement"]["hires-cam"]["evidence"] == pytest.approx(1)
    assert answer["methods"]["evidence"]["films"] == 0 and answer["methods"]["rise"]["films"] == 8


def test_chosen_methods_in_text_side_by_side(folder, run):
    chosen = ("--method", "grad-cam", "--method", "occlusion", "--finding", "pneumonia_child")
    status, out, err = run("methods", folder / "a.png", folder / "b.txt", *chosen, "--share", "20")
    assert status == 1 and err.count("\n") == 1 and "b.txt" in err
    assert "Grad-CAM." in out and "Occlusion." in out and "RISE" not in out
    assert "Rank correlation" in out and "outer 8 %" in out


@pytest.mark.parametrize("arguments", [["--finding", "gout"], ["--model", "oracle"]])
def test_what_the_checkpoint_lacks_is_one_sentence_and_status_2(folder, run, arguments):
    status, out, err = run("methods", folder / "a.png", *arguments)
    assert (status, out) == (2, "") and err.count("\n") == 1


@pytest.mark.parametrize("arguments", [["--method", "tea-leaves"], ["--share", "3"]])
def test_wrong_usage_is_status_2(folder, run, capsys, arguments):
    with pytest.raises(SystemExit) as end:
        run("methods", folder / "a.png", *arguments)
    assert end.value.code == 2 and "usage" in capsys.readouterr().err
