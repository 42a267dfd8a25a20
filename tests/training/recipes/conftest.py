"""Films that a tiny network can tell apart: with the finding a bright square in the middle, else a scattered one."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from training.data import ADULT, Film, split

BOX = (0.3, 0.3, 0.7, 0.7)


@pytest.fixture(scope="package")
def films(tmp_path_factory) -> tuple[list[Film], list[Film]]:
    """Training and validation films, 32×32 pixels, of adults with and without cardiomegaly, and of children."""
    folder, rng = tmp_path_factory.mktemp("films"), np.random.default_rng(0)
    found = []
    for number in range(120):
        present, adult = number % 2 == 0, number % 3 < 2
        grey = rng.integers(0, 120, (32, 32)).astype(np.uint8)
        grey[10:22, 10:22] += 120
        if not present:  # the same grey levels, so that none of them tells
            grey = rng.permuted(grey.ravel()).reshape(grey.shape)
        path = folder / f"{number}.png"
        cv2.imwrite(str(path), grey)
        if adult:
            labels = {name: present and name in ("cardiomegaly", "pneumonia") for name in ADULT}
            boxes = {"cardiomegaly": [BOX], "pneumonia": [BOX]} if present else {}
            found.append(Film(path, f"nih-{number}", "adult", not present, labels, boxes))
        else:
            found.append(Film(path, f"kermany-{number}", "child", not present, {"pneumonia_child": present}))
    return split(found)
