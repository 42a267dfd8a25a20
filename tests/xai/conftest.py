"""The command line as a script would use it: films, a tiny checkpoint, and what the command says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests import checkpoint
from tests.files import phantom
from xai.__main__ import main


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A film ``a.png``, another of that name in the folder ``two``, a text file ``b.txt``, and ``weights``."""
    checkpoint.write(tmp_path / "weights")
    (tmp_path / "two").mkdir()
    film = np.round(phantom(120, 100) * 255).astype(np.uint8)
    cv2.imwrite(str(tmp_path / "a.png"), film)
    cv2.imwrite(str(tmp_path / "two" / "a.png"), np.roll(film, 9, 1))
    (tmp_path / "b.txt").write_text("no film")
    return tmp_path


@pytest.fixture
def run(folder: Path, capsys) -> Callable[..., tuple[int, str, str]]:
    """Arguments of ``python -m xai`` → exit status, and what it wrote to stdout and stderr."""

    def command(*arguments: object) -> tuple[int, str, str]:
        status = main([*map(str, arguments), "--weights", str(folder / "weights")])
        return status, *capsys.readouterr()

    return command
