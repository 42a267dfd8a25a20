"""What a folder of checkpoints says of itself: ``manifest.json``, read strictly.

A manifest decides which files are opened, so nothing in it is taken on trust: every name must be a plain file name, and
every file comes with its SHA-256.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from xai.errors import WeightsError

NAME = "manifest.json"
FORMAT = 1

SHA256 = re.compile(r"[0-9a-f]{64}")
_PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_SUFFIXES = {"backbone": ".onnx", "head": ".npz"}


@dataclass(frozen=True)
class File:
    """One file of a checkpoint: plain ``name`` beside the manifest, hex ``sha256``, size in ``bytes``."""

    name: str
    sha256: str
    bytes: int


@dataclass(frozen=True)
class Model:
    """One checkpoint.

    Attributes:
        title, description: as shown to visitors.
        version: tells its weights from others under its name.
        backbone, head: its files.
        entry: the manifest's own entry, as :class:`xai.classifier.Classifier` takes it.
    """

    title: str
    description: str
    version: str
    backbone: File
    head: File
    entry: dict


@dataclass(frozen=True)
class Manifest:
    """All checkpoints of a folder; ``models`` by name, the default first; ``size`` of the canvas in pixels."""

    size: int
    models: dict[str, Model]

    def files(self) -> list[File]:
        """Every file that the manifest names, once each, in its order."""
        files = [file for model in self.models.values() for file in (model.backbone, model.head)]
        return list({file.name: file for file in files}.values())


def parse(content: bytes, place: str) -> Manifest:
    """Read and check a manifest.

    Args:
        content: of the file.
        place: where it came from, for error messages.

    Raises:
        WeightsError: the manifest is newer than this package, or damaged.
    """
    try:
        document = json.loads(content)
        written = document["format"]
        if isinstance(written, int) and written > FORMAT:
            raise WeightsError(
                f"{place} has manifest format {written} and this package reads up to {FORMAT}: update CXR Lens."
            )
        _require(written == FORMAT, "format")
        size = document["input"]["size"]
        _require(isinstance(size, int) and size > 0, "input size")
        models = {name: _model(name, entry) for name, entry in document["models"].items()}
        default = document["default"]
        _require(default in models, "default")
        return Manifest(size, {default: models.pop(default), **models})
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        reason = f"no {error}" if isinstance(error, KeyError) else error
        raise WeightsError(f"{place} is damaged ({reason}): replace it with the published copy.") from error


def _model(name: str, entry: dict) -> Model:
    _require(_PLAIN_NAME.fullmatch(name), f"model name {name!r}")
    files = {}
    for kind, suffix in _SUFFIXES.items():
        file = File(*(entry["files"][kind][key] for key in ("name", "sha256", "bytes")))
        plain = isinstance(file.name, str) and _PLAIN_NAME.fullmatch(file.name) and file.name.endswith(suffix)
        _require(plain, f"file name {file.name!r}")
        _require(isinstance(file.sha256, str) and SHA256.fullmatch(file.sha256), f"SHA-256 of {file.name}")
        _require(isinstance(file.bytes, int) and file.bytes > 0, f"size of {file.name}")
        files[kind] = file
    _require(entry["findings"], f"list of findings of {name}")
    for finding, value in entry["findings"].items():
        _text(value["label"], f"label of {finding}")
        _text(value["promise"], f"promise of {finding}")
        _require(value["population"] in ("adult", "child"), f"population of {finding}")
        low, high = value["unsure"]
        _require(0 <= low <= high <= 1, f"unsure zone of {finding}")
        _require(0 <= value["operating_point"] <= 1, f"operating point of {finding}")
        if "foreign" in value:
            films, *shares = (value["foreign"][part] for part in ("films", "reach", "own"))
            _require(isinstance(films, int) and films > 0, f"foreign films of {finding}")
            _require(all(0 <= share <= 1 for share in shares), f"share of foreign films of {finding}")
    _require(entry["gate"]["threshold"] > 0, f"gate of {name}")
    texts = {key: _text(entry[key], key) for key in ("title", "description", "version")}
    return Model(**texts, **files, entry=entry)


def _text(value: object, what: str) -> str:
    _require(isinstance(value, str), what)
    return value


def _require(holds: object, what: str) -> None:
    if not holds:
        raise ValueError(f"bad {what}")
