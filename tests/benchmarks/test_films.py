"""Films to measure on."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

import xai
from benchmarks import films


def test_phantoms_are_films_that_the_library_reads(tmp_path):
    written = films.paths(None, 3, tmp_path)
    pixels = [xai.read(path).pixels for path in written]
    assert [picture.shape for picture in pixels] == [(384, 384)] * 3
    assert not np.array_equal(pixels[0], pixels[1])


def test_real_films_come_from_both_populations(tmp_path):
    for folder, suffix in (("nih/images", "jpg"), ("kermany/train/NORMAL", "jpeg")):
        (tmp_path / folder).mkdir(parents=True)
        for index in range(9):
            cv2.imwrite(str(tmp_path / folder / f"{index}.{suffix}"), films.phantom(32, 32, index))
    chosen = films.paths(tmp_path, 8, tmp_path)
    assert len(set(chosen)) == 8
    assert sum("kermany" in str(path) for path in chosen) == 2


def test_too_few_films_say_so(tmp_path):
    with pytest.raises(FileNotFoundError, match="--films"):
        films.paths(tmp_path, 8, tmp_path)
