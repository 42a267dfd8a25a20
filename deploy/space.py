"""Publishes the Space: the app without its weights, which it pulls from the Hub at the pinned revision."""

from __future__ import annotations

import subprocess
from pathlib import Path

from deploy import checkpoint, metadata
from deploy.upload import Failed, File, Refused, Upload, sentence, sign_in
from xai import hub, manifest, weights
from xai.errors import WeightsError

FILES = ("README.md", "LICENSE", "NOTICE", "model_card.md", "requirements.txt", "app.py")
FOLDERS = ("xai", "ui", "examples", "reports", "docs")


def prepare(root: Path, repo: str) -> Upload:
    """What goes up: of the parts named above, what git tracks, so that no film or scratch file leaves by accident.

    Raises:
        Refused: a file is missing, or ``root`` is not a git checkout.
    """
    tracked = _tracked(root)
    unknown = [name for name in FILES if name not in tracked]
    if unknown:
        raise Refused(f"The Space needs {' and '.join(unknown)}, not tracked by git: write and commit first.")
    inside = [name for name in tracked if name.startswith(tuple(f"{folder}/" for folder in FOLDERS))]
    return Upload("space", repo, [File(name, root / name) for name in (*FILES, *inside)], owned=(*FOLDERS, "weights"))


def obstacle(root: Path) -> str | None:
    """Why the Space would not start as things stand, as one sentence that names the mend; None if it would."""
    try:
        pin = hub.read_pin(root / "xai" / "hub.json")
    except WeightsError as error:
        return str(error)
    if pin is None:
        return f"The Space pulls its weights from the Hub and none are pinned yet: run `{hub.PUBLISH}` first."
    files = checkpoint.names(root)
    if weights.digest(root / "weights" / manifest.NAME) != pin.manifest_sha256:
        return f"weights/{manifest.NAME} is not the one pinned in xai/hub.json: run `{hub.PUBLISH}` first."
    here = metadata.read(root)
    present, wanted = metadata.readme(root)
    if here != here | metadata.preloading(pin, files):
        return f"spaces.yaml does not preload the checkpoint pinned in xai/hub.json: run `{hub.PUBLISH}` again."
    if present != wanted:
        return "README.md's front matter differs from spaces.yaml: run `python -m deploy front-matter` first."
    return None


def publish(root: Path, upload: Upload) -> str:
    """Send a Space that has no :func:`obstacle`; returns the commit's id.

    Raises:
        Refused: the pinned checkpoint is in a private repository, which a Space does not preload.
        Failed: the Hub could not be reached or did not accept.
    """
    pin = hub.read_pin(root / "xai" / "hub.json")
    try:
        private = sign_in().repo_info(pin.repo, revision=pin.revision).private
    except Exception as error:
        raise Failed(sentence(error, pin.repo)) from error
    if private:
        raise Refused(f"{pin.repo} is private and a Space preloads public repositories only: make it public first.")
    return upload.send("Publish the Space")


def _tracked(root: Path) -> list[str]:
    try:
        listed = subprocess.run(
            ["git", "-C", root, "ls-files", "-z"], check=True, capture_output=True, text=True
        ).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        raise Refused(f"{root} is not a git checkout: deploy from one, so that only tracked files go up.") from error
    return [name for name in listed.split("\0") if name]
