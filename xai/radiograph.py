"""Decode, validate and normalise an upload: the one door through which foreign bytes come in."""

from __future__ import annotations

import os
import threading
import warnings
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import BinaryIO

import cv2
import numpy as np

from xai import orientation, polarity, raster
from xai.errors import FilmError
from xai.limits import MAX_BYTES, check_bytes, check_size
from xai.mirror import SIDE, mirrored, seems_mirrored
from xai.signature import identify

LOW, HIGH = 0.5, 99.5
LIES_WRONG = "This film seems not to stand upright: turn it {}."
SET_UPRIGHT = "Turned {}, as asked."
LOOKS_MIRRORED = (
    "This film seems mirrored: the heart points to the left of the picture. "
    "Rarely a heart really lies so; an R or L marker on the film tells."
)
MIRRORED = "Mirrored, as asked."
TURNED = "This film was inverted (bone black); it was turned so that bone is white."

# One file at a time: that bounds the memory, and Python can silence warnings only for the whole process.
_DECODING = threading.Lock()


@dataclass(frozen=True)
class Radiograph:
    """One decoded film.

    Attributes:
        pixels: ``(H, W)`` float32 in [0, 1], bone white, normalised (see :func:`normalise`).
        source: base name of the file it came from, or ``""``.
        notices: sentences for the visitor about what was done to the picture.
        turn: degrees clockwise by which the film should be turned, of 0, 90, 180 and 270; 0 in doubt. Never done
            unasked.
        mirror: whether the film seems mirrored, left for right; never said before it stands upright, nor done unasked.
        coloured: whether the file was in colour, beyond a tint or a coloured mark.
    """

    pixels: np.ndarray
    source: str = ""
    notices: tuple[str, ...] = ()
    turn: int = 0
    mirror: bool = False
    coloured: bool = False


