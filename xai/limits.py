"""How big, small and oblong a film may be: checked on a file's header, before anything is decoded."""

from __future__ import annotations

from xai.errors import FilmError

# Raw films weigh 8 to 18 MB (a 3,000 × 3,000 detector at two bytes a pixel).
MAX_BYTES = 20 * 2**20
# The largest detectors have 19 million pixels; scanned films reach 40.
MAX_PIXELS = 50_000_000
MIN_SIDE = 32
MAX_ASPECT = 5


def check_bytes(count: int) -> None:
    """Raise :class:`FilmError` unless a file of this many bytes may be read."""
    if count > MAX_BYTES:
        raise FilmError(f"over the size limit of {MAX_BYTES >> 20} MB: export the film as PNG, or at fewer pixels")
    if not count:
        raise FilmError("empty: the file holds no bytes; export or download the film again")


def check_size(width: int, height: int) -> None:
    """Raise :class:`FilmError` unless a picture of this size, in pixels, may be decoded."""
    if min(width, height) < MIN_SIDE:
        raise FilmError(
            f"too small: {width} × {height} pixels, and a film needs {MIN_SIDE} on each side; export it at full size"
        )
    if width * height > MAX_PIXELS:
        raise FilmError(
            f"too large: {width} × {height} pixels, over the limit of {MAX_PIXELS // 10**6} million; "
            "export the film smaller, for instance 3000 pixels wide"
        )
    if max(width, height) > MAX_ASPECT * min(width, height):
        raise FilmError(
            f"not the shape of a film: {width} × {height} pixels, one side over {MAX_ASPECT} times the other; "
            "crop the picture to the chest"
        )
