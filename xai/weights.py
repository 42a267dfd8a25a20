"""Finds a checkpoint, trusts no byte of it unverified, and loads it.

The first of these that exists is taken, and if it is damaged that is an error, never a reason to look further:

1. the path given, or the one in the environment variable ``CXR_WEIGHTS``;
2. ``weights/`` beside the package;
3. the Hub cache, then the Hub, at the revision pinned in ``xai/hub.json``.
"""

from __future__ import annotations

import hashlib
import os
import threading
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from xai import hub, manifest
from xai.classifier import Classifier
from xai.errors import WeightsError
from xai.manifest import Manifest, Model

VARIABLE = "CXR_WEIGHTS"
BESIDE = Path(__file__).parent.parent / "weights"

_lock = threading.Lock()


class _Source(Protocol):
    def file(self, name: str, sha256: str) -> Path:
        """A file whose content has this SHA-256; WeightsError if there is none."""

    def manifest(self) -> Manifest:
        """What the source holds."""


@dataclass(frozen=True)
class _Folder:
    index: Path

    def file(self, name: str, sha256: str) -> Path:
        path = self.index.with_name(name)
        if not path.is_file():
            raise WeightsError(f"{path} is missing though {self.index.name} names it: restore the whole folder.")
        found = digest(path)
        if found != sha256:
            raise WeightsError(
                f"{path} is not the file that {self.index.name} names (SHA-256 {found[:12]}…, expected "
                f"{sha256[:12]}…): replace it with the published copy."
            )
        return path

    def manifest(self) -> Manifest:
        try:
            return manifest.parse(self.index.read_bytes(), str(self.index))
        except OSError as error:
            raise WeightsError(
                f"There is no readable checkpoint at {self.index.parent}: give a folder that holds {self.index.name}."
            ) from error


@dataclass(frozen=True)
class _Hub:
    pin: hub.Pin

    def file(self, name: str, sha256: str) -> Path:
        path = hub.cached(self.pin, name)
        if path is None:
            path = hub.download(self.pin, name)
        elif digest(path) != sha256:
            # A cached copy is nobody's work, and a Space has no one to delete it: fetch it once more before giving up.
            try:
                path = hub.download(self.pin, name, damaged=path)
            except WeightsError as error:
                raise WeightsError(f"The cached copy {path} is damaged and must be replaced: {error}") from error
        found = digest(path)
        if found != sha256:
            raise WeightsError(
                f"{name} from {self.pin.repo} is not the file that was published (SHA-256 {found[:12]}…, expected "
                f"{sha256[:12]}…): publish it again with `{hub.PUBLISH}`, or name another folder in {VARIABLE}."
            )
        return path

    def manifest(self) -> Manifest:
        path = self.file(manifest.NAME, self.pin.manifest_sha256)
        return manifest.parse(path.read_bytes(), str(path))


def load(model: str | None = None, weights: str | os.PathLike | None = None, threads: int = 0) -> Classifier:
    """Find, verify and load one checkpoint; of several models only the chosen one's files are touched. Thread-safe.

    Args:
        model: name in the manifest (see :func:`models`); the manifest's default if None.
        weights: a folder with ``manifest.json``, or the path of the manifest itself; None searches (see the module).
        threads: for one forward pass; 0 lets the runtime choose.

    Raises:
        WeightsError: not found, unreachable, not the bytes that were published, or no such model; the message is one
            sentence that names the mend.
    """
    with _lock:
        source = _resolve(weights)
        contents = source.manifest()
        name = model or next(iter(contents.models))
        if name not in contents.models:
            raise WeightsError(f"There is no model {name!r}: choose one of {', '.join(contents.models)}.")
        chosen = contents.models[name]
        files = [source.file(file.name, file.sha256) for file in (chosen.backbone, chosen.head)]
    return _open(name, chosen, contents, *files, threads)


def models(weights: str | os.PathLike | None = None) -> dict[str, Model]:
    """What :func:`load` can load: name → :class:`~xai.manifest.Model` with its title and description, default first.

    Reads the manifest alone. Arguments and errors as for :func:`load`.
    """
    with _lock:
        return _resolve(weights).manifest().models


def digest(path: Path) -> str:
    """SHA-256 of a file in hex, computed once per process as long as the file does not change.

    Raises:
        WeightsError: the file cannot be read.
    """
    try:
        state = path.stat()
        return _digest(path.resolve(), state.st_mtime_ns, state.st_size)
    except OSError as error:
        raise WeightsError(f"{path} cannot be read ({error.strerror}): restore it.") from error


@lru_cache(maxsize=64)
def _digest(path: Path, modified: int, size: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _resolve(weights: str | os.PathLike | None) -> _Source:
    explicit = weights or os.environ.get(VARIABLE)
    if explicit:
        path = Path(explicit).expanduser()
        return _Folder(path if path.suffix == ".json" else path / manifest.NAME)
    if (BESIDE / manifest.NAME).is_file():
        return _Folder(BESIDE / manifest.NAME)
    pin = hub.read_pin()
    if pin is None:
        raise WeightsError(
            f"There is no {BESIDE / manifest.NAME} and no checkpoint is published yet: name a folder that holds one in "
            f"{VARIABLE}, or publish one with `{hub.PUBLISH}`."
        )
    return _Hub(pin)


def _open(name: str, model: Model, contents: Manifest, backbone: Path, head: Path, threads: int) -> Classifier:
    # ONNX may keep tensors in another file, under the key "location"; no hash in the manifest would cover that one.
    if b"location" in backbone.read_bytes():
        raise WeightsError(f"{backbone} refers to another file: save the backbone as one self-contained ONNX file.")
    try:
        return Classifier(name, model.entry, model.version, contents.size, backbone, head, threads)
    except Exception as error:  # ONNX Runtime's own errors have no common base
        raise WeightsError(
            f"{name} does not load ({hub.reason(error)}): publish a checkpoint that this version reads."
        ) from error
