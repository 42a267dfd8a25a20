"""Films to measure on: real ones where a folder of them is given, phantoms where not."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np


def phantom(height: int, width: int, seed: int) -> np.ndarray:
    """A picture with the coarse look of a chest film: two dark lungs, a bright heart, ribs and grain.

    Returns:
        ``(height, width)`` uint8.
    """
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:1:height * 1j, 0:1:width * 1j].astype(np.float32)

    def blob(cx: float, cy: float, rx: float, ry: float) -> np.ndarray:
        cx, cy = rng.normal((cx, cy), 0.01)
        return 1 / (1 + np.exp(np.clip(12 * (np.hypot((x - cx) / rx, (y - cy) / ry) - 1), -30, 30)))

    lungs = blob(0.29, 0.45, 0.16, 0.32) + blob(0.71, 0.45, 0.16, 0.32)
    heart = blob(0.55, 0.6, 0.15, 0.15)
    ribs = 0.5 + 0.5 * np.sin(2 * np.pi * (9 * y + 2 * np.abs(x - 0.5)))
    picture = 0.7 - 0.5 * lungs + 0.35 * heart + 0.08 * ribs + 0.15 * y + rng.normal(0, 0.02, y.shape)
    return np.clip(255 * picture, 0, 255).astype(np.uint8)


def paths(folder: Path | None, count: int, scratch: Path) -> list[Path]:
    """``count`` film files: spread evenly over the real films of both populations, or phantoms written to ``scratch``.

    Raises:
        FileNotFoundError: ``folder`` is given and holds too few films.
    """
    if folder is None:
        out = [scratch / f"phantom-{index:03}.png" for index in range(count)]
        for index, path in enumerate(out):
            cv2.imwrite(str(path), phantom(384, 384, index))
        return out
    adults = sorted((folder / "nih" / "images").glob("*.jpg"))
    children = sorted((folder / "kermany" / "train").glob("*/*.jpeg"))
    share = count // 4
    if len(adults) < count - share or len(children) < share:
        raise FileNotFoundError(f"{folder} has fewer than {count} films: give --films a folder with nih/ and kermany/")
    spread = [files[:: len(files) // n][:n] for files, n in ((adults, count - share), (children, share)) if n]
    return [path for files in spread for path in files]
