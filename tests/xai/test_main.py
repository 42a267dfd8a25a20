"""The command line as a script would use it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from tests import checkpoint
from tests.files import phantom

from xai.__main__ import main


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two films of one name in two folders, a text file, and a tiny checkpoint."""
    checkpoint.write(tmp_path / "weights")
    for name, shift in (("one", 0), ("two", 9)):
        (tmp_path / name).mkdir()
        film = np.round(np.roll(phantom(120, 100), shift, 1) * 255).astype(np.uint8)
        cv2.imwrite(str(tmp_path / name / "a.png"), film)
    (tmp_path / "b.txt").write_text("no film")
    return tmp_path


def run(folder: Path, *arguments, capsys) -> tuple[int, str, str]:
    status = main(["explain", *map(str, arguments), "--weights", str(folder / "weights")])
    out, err = capsys.readouterr()
    return status, out, err


def test_the_contract_line_by_line(folder, capsys):
    films = [folder / "one" / "a.png", folder / "b.txt", folder / "two" / "a.png"]
    status, out, err = run(folder, *films, "--json", "--out", folder / "out", capsys=capsys)
    assert status == 1 and err == ""
    first, bad, second = (json.loads(line) for line in out.splitlines())
    assert [Path(o["film"]).name for o in (first, bad, second)] == ["a.png", "b.txt", "a.png"]
    assert set(bad) == {"film", "error"} and "\n" not in bad["error"]
    assert first["evidence"] != second["evidence"]
    for answer in (first, second):
        with np.load(answer["evidence"], allow_pickle=False) as arrays:
            assert set(arrays) == {*answer["findings"], "extent"}
            for name, entry in answer["findings"].items():
                assert arrays[name].dtype == np.float32
                assert entry["bias"] + arrays[name].sum(dtype=np.float64) == pytest.approx(entry["logit"], abs=1e-5)
        assert json.loads(Path(answer["evidence"].replace(".evidence.npz", ".json")).read_text()) == answer
    assert first["findings"]["cardiomegaly"]["logit"] != second["findings"]["cardiomegaly"]["logit"]
    assert len(list((folder / "out").glob("*.png"))) == 2


def test_a_table_for_people_and_errors_on_their_own_stream(folder, capsys):
    status, out, err = run(folder, folder / "one" / "a.png", folder / "b.txt", capsys=capsys)
    assert status == 1
    assert "evidence for cardiomegaly" in out and "b.txt" not in out
    assert err.count("\n") == 1 and "b.txt" in err


def test_one_finding_alone(folder, capsys):
    arguments = (folder / "one" / "a.png", "--json", "--out", folder / "out", "--finding", "cardiomegaly")
    status, out, _ = run(folder, *arguments, capsys=capsys)
    assert status == 0
    assert list(json.loads(out)["findings"]) == ["cardiomegaly"]
    assert [p.name for p in (folder / "out").glob("*.png")] == ["a.cardiomegaly.png"]


@pytest.mark.parametrize(
    "arguments, sentence",
    [
        (["--finding", "gout"], "cardiomegaly"),
        (["--model", "oracle"], "guided"),
        (["--out", "{folder}/b.txt"], "name a folder"),
    ],
)
def test_wrong_usage_is_one_sentence_and_status_2(folder, capsys, arguments, sentence):
    arguments = [argument.format(folder=folder) for argument in arguments]
    status, out, err = run(folder, folder / "one" / "a.png", *arguments, capsys=capsys)
    assert (status, out) == (2, "")
    assert sentence in err and err.count("\n") == 1


def test_no_films_is_wrong_usage():
    done = subprocess.run([sys.executable, "-m", "xai", "explain"], capture_output=True, text=True)
    assert done.returncode == 2 and "usage" in done.stderr


def test_a_reader_that_stops_early_gets_no_traceback(folder):
    films = [str(folder / "one" / "a.png")] * 40
    command = [sys.executable, "-m", "xai", "explain", *films, "--weights", str(folder / "weights"), "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        process.stdout.readline()
        process.stdout.close()
        assert "Traceback" not in process.stderr.read()


def test_no_finding_is_named_of_a_picture_that_the_gate_refuses_unless_asked(folder, capsys):
    picture = folder / "colour.png"
    channels = [np.roll(np.round(phantom(120, 100) * 255).astype(np.uint8), shift, 1) for shift in (0, 30, 60)]
    cv2.imwrite(str(picture), np.stack(channels, axis=-1))
    status, out, _ = run(folder, picture, "--out", folder / "out", capsys=capsys)
    assert status == 0
    assert "What was noticed: it is in colour." in out and "cardiomegaly" not in out.lower()
    assert not list((folder / "out").glob("*.png"))
    _, out, _ = run(folder, picture, "--finding", "cardiomegaly", capsys=capsys)
    assert "evidence for cardiomegaly" in out and "does not look like" in out
    _, out, _ = run(folder, picture, "--json", capsys=capsys)
    answer = json.loads(out)
    assert answer["gate"] == {"chest_film": False, "population": "adult", "noticed": ["it is in colour"]}
    assert set(answer["findings"]) == {"cardiomegaly", "pneumonia_child"}
