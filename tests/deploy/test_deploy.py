"""Publishing: what would go up, what does, and the way back from the Hub into a Space without weights."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from deploy import metadata
from deploy.__main__ import main
from deploy.checkpoint import BESIDE
from tests import checkpoint, hub

REPO, SPACE = "owner/cxr-lens", "owner/cxr-demo"
DEPLOY = """
import sys
from pathlib import Path
from deploy.__main__ import main
sys.exit(main(sys.argv[2:], Path(sys.argv[1])))
"""
UP = {
    "README.md",
    "LICENSE",
    "NOTICE",
    "docs/screenshot.png",
    "docs/figures/failures.jpg",
    "model_card.md",
    "requirements.txt",
    "app.py",
    "ui/page.py",
    "ui/style.css",
    "examples/composite.png",
    "reports/guided.json",
    "reports/maps.json",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A small project under git, with this project's own xai/ and spaces.yaml, and stray files that must stay."""
    root = tmp_path / "project"
    shutil.copytree(hub.ROOT / "xai", root / "xai", ignore=shutil.ignore_patterns("__pycache__", "hub.json"))
    (root / "xai/hub.json").write_text('{"repo": null, "revision": null, "manifest_sha256": null}\n')
    checkpoint.write(root / "weights")
    for name in UP - {"README.md"} | {"training/fit.py", "tests/test_app.py", "uix/page.py", "film.png", ".gitignore"}:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(f"content of {name}\n")
    (root / "README.md").write_text("# CXR Lens\n\n---\n\nWords.\n")
    source = yaml.safe_load((hub.ROOT / "spaces.yaml").read_text())
    unpinned = {key: value for key, value in source.items() if key not in ("models", "preload_from_hub")}
    (root / "spaces.yaml").write_text("# A heading that stays.\n" + yaml.safe_dump(unpinned, sort_keys=False))
    subprocess.run("git init -q && git add -A", shell=True, cwd=root, check=True)
    for stray in ("ui/scratch.py", "examples/patient.png", "xai/__pycache__/weights.pyc", "runs/checkpoint.npz"):
        (root / stray).parent.mkdir(exist_ok=True)
        (root / stray).write_text("stray")
    return root


@pytest.fixture
def server():
    """The Hub's stand-in."""
    with hub.serve() as served:
        yield served


def deploy(project: Path, endpoint: str, *arguments: str, token: str = hub.TOKEN, **environment: str):
    """``python -m deploy ARGUMENTS`` on the project, through the real client in a process of its own."""
    home = project.parent / "home"
    home.mkdir(exist_ok=True)
    return hub.python(DEPLOY, project, *arguments, home=home, endpoint=endpoint, HF_TOKEN=token, **environment)


def state(project: Path) -> dict[Path, bytes]:
    """Every file of the project outside .git, with its content."""
    return {path: path.read_bytes() for path in project.rglob("*") if path.is_file() and ".git" not in path.parts}


def listed(output: str) -> dict[str, tuple[int, str]]:
    """A dry run's table: name → (bytes, SHA-256)."""
    rows = [line.split() for line in output.splitlines()]
    return {row[2]: (int(row[0].replace(",", "")), row[1]) for row in rows if len(row) == 3 and len(row[1]) == 64}


def package(project: Path) -> set[str]:
    """Names of xai's own files, those of its parts too."""
    found = (path for path in (project / "xai").rglob("*") if path.is_file() and path.suffix != ".pyc")
    return {path.relative_to(project).as_posix() for path in found}


# Dry runs


def test_dry_run_of_weights_lists_every_file_and_touches_nothing(project, server):
    before = state(project)
    run = deploy(project, server.url, "weights", "--repo", REPO, "--dry-run", token="")
    assert run.returncode == 0, run.stderr
    folder = project / "weights"
    sources = {path.name: path for path in folder.iterdir()} | {name: project / path for name, path in BESIDE.items()}
    assert listed(run.stdout) == {
        name: (path.stat().st_size, checkpoint.sha256(path)) for name, path in sources.items()
    }
    total = sum(path.stat().st_size for path in sources.values())
    assert f"{total:,}  in 9 files" in run.stdout
    assert state(project) == before
    assert server.requests == []


