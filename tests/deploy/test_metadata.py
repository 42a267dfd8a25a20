"""spaces.yaml is the one source of the Space's metadata."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from deploy import checkpoint, metadata
from deploy.__main__ import main
from tests.hub import ROOT
from xai import hub

COLOURS = {"red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray"}


def test_the_readmes_front_matter_is_spaces_yaml():
    present, wanted = metadata.readme(ROOT)
    assert present == wanted, "run `python -m deploy front-matter`"


def test_what_the_hub_asks_of_a_spaces_metadata():
    here = metadata.read(ROOT)
    assert here["title"] == "CXR Lens"
    assert {here["colorFrom"], here["colorTo"]} <= COLOURS
    assert len(here["short_description"]) <= 60
    assert (here["sdk"], here["app_file"], here["license"]) == ("gradio", "app.py", "apache-2.0")
    assert here["python_version"] == "3.11", "a string: the number would lose its last digit with 3.10"


def test_the_space_runs_the_gradio_that_is_tested():
    (pinned,) = re.findall(r"^gradio==([\d.]+)", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
    assert metadata.read(ROOT)["sdk_version"] == pinned


def test_what_is_preloaded_is_what_is_pinned():
    pin, here = hub.read_pin(), metadata.read(ROOT)
    expected = metadata.preloading(pin, checkpoint.names(ROOT)) if pin else {}
    assert {key: here[key] for key in ("models", "preload_from_hub") if key in here} == expected


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder with a spaces.yaml."""
    (tmp_path / "spaces.yaml").write_text("title: 🫁 Lens\npython_version: '3.11'\n", encoding="utf-8")
    return tmp_path


FRONT = "---\ntitle: 🫁 Lens\npython_version: '3.11'\n---\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("---\ntitle: Old\n---\n\n# Name\n\n---\nafter a rule\n", FRONT + "\n# Name\n\n---\nafter a rule\n"),
        ("# Name\n\n---\nafter a rule\n", FRONT + "# Name\n\n---\nafter a rule\n"),
        (None, FRONT),
    ],
    ids=["replaced", "added", "created"],
)
def test_front_matter_is_replaced_and_the_rest_kept(root, capsys, before, after):
    if before is not None:
        (root / "README.md").write_text(before, encoding="utf-8")
    assert main(["front-matter", "--check"], root) == 2
    assert "python -m deploy front-matter" in capsys.readouterr().err
    assert main(["front-matter"], root) == 0
    assert (root / "README.md").read_text(encoding="utf-8") == after
    assert main(["front-matter", "--check"], root) == 0
