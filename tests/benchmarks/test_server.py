"""Contestants in processes of their own."""

from __future__ import annotations

import sys

import pytest

from benchmarks.server import Contestant

SERVER = """
import sys
from benchmarks.server import serve

def load(given):
    print("a library prints as it pleases")
    if given == ["broken"]:
        raise ValueError("no such model")
    return {"given": given}, lambda job: print("and again") or open(given[0], "a").write(job)

serve(load)
"""


@pytest.fixture
def folder(tmp_path, monkeypatch, request):
    (tmp_path / "contestant.py").write_text(SERVER)
    monkeypatch.setenv("PYTHONPATH", str(request.config.rootpath))
    return tmp_path


def test_a_contestant_tells_about_itself_and_runs_each_job(folder):
    jobs = folder / "jobs"
    contestant = Contestant(sys.executable, "contestant", [str(jobs)], folder, folder / "log")
    assert contestant.about["given"] == [str(jobs)]
    assert all(contestant.run(job) > 0 for job in "ab")
    contestant.close()
    assert jobs.read_text() == "ab"


def test_a_contestant_that_breaks_says_why(folder):
    with pytest.raises(RuntimeError, match="ValueError: no such model"):
        Contestant(sys.executable, "contestant", ["broken"], folder, folder / "log")
