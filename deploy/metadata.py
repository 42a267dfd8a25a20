"""The Space's metadata: ``spaces.yaml`` is its one source, README.md's front matter a copy of it."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from xai.hub import Pin

SOURCE, README = "spaces.yaml", "README.md"
_BLOCK = re.compile(r"\A---\n.*?^---\n", re.DOTALL | re.MULTILINE)


def read(root: Path) -> dict:
    """The metadata in ``root``'s spaces.yaml."""
    return yaml.safe_load((root / SOURCE).read_text(encoding="utf-8"))


def front_matter(metadata: dict) -> str:
    """Metadata as the block that opens a README, keys in the order given."""
    return f"---\n{_dump(metadata)}---\n"


def readme(root: Path) -> tuple[str, str]:
    """README.md as it is, and as it should be: its front matter from spaces.yaml, every other line untouched."""
    path = root / README
    present = path.read_text(encoding="utf-8") if path.exists() else ""
    return present, front_matter(read(root)) + _BLOCK.sub("", present)


def refresh(root: Path) -> bool:
    """Rewrite README.md's front matter where it differs from spaces.yaml. Returns whether it did."""
    present, wanted = readme(root)
    if present != wanted:
        (root / README).write_text(wanted, encoding="utf-8")
    return present != wanted


def record(root: Path, pin: Pin, files: list[str]) -> None:
    """Name the pinned checkpoint in spaces.yaml, for the Space to preload its ``files``, and refresh README.md."""
    path = root / SOURCE
    heading = re.match(r"(#.*\n)*", path.read_text(encoding="utf-8")).group()
    path.write_text(heading + _dump(read(root) | preloading(pin, files)), encoding="utf-8")
    refresh(root)


def preloading(pin: Pin, files: list[str]) -> dict:
    """The metadata that depends on the pin."""
    return {"models": [pin.repo], "preload_from_hub": [f"{pin.repo} {','.join(files)} {pin.revision}"]}


def _dump(metadata: dict) -> str:
    return yaml.safe_dump(metadata, sort_keys=False, allow_unicode=True, width=1000)
