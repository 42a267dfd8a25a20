"""Drawn stand-ins for what other radiographs and devices show, from a hand to a sonogram.

No patient's and no anatomy lesson: enough of each to ask whether the gate takes it for a frontal chest film.
"""

from __future__ import annotations

import cv2
import numpy as np

SIDE = 420


class Film:
    """Grey levels that add up as thickness does on a film: soft tissue a little, bone more with a brighter rim."""

    def __init__(self, height: int = SIDE, width: int = SIDE):
        self.levels = np.zeros((height, width), np.float32)

    def add(self, mask: np.ndarray, weight: float, soft: float) -> None:
        """Add ``weight`` where ``mask`` is 1, its edge blurred by ``soft`` pixels."""
        self.levels += weight * cv2.GaussianBlur(mask, (0, 0), soft)

    def ellipse(self, x, y, a, b, weight, angle=0.0, soft=3.0) -> None:
        """An ellipse with half-axes ``a`` and ``b`` around ``(x, y)``, all as fractions of the width or height."""
        height, width = self.levels.shape
        mask = np.zeros_like(self.levels)
        axes = (max(int(a * width), 1), max(int(b * height), 1))
        cv2.ellipse(mask, (int(x * width), int(y * height)), axes, angle, 0, 360, 1.0, -1)
        self.add(mask, weight, soft)

    def stroke(self, points, thickness, weight, soft=1.5, rim=0.0) -> None:
        """A thick line through ``(n, 2)`` points, as fractions; ``rim`` more at its edge, as a bone's cortex has it."""
        height, width = self.levels.shape
        line = np.round(np.asarray(points) * (width, height)).astype(np.int32).reshape(-1, 1, 2)
        mask, core = np.zeros_like(self.levels), np.zeros_like(self.levels)
        wide = max(int(thickness * width), 1)
        cv2.polylines(mask, [line], False, 1.0, wide, cv2.LINE_AA)
        self.add(mask, weight, soft)
        if rim:
            cv2.polylines(core, [line], False, 1.0, max(int(0.6 * wide), 1), cv2.LINE_AA)
            self.add(mask - core, rim, 1.0)

    def finish(self, rng: np.random.Generator, turn: float = 8.0) -> np.ndarray:
        """Turned, scaled and mirrored a little, saturating, grainy: ``(H, W)`` uint8."""
        height, width = self.levels.shape
        warp = cv2.getRotationMatrix2D((width / 2, height / 2), rng.uniform(-turn, turn), rng.uniform(0.85, 1.2))
        film = cv2.warpAffine(self.levels, warp, (width, height))
        film = 1 - np.exp(-film * rng.uniform(1.0, 2.2))
        film += rng.normal(0, rng.uniform(0.005, 0.03), film.shape)
        film = film[:, ::-1] if rng.random() < 0.5 else film
        film = (film - film.min()) / max(float(np.ptp(film)), 1e-9)
        return np.round(255 * film ** np.exp(rng.uniform(-0.3, 0.3))).astype(np.uint8)


def hand(rng: np.random.Generator) -> np.ndarray:
    """One hand or two: palm, five fingers, their bones, the wrist."""
    film = Film(SIDE, int(SIDE * rng.uniform(0.75, 1.2)))
    count = 2 if rng.random() < 0.25 else 1
    for number in range(count):
        middle, size = (number + 0.5) / count, 1 / count**0.7

        def at(x, y, middle=middle, size=size):
            return np.array([middle + size * (x - 0.5), 0.5 + size * (y - 0.5)])

        film.ellipse(*at(0.5, 0.62), 0.19 * size, 0.19 * size, 0.35)
        film.stroke([at(0.5, 0.7), at(0.5, 1.1)], 0.24 * size, 0.35, 3)
        for x in (0.44, 0.56):
            film.stroke([at(x, 0.84), at(x, 1.1)], 0.075 * size, 0.5, rim=0.3)
        for _ in range(8):
            film.ellipse(*at(rng.uniform(0.4, 0.6), rng.uniform(0.74, 0.81)), 0.03 * size, 0.03 * size, 0.35, soft=1.5)
        spread = rng.uniform(0.8, 1.3)
        for finger, (angle, length) in enumerate(zip((-1.0, -0.32, -0.08, 0.14, 0.38), (0.34, 0.5, 0.55, 0.5, 0.4))):
            start = at(0.5 + 0.09 * (finger - 2), 0.73)
            way = np.array([np.sin(spread * angle), -np.cos(spread * angle)]) * size * length * rng.uniform(0.9, 1.1)
            film.stroke([start + 0.3 * way, start + 1.18 * way], 0.085 * size, 0.35, 2)
            for a, b, thick in ((0.0, 0.42, 0.04), (0.46, 0.72, 0.036), (0.76, 0.93, 0.03), (0.97, 1.12, 0.024)):
                film.stroke([start + a * way, start + b * way], thick * size, 0.45, rim=0.35)
    return film.finish(rng, 40)


