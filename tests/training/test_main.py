"""``python -m training``, asked for what it cannot do: one sentence, and status 2."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
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


def test_what_macos_leaves_in_an_archive_is_no_film(tmp_path, monkeypatch):
    source, out = tmp_path / "chest_xray", tmp_path / "out"
    for name in ("NORMAL/IM-0001-0001.jpeg", "PNEUMONIA/person1_bacteria_1.jpeg"):
        path = source / "train" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(path), np.zeros((30, 40), np.uint8))
        for junk in (path.with_name(f"._{path.name}"), source / "__MACOSX" / "train" / name):
            junk.parent.mkdir(parents=True, exist_ok=True)
            junk.write_bytes(b"junk")
    monkeypatch.setattr("sys.argv", ["training", "prepare", str(source), "--out", str(out)])
    assert main() == 0
    made = sorted(path.relative_to(out) for path in out.rglob("*.jpeg"))
    assert made == [
        Path("kermany/train/NORMAL/IM-0001-0001.jpeg"),
        Path("kermany/train/PNEUMONIA/person1_bacteria_1.jpeg"),
    ]
