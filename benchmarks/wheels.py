"""Which platforms a package has wheels for, and how large they are: asked of pip, without installing anything."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

PYTHON = "3.11"
# Platform → the tags that pip is told; it adds the older macOS ones itself, but not the older manylinux ones.
PLATFORMS = {
    "Linux x86-64": ("manylinux_2_28_x86_64", "manylinux_2_27_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64"),
    "macOS arm64": ("macosx_14_0_arm64",),
    "macOS x86-64": ("macosx_14_0_x86_64",),
    "Windows x86-64": ("win_amd64",),
}


def wheels(package: str, version: str) -> dict[str, dict | None]:
    """Download a package's wheel for every platform, measure it and forget it.

    Returns:
        Platform → ``{"file", "megabytes"}``, or ``{"error"}`` with pip's reason where there is none.
    """
    found = {}
    for platform, tags in PLATFORMS.items():
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
            command += ["--implementation", "cp", "--python-version", PYTHON, "--dest", folder]
            command += [part for tag in tags for part in ("--platform", tag)]
            done = subprocess.run([*command, f"{package}=={version}"], stderr=subprocess.PIPE, text=True)
            files = list(Path(folder).glob("*.whl"))
            if files:
                found[platform] = {"file": files[0].name, "megabytes": round(files[0].stat().st_size / 1e6, 1)}
            else:
                reasons = [line for line in done.stderr.splitlines() if line.startswith("ERROR: ")]
                found[platform] = {"error": reasons[-1].removeprefix("ERROR: ") if reasons else "no wheel"}
    return found
