"""Drawn strangers: text, screenshots, plots, noise, gradients, shapes. Pictures are uint8, grey or RGB."""

from __future__ import annotations

import functools
import io
from pathlib import Path

import cv2
import matplotlib
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image, ImageDraw, ImageFont

FONTS = ("DejaVuSans", "DejaVuSans-Bold", "DejaVuSerif", "DejaVuSerif-Italic", "DejaVuSansMono")
LETTERS = np.array(list("eeeeettttaaaooiinnsshrrdlcumwfgypbvk"))


@functools.lru_cache(maxsize=64)
def font(name: str, size: int) -> ImageFont.FreeTypeFont:
    """One of matplotlib's own fonts."""
    return ImageFont.truetype(str(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / f"{name}.ttf"), size)


def words(rng: np.random.Generator, count: int) -> str:
    """Nonsense with the letters and the word lengths of English."""
    return " ".join("".join(rng.choice(LETTERS, n)) for n in rng.integers(1, 10, count))


def page(rng: np.random.Generator) -> np.ndarray:
    """A page of text in one or two columns, dark on light or light on dark, straight or a little askew."""
    width, height = int(rng.integers(400, 900)), int(rng.integers(400, 1100))
    dark = rng.random() < 0.25
    paper, ink = int(rng.integers(215, 256)), int(rng.integers(0, 70))
    paper, ink = (255 - paper, 255 - ink) if dark else (paper, ink)
    image = Image.new("L", (width, height), paper)
    draw = ImageDraw.Draw(image)
    name, size = str(rng.choice(FONTS)), int(rng.integers(9, 34))
    margin, columns = int(rng.integers(15, 80)), int(rng.integers(1, 3))
    column = (width - 2 * margin) // columns
    draw.text((margin, margin // 2), words(rng, 5), ink, font("DejaVuSans-Bold", int(1.5 * size)))
    for c in range(columns):
        y = margin + 2 * size
        while y < height * rng.uniform(0.7, 1.1) and y < height - margin:
            text = words(rng, int(column / size / 2.2) + 1)
            if rng.random() < 0.9:
                draw.text((margin + c * (column + 10), y), text, ink, font(name, size))
            y += int(1.5 * size)
    if rng.random() < 0.3:
        image = image.rotate(rng.uniform(-6, 6), fillcolor=paper)
    return np.asarray(image)


def screenshot(rng: np.random.Generator) -> np.ndarray:
    """Windows, bars, buttons, tables and text, light or dark, in colour or grey."""
    width, height = ((1000, 640), (800, 800), (420, 860))[rng.integers(3)]
    dark = rng.random() < 0.4
    levels = (20, 70) if dark else (215, 256)
    ink = 225 if dark else 30

    def tone(strength: float = 0.15) -> tuple[int, ...]:
        grey = rng.integers(*levels)
        return tuple(int(v) for v in np.clip(grey + strength * rng.integers(-200, 200, 3), 0, 255))

    image = Image.new("RGB", (width, height), tone())
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, width, int(rng.integers(25, 60))), tone(0.8))
    for _ in range(rng.integers(2, 7)):
        x, y = int(rng.integers(0, width * 0.7)), int(rng.integers(30, height * 0.7))
        w, h = int(rng.integers(150, width * 0.9)), int(rng.integers(100, height * 0.8))
        draw.rounded_rectangle((x, y, x + w, y + h), 6, tone(), outline=tone(0.9))
        draw.rectangle((x, y, x + w, y + 22), tone(0.9))
        size = int(rng.integers(9, 18))
        for line in range((h - 40) // (2 * size)):
            indent = int(rng.integers(0, 4)) * 14
            colour = (ink,) * 3 if rng.random() < 0.7 else tone(1.0)
            draw.text(
                (x + 10 + indent, y + 30 + 2 * size * line),
                words(rng, rng.integers(1, 9)),
                colour,
                font("DejaVuSansMono", size),
            )
        for _ in range(rng.integers(0, 5)):
            bx, by = x + int(rng.integers(0, w)), y + int(rng.integers(0, h))
            draw.rounded_rectangle((bx, by, bx + 70, by + 22), 5, tone(1.2))
    return np.asarray(image.convert("L") if rng.random() < 0.4 else image)


def plot(rng: np.random.Generator) -> np.ndarray:
    """A figure by matplotlib: lines, scatter, bars, histogram, pie, a heat map or contours."""
    figure = Figure(
        figsize=(rng.uniform(4, 8), rng.uniform(3, 7)), dpi=80, facecolor="white" if rng.random() < 0.8 else "0.1"
    )
    axes = figure.add_subplot()
    series = rng.normal(size=(4, 60)).cumsum(1)
    smooth = cv2.GaussianBlur(rng.normal(size=(60, 60)), (0, 0), rng.uniform(1, 8))
    styles = (
        lambda: axes.plot(series.T),
        lambda: axes.scatter(series[0], series[1], s=rng.uniform(5, 80), c=series[2]),
        lambda: axes.bar(range(12), np.abs(series[0, :12]), color="0.3"),
        lambda: axes.hist(rng.normal(size=500), bins=25),
        lambda: axes.pie(np.abs(series[0, :5]) + 0.2),
        lambda: axes.imshow(smooth, cmap=str(rng.choice(["gray", "viridis", "hot"]))),
        lambda: axes.contour(smooth, cmap="gray"),
        lambda: axes.fill_between(range(60), series[0], series[1], alpha=0.6),
    )
    styles[rng.integers(len(styles))]()
    axes.set_title(words(rng, 4))
    FigureCanvasAgg(figure)
    file = io.BytesIO()
    figure.savefig(file, format="png")
    image = Image.open(file)
    return np.asarray(image.convert("L" if rng.random() < 0.4 else "RGB"))


def levels(field: np.ndarray) -> np.ndarray:
    """Any real field as uint8 over its whole range."""
    return np.round(255 * (field - field.min()) / max(float(np.ptp(field)), 1e-9)).astype(np.uint8)


def noise(rng: np.random.Generator) -> np.ndarray:
    """Noise: independent pixels, specks, amplitudes 1 / f^p with p up to 3, blobs with edges, or three in colour."""

    def field() -> np.ndarray:
        side = int(2 ** rng.uniform(7, 9))
        style = rng.integers(5)
        if style == 0:
            return rng.integers(0, 256, (side, side)).astype(float)
        if style == 1:
            return (rng.random((side, side)) < rng.uniform(0.01, 0.5)).astype(float)
        frequency = np.hypot(*np.meshgrid(np.fft.fftfreq(side), np.fft.fftfreq(side)))
        frequency[0, 0] = 1
        power = rng.uniform(0.2, 3)
        spectrum = np.fft.ifft2(np.fft.fft2(rng.normal(size=(side, side))) / frequency**power).real
        return (spectrum > np.quantile(spectrum, rng.uniform(0.2, 0.8))).astype(float) if style == 4 else spectrum

    if rng.random() < 0.2:
        return np.stack([cv2.resize(levels(field()), (256, 256)) for _ in range(3)], axis=-1)
    return levels(field())


def gradient(rng: np.random.Generator) -> np.ndarray:
    """Ramps, glows, stripes, checks, or nearly one grey."""
    height, width = (int(n) for n in rng.integers(150, 600, 2))
    v, u = np.meshgrid(np.linspace(-1, 1, height), np.linspace(-1, 1, width), indexing="ij")
    angle = rng.uniform(0, 2 * np.pi)
    along = u * np.cos(angle) + v * np.sin(angle)
    x, y = rng.uniform(-0.7, 0.7, 2)
    glow = np.exp(-((u - x) ** 2 + (v - y) ** 2) / rng.uniform(0.1, 2))
    often = rng.uniform(3, 40)
    fields = (
        along,
        glow,
        -glow,
        np.sin(often * along),
        np.sign(np.sin(often * u) * np.sin(often * v)),
        along + 0.5 * glow,
    )
    style = rng.integers(len(fields) + 1)
    if style == len(fields):
        return (rng.integers(20, 230) + rng.integers(0, 3, (height, width))).astype(np.uint8)
    return levels(fields[style] + rng.choice([0, 0.03]) * rng.normal(size=u.shape))


def shapes(rng: np.random.Generator) -> np.ndarray:
    """Rectangles, discs, lines and polygons, filled or drawn, on a plain ground; some symmetrical, some soft."""
    side = int(rng.integers(200, 600))
    colour = rng.random() < 0.3
    picture = np.full((side, side, 3), rng.integers(0, 256), np.uint8)
    for _ in range(rng.integers(1, 25)):
        tone = rng.integers(0, 256, 3) if colour else np.full(3, rng.integers(0, 256))
        tone = tuple(int(v) for v in tone)
        thickness = -1 if rng.random() < 0.6 else int(rng.integers(1, 9))
        a, b = (tuple(int(v) for v in rng.integers(0, side, 2)) for _ in range(2))
        style = rng.integers(4)
        if style == 0:
            cv2.rectangle(picture, a, b, tone, thickness)
        elif style == 1:
            axes = tuple(int(v) for v in rng.integers(5, side // 3, 2))
            cv2.ellipse(picture, a, axes, float(rng.uniform(0, 180)), 0, 360, tone, thickness)
        elif style == 2:
            cv2.line(picture, a, b, tone, abs(thickness) + 1, cv2.LINE_AA)
        else:
            corners = rng.integers(0, side, (int(rng.integers(3, 7)), 1, 2)).astype(np.int32)
            cv2.fillPoly(picture, [corners], tone, cv2.LINE_AA)
    if rng.random() < 0.3:
        picture = np.maximum(picture, picture[:, ::-1])
    if rng.random() < 0.3:
        picture = cv2.GaussianBlur(picture, (0, 0), rng.uniform(1, side / 20))
    return picture if colour else picture[..., 0].copy()