def read(
    source: str | os.PathLike | bytes | BinaryIO | np.ndarray, turn: int = 0, mirror: bool = False
) -> Radiograph:
    """Read a film.

    A PNG, JPEG, TIFF, WebP, BMP, GIF or DICOM file, known by its content; or grey levels. EXIF rotation, DICOM windows
    and MONOCHROME1 are applied. A film that is bone black all the same, whichever way it came, is turned, with a
    notice; a caller who knows better makes a :class:`Radiograph` of normalised pixels. A film that lies on its side or
    head, or seems mirrored, stays as it is, with a notice. Safe under threads.

    Args:
        source: a path, a file's bytes, an open binary file, or a 2-D array of numbers with bone white, on any scale.
        turn: degrees clockwise by which to turn the film, of 0, 90, 180 and 270.
        mirror: whether to exchange left and right, after the turn.

    Raises:
        FilmError: no film can be read from it; the message is one sentence that says why and what to do.
    """
    if isinstance(source, np.ndarray):
        name, levels, notices = "", source, ()
    else:
        data, name = _bytes(source)
        levels, notices = _decode(data, name)
    coloured = raster.COLOURED in notices
    levels = _checked(levels)
    pixels = normalise(levels)
    if turn:
        pixels = orientation.turned(pixels, turn)
        notices = (*notices, SET_UPRIGHT.format(orientation.WAYS[turn]))
    if mirror:
        pixels = mirrored(pixels)
        notices = (*notices, MIRRORED)
    # What follows looks at thumbnails, and a large film is slow to reduce: once for all of them.
    small = cv2.resize(pixels, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    # First, because a film on its side can look like a negative.
    wanted = orientation.suggestion(small)
    if not wanted and polarity.inverted(small):
        np.subtract(1, pixels, out=pixels)
        small = 1 - small
        notices = (*notices, TURNED)
        wanted = orientation.suggestion(small)
    suspect = not wanted and seems_mirrored(small)
    if wanted:
        notices = (*notices, LIES_WRONG.format(orientation.WAYS[wanted]))
    if suspect:
        notices = (*notices, LOOKS_MIRRORED)
    return Radiograph(pixels, name, notices, wanted, suspect, coloured)


def normalise(pixels: np.ndarray) -> np.ndarray:
    """Stretch the percentiles ``LOW`` and ``HIGH`` of ``(H, W)`` grey levels to [0, 1]; what lies beyond is clipped.

    Returns:
        ``(H, W)`` float32. Constant pixels become zeros.
    """
    if pixels.dtype in (np.uint8, np.uint16):
        # A film has more pixels than grey levels: count these, and stretch each of them once.
        values = np.arange(np.iinfo(pixels.dtype).max + 1, dtype=np.float32)
        counts = sum(_counts(pixels[band], len(values)) for band in _bands(pixels))
        low, high = _limits(pixels, _percentile(counts, LOW), _percentile(counts, HIGH))
        return cv2.LUT(pixels, _stretch(values, low, high))
    low, high = _limits(pixels, *np.percentile(pixels, (LOW, HIGH)))
    stretched = np.empty(pixels.shape, np.float32)
    for band in _bands(pixels):
        stretched[band] = _stretch(pixels[band], low, high)
    return stretched


def _bands(pixels: np.ndarray) -> list[slice]:
    """Rows in portions, so that what numpy does in 64 bits does not take several times the memory of the film."""
    return [slice(top, top + 256) for top in range(0, len(pixels), 256)]


def _limits(pixels: np.ndarray, low: float, high: float) -> tuple[float, float]:
    if high - low < 1e-6:
        return float(pixels.min()), float(pixels.max())
    return low, high


def _stretch(values: np.ndarray, low: float, high: float) -> np.ndarray:
    return np.clip((values - low) / max(high - low, 1e-12), 0, 1).astype(np.float32)


def _counts(pixels: np.ndarray, levels: int) -> np.ndarray:
    """How often each grey level occurs; exact for a band, whose counts float32 can hold."""
    return cv2.calcHist([pixels], [0], None, [levels], [0, levels]).ravel().astype(np.int64)


def _percentile(counts: np.ndarray, percent: float) -> np.float64:
    """``np.percentile`` of integers that occur ``counts`` times each."""
    reached = np.cumsum(counts)
    rank = percent / 100 * (reached[-1] - 1)
    below = int(rank)
    first, second = np.searchsorted(reached, (below, min(below + 1, reached[-1] - 1)), side="right")
    return np.float64(first + (second - first) * (rank - below))


def _bytes(source) -> tuple[bytes, str]:
    """The bytes behind a source, no more than allowed, and its base name."""
    if source is None:
        raise FilmError("no film: choose a file first")
    if isinstance(source, (bytes, bytearray, memoryview)):
        data, name = source, ""
        check_bytes(len(data))
        return bytes(data), name
    if hasattr(source, "read"):
        name = getattr(source, "name", "")
        name = PurePath(name).name if isinstance(name, str) else ""
        data = source.read(MAX_BYTES + 1)
        if not isinstance(data, bytes):
            raise TypeError("the file must be opened in binary mode, as in open(path, 'rb')")
    else:
        path = Path(source)
        data, name = _file(path), path.name
    check_bytes(len(data))
    return data, name


def _file(path: Path) -> bytes:
    try:
        if path.is_dir():
            raise FilmError("a folder, not a film: name the files in it")
        if not path.exists():
            raise FilmError("no such file: check the name and the folder")
        if not path.is_file():  # a pipe or a device might never end
            raise FilmError("not a regular file: save the film to a file first")
        with open(path, "rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        reason = (error.strerror or "input or output error").lower()
        raise FilmError(f"cannot be opened ({reason}): check its name and permissions") from error


def _decode(data: bytes, name: str) -> tuple[np.ndarray, tuple[str, ...]]:
    kind = identify(data, name)
    if kind == "DICOM":
        from xai import dicom  # pydicom takes a moment to import, and most films are pictures
    with _DECODING, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return dicom.decode(data) if kind == "DICOM" else raster.decode(data, kind)


def _checked(levels: np.ndarray) -> np.ndarray:
    """Grey levels as uint8, uint16 or floats in [0, 1] that can be stretched without loss; or FilmError."""
    if levels.ndim != 2:
        raise FilmError(f"not a film: an array of shape {levels.shape}; give one of shape (height, width)")
    if levels.dtype.kind not in "biuf":
        raise FilmError(f"not a film: an array of type {levels.dtype}; give real numbers")
    check_size(levels.shape[1], levels.shape[0])
    if levels.dtype == bool:
        levels = levels.astype(np.uint8)
    elif levels.dtype.kind == "f":
        with np.errstate(over="ignore"):
            levels = levels.astype(np.float32 if levels.dtype == np.float32 else np.float64)
    low, high = levels.min(), levels.max()
    if not (np.isfinite(low) and np.isfinite(high)):
        raise FilmError("pixels that are no numbers (NaN or infinite): export the film again, or repair the array")
    if low == high:
        raise FilmError("no picture: all pixels are the same grey; export the film again")
    if levels.dtype in (np.uint8, np.uint16):
        return np.ascontiguousarray(levels)
    if levels.dtype.kind in "iu":
        if int(high) - int(low) <= 0xFFFF:
            # Both sides wrap around at 2^16, so their difference is exact.
            return levels.astype(np.uint16) - np.uint16(int(low) & 0xFFFF)
        levels = levels.astype(np.float64)
    # To [0, 1] first, because the stretch takes differences below 1e-6 for none; halved, lest the range overflow.
    levels *= 0.5
    levels -= levels.min()
    levels /= levels.max()
    return levels.astype(np.float32, copy=False)