def knee(rng: np.random.Generator) -> np.ndarray:
    """One joint or two beside each other: shafts that widen to a gap."""
    film = Film(int(SIDE * rng.uniform(1, 1.4)), SIDE)
    for middle in (0.27, 0.73) if rng.random() < 0.4 else (0.5,):
        size = 0.6 if middle != 0.5 else 1.0
        film.stroke([(middle, -0.1), (middle, 1.1)], 0.42 * size, 0.4, 6)
        film.stroke([(middle, -0.1), (middle, 0.42)], 0.16 * size, 0.5, rim=0.35)
        film.ellipse(middle, 0.43, 0.15 * size, 0.07, 0.5)
        film.ellipse(middle, 0.575, 0.15 * size, 0.055, 0.5)
        film.stroke([(middle, 0.6), (middle, 1.1)], 0.13 * size, 0.5, rim=0.35)
        film.stroke([(middle + 0.15 * size, 0.65), (middle + 0.13 * size, 1.1)], 0.045 * size, 0.45, rim=0.3)
        film.ellipse(middle, 0.38, 0.07 * size, 0.06, 0.3)
    return film.finish(rng, 15)


def skull(rng: np.random.Generator) -> np.ndarray:
    """A head from the side or from the front: vault, orbits or jaw, teeth, neck."""
    film = Film()
    side = rng.random() < 0.5
    film.ellipse(0.5, 0.42, 0.36 if side else 0.29, 0.34, 0.7, soft=2)
    film.ellipse(0.5, 0.42, 0.335 if side else 0.265, 0.315, -0.35, soft=3)
    film.stroke([(0.56, 0.7), (0.6, 1.1)], 0.28, 0.4, 6)
    if side:
        film.ellipse(0.27, 0.72, 0.14, 0.13, 0.45)
        film.stroke([(0.16, 0.85), (0.35, 0.86), (0.44, 0.66)], 0.06, 0.5, rim=0.2)
        film.stroke([(0.55 + 0.01 * i, 0.68 + 0.05 * i) for i in range(7)], 0.09, 0.35, rim=0.2)
        film.ellipse(0.47, 0.58, 0.05, 0.05, 0.5)
    else:
        for x in (0.39, 0.61):
            film.ellipse(x, 0.5, 0.075, 0.06, -0.25)
        film.ellipse(0.5, 0.6, 0.04, 0.09, -0.25)
        film.stroke([(0.3, 0.62), (0.36, 0.82), (0.5, 0.88), (0.64, 0.82), (0.7, 0.62)], 0.07, 0.45, rim=0.2)
    for i in range(8):
        x = (0.14 if side else 0.4) + 0.027 * i
        film.stroke([(x, 0.73), (x, 0.81)], 0.018, 0.5)
    return film.finish(rng)


def lateral_chest(rng: np.random.Generator) -> np.ndarray:
    """A chest from the side: spine, breastbone, heart on the diaphragm, clear spaces before and behind it."""
    film = Film(int(SIDE * rng.uniform(0.95, 1.3)), SIDE)
    film.stroke([(0.5, -0.1), (0.52, 0.3), (0.5, 1.1)], rng.uniform(0.72, 0.95), 0.6, 8)
    film.stroke([(0.45, -0.05), (0.5, 0.12)], 0.5, 0.45, 14)  # shoulders and raised arms
    depth = rng.uniform(0.85, 1.1)
    film.ellipse(0.48, 0.45, 0.27 * depth, 0.4, -0.42, 8, 12)
    film.ellipse(0.33, 0.36, 0.09, 0.2, -0.1, 12, 12)  # before the heart
    film.ellipse(0.38, 0.6, 0.15, 0.15, 0.4, 25, 9)
    spine = np.stack([0.74 + 0.05 * np.sin(np.linspace(0, 3, 12)), np.linspace(0.02, 1.02, 12)], axis=1)
    for x, y in spine:
        film.stroke([(x - 0.045, y), (x + 0.045, y)], 0.06, 0.28, 2, rim=0.12)
    film.stroke([(0.25, 0.2), (0.17, 0.45), (0.19, 0.65)], 0.03, 0.3, 2)
    for i in range(9):  # ribs of both sides, from the spine down and forward
        y = 0.12 + 0.075 * i
        shift = rng.uniform(-0.01, 0.01)
        curve = [(0.76, y + shift), (0.6, y + 0.05 + shift), (0.35, y + 0.15 + shift), (0.22, y + 0.17 + shift)]
        film.stroke(curve, 0.018, 0.13, 2)
    for offset in (0.0, rng.uniform(0.02, 0.05)):
        film.ellipse(0.42, 1.0 + offset, 0.38, 0.24, 0.35, -6, 5)
    return film.finish(rng)


