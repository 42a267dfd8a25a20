"""PNG, JPEG, TIFF, WebP, BMP and GIF files to grey levels, through Pillow."""

from __future__ import annotations

import contextlib
import ctypes
import functools
import io
from pathlib import Path

import numpy as np
import PIL

# The last two only register themselves; otherwise Pillow imports its forty decoders to find them.
from PIL import Image, ImageChops, ImageOps, TiffImagePlugin, WebPImagePlugin  # noqa: F401

from xai.errors import FilmError
from xai.limits import MAX_PIXELS, check_size

COLOURED = "This picture is in colour; only its brightness was read, as films are grey."
TINTED = "This picture is tinted or marked in colour; only its brightness was read, as films are grey."
# A pixel counts as coloured if its channels differ by more than JPEG's chroma noise, of 255; a picture gets a notice if
# more than the first share of its pixels does, and is in colour if more than the second still does once the tint, one
# hue for each brightness, is taken off: neither a toned film nor a coloured marker is a photograph.
_CHROMA, _NOTICED, _IN_COLOUR = 32, 0.01, 0.05
# A progressive JPEG passes over all its pixels once per scan, and a scan may take ten bytes.
_MAX_PASSES = 40 * MAX_PIXELS
_WHITE_IS_ZERO, _UNSIGNED, _SIGNED = 0, 1, 2
# TIFF tags.
_BITS, _PHOTOMETRIC, _TILE_WIDTH, _TILE_LENGTH, _SAMPLE_FORMAT = 258, 262, 322, 323, 339


def decode(data: bytes, kind: str) -> tuple[np.ndarray, tuple[str, ...]]:
    """Grey levels of an image file, upright.

    Args:
        data: the file.
        kind: from :func:`xai.signature.identify`; no other of Pillow's decoders is reached.

    Returns:
        ``(H, W)`` uint8, uint16, int32, uint32 or float32 as stored (colour of 16 bits a channel comes as 8), white
        high, and notices. What is transparent is black, as a film is where no ray was stopped.

    Raises:
        FilmError: damaged, too large, animated, of several pages, or of a kind that Pillow does not know.
    """
    if kind == "WEBP":
        check_size(*_webp_size(data))  # Pillow's decoder reserves the canvas before telling its size
    if kind == "TIFF":
        _hush_libtiff()
    try:
        with Image.open(io.BytesIO(data), formats=[kind]) as image:
            check_size(*image.size)
            _check_single(image)
            if kind == "JPEG" and data.count(b"\xff\xda") * image.width * image.height > _MAX_PASSES:
                raise FilmError("too many scans: this JPEG would take minutes to decode; save it again as PNG")
            tags = dict(image.tag_v2) if kind == "TIFF" else {}
            if tags.get(_TILE_WIDTH, 0) * tags.get(_TILE_LENGTH, 0) > MAX_PIXELS:
                raise FilmError("damaged TIFF: its tiles are larger than any film; export the film again, or as PNG")
            image.load()
            # Broken EXIF says nothing about the pixels.
            with contextlib.suppress(Exception):
                image = ImageOps.exif_transpose(image)
            return _levels(image, tags)
    except FilmError:
        raise
    except Image.DecompressionBombError as error:
        raise FilmError(
            f"too large: over the limit of {MAX_PIXELS // 10**6} million pixels; "
            "export the film smaller, for instance 3000 pixels wide"
        ) from error
    # Foreign bytes make Pillow raise nearly anything: OSError, SyntaxError, ValueError, struct.error, …
    except Exception as error:
        raise FilmError(
            f"damaged, incomplete or unusual {kind}: it cannot be decoded; save or download it again, or export a PNG"
        ) from error


def to_grey(rgb: Image.Image) -> tuple[Image.Image, tuple[str, ...]]:
    """Brightness of an RGB or RGBA picture (exact where the channels agree), with a notice if it has colours.

    The notice is :data:`COLOURED` for a picture in colour, :data:`TINTED` for a grey one in one tone or with marks.
    """
    small = rgb.resize((256, 256), Image.Resampling.NEAREST).convert("RGB")
    sample = np.asarray(small).reshape(-1, 3).astype(np.float32)
    if (np.ptp(sample, axis=1) > _CHROMA).mean() <= _NOTICED:
        return rgb.convert("L"), ()
    chroma = sample - sample.mean(1, keepdims=True)
    brightness = (sample.mean(1) // 16).astype(int)
    for level in np.unique(brightness):
        chroma[brightness == level] -= np.median(chroma[brightness == level], axis=0)
    in_colour = (np.ptp(chroma, axis=1) > _CHROMA).mean() > _IN_COLOUR
    return rgb.convert("L"), (COLOURED if in_colour else TINTED,)


def _check_single(image: Image.Image) -> None:
    # Phones store a photograph with its preview or depth map as "MPO": the first picture is the photograph.
    if image.format == "MPO" or not getattr(image, "is_animated", False):
        return
    if image.format == "TIFF":
        raise FilmError("several pages: this TIFF holds more than one picture; export the film alone")
    raise FilmError("animated: this file holds more than one picture; export the film as a single still")


def _levels(image: Image.Image, tags: dict) -> tuple[np.ndarray, tuple[str, ...]]:
    mode = image.mode
    if mode in ("1", "L") and not image.has_transparency_data:
        levels = np.asarray(image.convert("L"))
        if _sample_format(tags) == _SIGNED:
            levels = levels.view(np.int8)
        return levels, ()
    if mode == "F" or mode.startswith("I"):
        levels = np.asarray(image)
        levels = levels.astype(levels.dtype.newbyteorder("="), copy=False)
        # Pillow keeps unsigned numbers of 32 bits in signed ones, …
        if mode == "I" and _sample_format(tags) == _UNSIGNED and tags.get(_BITS) == (32,):
            levels = levels.view(np.uint32)
        # … and turns a "white is zero" TIFF only up to 8 bits.
        if tags.get(_PHOTOMETRIC) == _WHITE_IS_ZERO:
            levels = -levels if mode == "F" else np.iinfo(levels.dtype).max - levels
        return levels, ()
    target = "RGBA" if image.has_transparency_data else "RGB"
    image = image if mode == target else image.convert(target)
    grey, notices = to_grey(image)
    if image.mode == "RGBA":
        grey = ImageChops.multiply(grey, image.getchannel("A"))
    return np.asarray(grey), notices


def _sample_format(tags: dict) -> int:
    return tags.get(_SAMPLE_FORMAT, (_UNSIGNED,))[0]


def _webp_size(data: bytes) -> tuple[int, int]:
    """``(width, height)`` of the canvas from the first chunk of a WebP file."""
    if len(data) >= 30:
        chunk = data[12:16]
        if chunk == b"VP8X":
            return 1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little")
        if chunk == b"VP8 ":
            return int.from_bytes(data[26:28], "little") & 0x3FFF, int.from_bytes(data[28:30], "little") & 0x3FFF
        if chunk == b"VP8L":
            bits = int.from_bytes(data[21:25], "little")
            return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    raise FilmError("damaged or incomplete WebP: it has no header; save or download it again, or export a PNG")


@functools.cache
def _hush_libtiff() -> None:
    """Stop the libtiff inside Pillow's wheel from printing its errors on the process's stderr: Pillow raises them too.

    Where Pillow was built another way, the lines stay.
    """
    package = Path(PIL.__file__).parent
    for library in (*package.parent.glob("pillow.libs/libtiff*"), *package.glob(".dylibs/libtiff*")):
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(str(library)).TIFFSetErrorHandler(None)