def test_dry_run_of_the_space_lists_tracked_files_of_the_app_only(project, server):
    before = state(project)
    run = deploy(project, server.url, "space", "--repo", SPACE, "--dry-run", token="")
    assert run.returncode == 0, run.stderr
    names = UP | package(project)
    assert listed(run.stdout) == {
        name: ((project / name).stat().st_size, checkpoint.sha256(project / name)) for name in names
    }
    assert "Not ready" in run.stdout and "python -m deploy weights" in run.stdout
    assert state(project) == before
    assert server.requests == []


# Publishing


def test_from_this_machine_to_a_space_that_loads_the_pinned_weights(project, server):
    beside = {name: (project / path).read_bytes() for name, path in BESIDE.items()}
    files = {path.name: path.read_bytes() for path in (project / "weights").iterdir()}
    run = deploy(project, server.url, "weights", "--repo", REPO)
    assert run.returncode == 0, run.stderr
    remote = server.repos[f"models/{REPO}"]
    assert len(remote.commits) == 2, "one commit on top of the empty repository"
    assert remote.commits[remote.head] == files | beside
    pin = {
        "repo": REPO,
        "revision": remote.head,
        "manifest_sha256": checkpoint.sha256(project / "weights/manifest.json"),
    }
    assert json.loads((project / "xai/hub.json").read_text()) == pin
    here = metadata.read(project)
    assert here["models"] == [REPO]
    (preloaded,) = here["preload_from_hub"]
    repo, names, revision = preloaded.split(" ")
    assert (repo, set(names.split(",")), revision) == (REPO, set(files), remote.head)
    assert (project / "spaces.yaml").read_text().startswith("# A heading that stays.\n")
    assert (project / "README.md").read_text() == metadata.front_matter(here) + "# CXR Lens\n\n---\n\nWords.\n"

    server.repos[f"spaces/{SPACE}"] = hub.Repo()
    stale = {
        "weights/manifest.json": b"old",
        "ui/gone.py": b"old",
        ".gitattributes": b"theirs",
        "notes/a.md": b"theirs",
    }
    server.repos[f"spaces/{SPACE}"].commit(stale)
    run = deploy(project, server.url, "space", "--repo", SPACE)
    assert run.returncode == 0, run.stderr
    space = server.repos[f"spaces/{SPACE}"]
    assert len(space.commits) == 3
    tree = space.commits[space.head]
    assert set(tree) == UP | package(project) | {".gitattributes", "notes/a.md"}
    assert b"preload_from_hub" in tree["README.md"]

    running = project.parent / "space"
    for name, content in tree.items():
        (running / name).parent.mkdir(parents=True, exist_ok=True)
        (running / name).write_bytes(content)
    code = "import xai; print(xai.__file__, xai.load('plain').name)"
    started = hub.python(code, home=running, endpoint=server.url, project=running)
    assert started.stdout.split() == [str(running / "xai/__init__.py"), "plain"], started.stderr


def test_publishing_again_commits_changes_only(project, server):
    assert deploy(project, server.url, "weights", "--repo", REPO).returncode == 0
    before = state(project)
    assert deploy(project, server.url, "weights", "--repo", REPO).returncode == 0
    remote = server.repos[f"models/{REPO}"]
    assert state(project) == before and len(remote.commits) == 2 and len(server.created) == 1
    checkpoint.write(project / "weights", version="2.0")
    assert deploy(project, server.url, "weights", "--repo", REPO).returncode == 0
    assert len(remote.commits) == 3
    assert json.loads((project / "xai/hub.json").read_text())["revision"] == remote.head


def test_private_means_private(project, server):
    assert deploy(project, server.url, "weights", "--repo", REPO, "--private").returncode == 0
    assert server.repos[f"models/{REPO}"].private
    run = deploy(project, server.url, "space", "--repo", SPACE)
    assert run.returncode == 2 and "is private" in run.stderr
    server.repos[f"models/{REPO}"].private = False
    run = deploy(project, server.url, "weights", "--repo", REPO, "--private")
    assert run.returncode == 2 and "is public" in run.stderr


# Refusals: one sentence, exit status 2, nothing sent


def refused(project: Path, capsys: pytest.CaptureFixture, *arguments: str) -> str:
    """The sentence with which ``python -m deploy`` refuses."""
    assert main(list(arguments), project) == 2
    message = capsys.readouterr().err
    assert message.count("\n") == 1 and message.endswith(".\n"), message
    return message


