"""Publishes ``weights/`` with its model card, and pins what was published."""

from __future__ import annotations

import json
from pathlib import Path

import xai
from deploy import metadata
from deploy.upload import File, Refused, Upload
from xai import hub, manifest, weights

# Name on the Hub → path here: the card, the picture in it, and the licences and credits that it refers to.
BESIDE = {
    "README.md": "model_card.md",
    "docs/figures/failures.jpg": "docs/figures/failures.jpg",
    "LICENSE": "LICENSE",
    "NOTICE": "NOTICE",
}


def names(root: Path) -> list[str]:
    """Names of the files that make up the checkpoints: the manifest and all that it names.

    Raises:
        Refused: the manifest cannot be read.
    """
    folder = root / "weights"
    try:
        contents = manifest.parse((folder / manifest.NAME).read_bytes(), str(folder / manifest.NAME))
    except OSError as error:
        raise Refused(f"There is no {folder / manifest.NAME}: export the checkpoints first.") from error
    except xai.WeightsError as error:
        raise Refused(str(error)) from error
    return [manifest.NAME, *(file.name for file in contents.files())]


def prepare(root: Path, repo: str) -> Upload:
    """What goes up: the files that the manifest names, verified and loaded once, and :data:`BESIDE` them.

    Raises:
        Refused: something is missing, or a checkpoint does not load.
    """
    folder = root / "weights"
    files = [File(name, folder / name) for name in names(root)]
    try:
        for name in weights.models(folder):
            xai.load(name, folder)
    except xai.WeightsError as error:
        raise Refused(str(error)) from error
    return Upload("model", repo, [*(File(name, root / path) for name, path in BESIDE.items()), *files])


def publish(root: Path, upload: Upload, private: bool = False) -> hub.Pin:
    """Send the checkpoints and pin them: in ``xai/hub.json``, ``spaces.yaml`` and README.md's front matter.

    Raises:
        Failed, Refused: see :meth:`Upload.send`; the pin stays as it was.
    """
    digest = weights.digest(root / "weights" / manifest.NAME)
    revision = upload.send("Publish checkpoints", private)
    pin = hub.Pin(upload.repo, revision, digest)
    (root / "xai" / "hub.json").write_text(json.dumps(vars(pin), indent=1) + "\n")
    metadata.record(root, pin, names(root))
    return pin