def abdomen(rng: np.random.Generator) -> np.ndarray:
    """An abdomen from the front: lumbar spine, pelvis, lowest ribs, gas."""
    film = Film(int(SIDE * rng.uniform(1, 1.25)), SIDE)
    film.stroke([(0.5, -0.1), (0.5, 1.1)], 0.9, 0.7, 10)
    for i in range(7):
        y = 0.05 + 0.1 * i
        film.stroke([(0.45, y), (0.55, y)], 0.065, 0.3, 2, rim=0.15)
        film.stroke([(0.36, y), (0.64, y)], 0.018, 0.2, 2)
    for side in (-1, 1):
        film.ellipse(0.5 + 0.24 * side, 0.8, 0.13, 0.15, 0.35, 25 * side, 3)
        film.ellipse(0.5 + 0.17 * side, 1.0, 0.06, 0.07, -0.3, 0, 3)
        film.ellipse(0.5 + 0.14 * side, 0.4, 0.07, 0.22, 0.1, -14 * side, 5)
        for i in range(3):
            film.stroke([(0.5 + 0.05 * side, 0.02 + 0.07 * i), (0.5 + 0.42 * side, 0.14 + 0.09 * i)], 0.022, 0.16, 2)
    film.ellipse(0.5, 0.82, 0.08, 0.12, 0.25, 0, 3)
    for _ in range(rng.integers(6, 22)):
        a, b = rng.uniform(0.015, 0.07, 2)
        film.ellipse(rng.uniform(0.15, 0.85), rng.uniform(0.15, 0.85), a, b, -0.25, rng.uniform(0, 180), 5)
    return film.finish(rng)


def axial(rng: np.random.Generator) -> np.ndarray:
    """A slice across the trunk: rim, lungs or organs, vertebra, ribs as dots."""
    film = Film()
    film.ellipse(0.5, 0.5, 0.43, rng.uniform(0.28, 0.34), 0.45, soft=2)
    film.ellipse(0.5, 0.5, 0.405, 0.27, 0.15, soft=2)
    lungs = rng.random() < 0.5
    for side in (-1, 1):
        film.ellipse(0.5 + 0.2 * side, 0.5, 0.14, 0.2, -0.55 if lungs else rng.uniform(-0.1, 0.2), 10 * side, 2)
        for angle in np.linspace(-2.2, 2.2, 9):
            film.ellipse(
                0.5 + 0.38 * side * np.cos(angle / 2), 0.5 + 0.24 * np.sin(angle / 2), 0.018, 0.01, 0.5, soft=1
            )
    film.ellipse(0.47, 0.44, 0.11, 0.1, 0.25, 20)
    film.ellipse(0.5, 0.68, 0.06, 0.05, 0.6, soft=1.5)
    film.ellipse(0.5, 0.735, 0.025, 0.02, -0.4, soft=1)
    return film.finish(rng, 12)


def ultrasound(rng: np.random.Generator) -> np.ndarray:
    """A fan of speckle on black, with dark cysts and bright layers."""
    height, width = SIDE, int(SIDE * rng.uniform(1, 1.35))
    v, u = np.meshgrid(np.linspace(0, 1, height), np.linspace(-0.5, 0.5, width) * width / height, indexing="ij")
    apex = rng.uniform(0.02, 0.25)
    radius, angle = np.hypot(u, v + apex), np.arctan2(u, v + apex)
    fan = (np.abs(angle) < rng.uniform(0.45, 0.8)) & (radius > apex + 0.05) & (radius < apex + rng.uniform(0.8, 0.95))
    speckle = cv2.GaussianBlur(rng.exponential(1, (height, width)), (0, 0), rng.uniform(0.8, 2.5))
    tissue = cv2.GaussianBlur(rng.normal(size=(height, width)), (0, 0), rng.uniform(10, 30))
    picture = speckle * (1 + 12 * tissue) * np.exp(-rng.uniform(0, 1.5) * radius)
    picture *= 1 + 1.5 * np.exp(-(((radius - apex - rng.uniform(0.1, 0.7)) / 0.02) ** 2))
    for _ in range(rng.integers(0, 5)):
        x, y, a, b = rng.uniform(-0.3, 0.3), rng.uniform(0.2, 0.8), *rng.uniform(0.03, 0.14, 2)
        picture[((u - x) / a) ** 2 + ((v - y) / b) ** 2 < 1] *= 0.12
    picture = np.clip(picture * fan, 0, None)
    return np.round(255 * np.clip(picture / np.quantile(picture[fan], 0.99), 0, 1)).astype(np.uint8)
