"""``python -m training``, asked for what it cannot do: one sentence, and status 2."""

from __future__ import annotations

import pytest

from training.__main__ import main


@pytest.mark.parametrize(
    "arguments, words",
    [
        (["maps", "--data", "nowhere"], "There is no nowhere/nih/labels.csv: name the folder that"),
        (["report", "nobody"], "There is no checkpoint `nobody` to report: choose from plain, guided, small."),
        (["fit", "nobody"], "There is no checkpoint `nobody` to fit: choose from first, "),
        (["run", "nobody"], "There is no recipe `nobody`"),
        (["evaluate", "nobody", "nowhere", "--out", "out"], "choose one of"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(arguments, words, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["training", *arguments])
    assert main() == 2
    assert words in capsys.readouterr().err
