"""The command line as a script would use it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.files import phantom


def test_the_contract_line_by_line(folder, run):
    films = [folder / "a.png", folder / "b.txt", folder / "two" / "a.png"]
    status, out, err = run("explain", *films, "--json", "--out", folder / "out")
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


def test_a_table_for_people_and_errors_on_their_own_stream(folder, run):
    status, out, err = run("explain", folder / "a.png", folder / "b.txt")
    assert status == 1
    assert "evidence for cardiomegaly" in out and "b.txt" not in out
    assert err.count("\n") == 1 and "b.txt" in err


def test_one_finding_alone(folder, run):
    arguments = (folder / "a.png", "--json", "--out", folder / "out", "--finding", "cardiomegaly")
    status, out, _ = run("explain", *arguments)
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
def test_wrong_usage_is_one_sentence_and_status_2(folder, run, arguments, sentence):
    arguments = [argument.format(folder=folder) for argument in arguments]
    status, out, err = run("explain", folder / "a.png", *arguments)
    assert (status, out) == (2, "")
    assert sentence in err and err.count("\n") == 1


def test_no_films_is_wrong_usage():
    done = subprocess.run([sys.executable, "-m", "xai", "explain"], capture_output=True, text=True)
    assert done.returncode == 2 and "usage" in done.stderr


def test_a_reader_that_stops_early_gets_no_traceback(folder):
    films = [str(folder / "a.png")] * 40
    command = [sys.executable, "-m", "xai", "explain", *films, "--weights", str(folder / "weights"), "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        process.stdout.readline()
        process.stdout.close()
        assert "Traceback" not in process.stderr.read()


def test_no_finding_is_named_of_a_picture_that_the_gate_refuses_unless_asked(folder, run):
    picture = folder / "colour.png"
    channels = [np.roll(np.round(phantom(120, 100) * 255).astype(np.uint8), shift, 1) for shift in (0, 30, 60)]
    cv2.imwrite(str(picture), np.stack(channels, axis=-1))
    status, out, _ = run("explain", picture, "--out", folder / "out")
    assert status == 0
    assert "What was noticed: it is in colour." in out and "cardiomegaly" not in out.lower()
    assert not list((folder / "out").glob("*.png"))
    _, out, _ = run("explain", picture, "--finding", "cardiomegaly")
    assert "evidence for cardiomegaly" in out and "does not look like" in out
    _, out, _ = run("explain", picture, "--json")
    answer = json.loads(out)
    assert answer["gate"] == {"chest_film": False, "population": "adult", "noticed": ["it is in colour"]}
    assert set(answer["findings"]) == {"cardiomegaly", "pneumonia_child"}