@pytest.fixture
def pinned(project: Path) -> Path:
    """The project as after a first upload of its weights."""
    digest = checkpoint.sha256(project / "weights/manifest.json")
    pin = metadata.Pin(REPO, "a" * 40, digest)
    (project / "xai/hub.json").write_text(json.dumps(vars(pin)))
    metadata.record(project, pin, ["manifest.json", "guided.onnx", "guided.npz", "plain.onnx", "plain.npz"])
    return project


def test_no_space_without_a_pin(project, capsys):
    assert "none are pinned yet" in refused(project, capsys, "space", "--repo", SPACE)


def test_no_space_when_the_weights_here_are_not_the_pinned_ones(pinned, capsys):
    checkpoint.write(pinned / "weights", version="2.0")
    assert "not the one pinned" in refused(pinned, capsys, "space", "--repo", SPACE)


def test_no_space_when_its_metadata_disagree(pinned, capsys):
    (pinned / "README.md").write_text("# CXR Lens\n")
    assert "python -m deploy front-matter" in refused(pinned, capsys, "space", "--repo", SPACE)
    source = (pinned / "spaces.yaml").read_text()
    (pinned / "spaces.yaml").write_text(source.replace("a" * 40, "b" * 40))
    assert "preload" in refused(pinned, capsys, "space", "--repo", SPACE)


@pytest.mark.parametrize("name", ["LICENSE", "NOTICE", "model_card.md", "app.py"])
def test_no_space_with_a_part_missing(pinned, capsys, name):
    subprocess.run(["git", "rm", "-q", "--cached", name], cwd=pinned, check=True)
    assert name in refused(pinned, capsys, "space", "--repo", SPACE, "--dry-run")
    subprocess.run(["git", "add", name], cwd=pinned, check=True)
    (pinned / name).unlink()
    assert name in refused(pinned, capsys, "space", "--repo", SPACE, "--dry-run")


def test_no_link_goes_up(pinned, capsys):
    (pinned / "LICENSE").unlink()
    (pinned / "LICENSE").symlink_to("/etc/hostname")
    assert "LICENSE" in refused(pinned, capsys, "space", "--repo", SPACE, "--dry-run")


def test_no_space_from_outside_git(project, capsys, monkeypatch):
    shutil.rmtree(project / ".git")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(project.parent))
    assert "git" in refused(project, capsys, "space", "--repo", SPACE, "--dry-run")


def test_no_weights_that_do_not_verify_or_load(project, capsys):
    (project / "weights/plain.npz").write_bytes(b"changed")
    assert "plain.npz" in refused(project, capsys, "weights", "--repo", REPO, "--dry-run")
    checkpoint.seal(project / "weights")
    assert "does not load" in refused(project, capsys, "weights", "--repo", REPO, "--dry-run")
    (project / "weights/manifest.json").unlink()
    assert "manifest.json" in refused(project, capsys, "weights", "--repo", REPO, "--dry-run")


def test_no_weights_without_a_model_card(project, capsys):
    (project / "model_card.md").unlink()
    assert "model_card.md" in refused(project, capsys, "weights", "--repo", REPO, "--dry-run")


@pytest.mark.parametrize("repo", ["cxr-lens", "a/b/c", "owner/-x", "", "own er/x"])
def test_a_name_that_is_none(project, capsys, repo):
    refused(project, capsys, "weights", "--repo", repo, "--dry-run")


# The Hub fails: one sentence, exit status 1, the pin stays


@pytest.mark.parametrize(
    ("environment", "word"),
    [
        ({"HF_TOKEN": ""}, "hf auth login"),
        ({"HF_TOKEN": "hf_wrong"}, "hf auth login"),
        ({"HF_HUB_OFFLINE": "1"}, "Offline"),
    ],
)
def test_not_known_or_offline(project, server, environment, word):
    fails(project, server.url, environment, word)
    assert server.repos == {}


@pytest.mark.parametrize("network", [hub.nobody, hub.black_hole])
def test_no_network(project, network):
    with network() as endpoint:
        fails(project, endpoint, {}, "check the network")


def fails(project: Path, endpoint: str, environment: dict[str, str], word: str) -> None:
    """Uploading the weights ends with one sentence, and the project stays as it was."""
    before = state(project)
    arguments = {"token": environment.pop("HF_TOKEN", hub.TOKEN)} | environment
    run = deploy(project, endpoint, "weights", "--repo", REPO, **arguments)
    assert run.returncode == 1, run.stderr
    assert word in run.stderr and run.stderr.count("\n") == 1, run.stderr
    assert state(project) == before
