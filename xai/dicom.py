"""DICOM files to grey levels as their window shows them, through pydicom. Patient data are passed over, not kept."""

from __future__ import annotations

import io
import zlib

import numpy as np
import pydicom
from PIL import Image
from pydicom.encaps import get_frame
from pydicom.filereader import read_dataset
from pydicom.multival import MultiValue
from pydicom.pixels import apply_color_lut, apply_modality_lut, apply_voi, pixel_array
from pydicom.uid import (
    JPEG2000,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    RLELossless,
)

from xai.errors import FilmError
from xai.limits import MAX_BYTES, MAX_PIXELS, check_size
from xai.raster import to_grey

UNWINDOWED = "The window stored in this DICOM file cannot be used, so the film is shown in its full range."

_UNCOMPRESSED = {ImplicitVRLittleEndian, ExplicitVRLittleEndian, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian}
_PILLOW = {JPEGBaseline8Bit: "JPEG", JPEGExtended12Bit: "JPEG", JPEG2000: "JPEG2000", JPEG2000Lossless: "JPEG2000"}
# Two bytes a pixel and everything around them.
_MAX_INFLATED = 2 * MAX_PIXELS + MAX_BYTES
_PIXELS = ("PixelData", "FloatPixelData", "DoubleFloatPixelData")
# Nothing else is kept: no name, no date, no identifier.
_TAGS = [
    *_PIXELS, "Rows", "Columns", "NumberOfFrames", "SamplesPerPixel", "PhotometricInterpretation",
    "PlanarConfiguration", "BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation",
    "PixelPaddingValue", "PixelPaddingRangeLimit", "RescaleSlope", "RescaleIntercept", "ModalityLUTSequence",
    "WindowCenter", "WindowWidth", "VOILUTFunction", "VOILUTSequence",
    "RedPaletteColorLookupTableDescriptor", "GreenPaletteColorLookupTableDescriptor",
    "BluePaletteColorLookupTableDescriptor", "RedPaletteColorLookupTableData",
    "GreenPaletteColorLookupTableData", "BluePaletteColorLookupTableData",
]  # fmt: skip


def decode(data: bytes) -> tuple[np.ndarray, tuple[str, ...]]:
    """Grey levels of a DICOM file, rescaled, windowed, and turned where MONOCHROME1 says that white is low.

    Args:
        data: the file, with or without its preamble.

    Returns:
        ``(H, W)`` uint8 or float32, white high, and notices.

    Raises:
        FilmError: damaged, without pixels, multi-frame, too large, or compressed in a way that needs a plug-in.
    """
    try:
        return _decode(data)
    except FilmError:
        raise
    # Foreign bytes make pydicom raise nearly anything: AttributeError, KeyError, EOFError, NotImplementedError, …
    except Exception as error:
        raise FilmError(
            "damaged, incomplete or unusual DICOM: it cannot be decoded; export the film again, or as PNG"
        ) from error


def _decode(data: bytes) -> tuple[np.ndarray, tuple[str, ...]]:
    _check_deflated(data)
    film = pydicom.dcmread(io.BytesIO(data), force=True, specific_tags=_TAGS)
    if not any(keyword in film for keyword in _PIXELS) or "Rows" not in film or "Columns" not in film:
        raise FilmError("no pixels: this DICOM file is a report, a directory or cut off; choose the file of the film")
    if int(film.get("NumberOfFrames") or 1) > 1:
        raise FilmError("multi-frame: this DICOM file holds several pictures; export the film as a single frame")
    check_size(film.Columns, film.Rows)
    syntax = film.file_meta.get("TransferSyntaxUID")
    if syntax is None:
        implicit, little = film.original_encoding
        syntax = ImplicitVRLittleEndian if implicit else ExplicitVRLittleEndian if little else ExplicitVRBigEndian
        film.file_meta.TransferSyntaxUID = syntax
    _check_compression(film, syntax)
    levels, bits = pixel_array(film), film.BitsStored
    if film.PhotometricInterpretation == "PALETTE COLOR":
        levels = apply_color_lut(levels, film)
        bits = 8 * levels.dtype.itemsize
    if levels.ndim == 3:
        grey, notices = to_grey(Image.fromarray((levels >> max(bits - 8, 0)).astype(np.uint8)))
        return np.asarray(grey), notices
    return _monochrome(levels, film)


def _check_deflated(data: bytes) -> None:
    """Refuse a deflated file that would burst the memory: pydicom inflates without a limit."""
    file = io.BytesIO(data)
    file.seek(132 if data[128:132] == b"DICM" else 0)
    meta = read_dataset(file, False, True, stop_when=lambda tag, vr, length: tag.group != 2)
    if meta.get("TransferSyntaxUID") != DeflatedExplicitVRLittleEndian:
        return
    if len(zlib.decompressobj(-zlib.MAX_WBITS).decompress(file.read(), _MAX_INFLATED + 1)) > _MAX_INFLATED:
        raise FilmError("too large: this DICOM file inflates beyond any film; export the film uncompressed or as PNG")


def _check_compression(film: pydicom.Dataset, syntax: pydicom.uid.UID) -> None:
    """Refuse compressed pixels that no decoder here knows, or that say another size than the file."""
    if syntax in _UNCOMPRESSED:
        return
    beyond_pillow = syntax == JPEGExtended12Bit and film.BitsStored > 8
    if beyond_pillow or (syntax != RLELossless and syntax not in _PILLOW):
        raise FilmError(
            f"compressed as {syntax.name}, which is not decoded here: "
            "convert the file with `gdcmconv --raw IN OUT`, or export the film as PNG"
        )
    frame = get_frame(film.PixelData, 0, number_of_frames=1)
    if syntax == RLELossless:
        sound = _run_length(frame[64:], _MAX_INFLATED) <= _MAX_INFLATED
    else:
        with Image.open(io.BytesIO(frame), formats=[_PILLOW[syntax]]) as image:
            sound = image.size == (film.Columns, film.Rows)
    if not sound:
        raise FilmError("damaged DICOM: its compressed pixels are not of the size it says; export the film again")


def _run_length(runs: bytes, limit: int) -> int:
    """How many bytes run-length coded segments unpack to, counted no further than just beyond ``limit``."""
    total = position = 0
    while position < len(runs) and total <= limit:
        head = runs[position]
        if head > 128:
            total, position = total + 257 - head, position + 2
        elif head < 128:
            total, position = total + 1 + head, position + 2 + head
        else:
            position += 1
    return total


def _monochrome(stored: np.ndarray, film: pydicom.Dataset) -> tuple[np.ndarray, tuple[str, ...]]:
    if stored.dtype.kind in "iu" and stored.dtype.itemsize <= 2:
        # Every value once, rather than every pixel: exact, and small for any film.
        low = int(stored.min())
        values = np.arange(low, int(stored.max()) + 1)
        table, notices = _window(values, film)
        shown = table.astype(np.float32)[stored.astype(np.int32) - low]
    else:
        shown, notices = _window(stored, film)
        shown = shown.astype(np.float32)
    if film.PhotometricInterpretation == "MONOCHROME1":
        shown = -shown
    padding = _padding(stored, film)
    # Padding is where no ray fell: as black as the film's blackest pixel, whatever number stands for it.
    if padding.any() and not padding.all():
        shown[padding] = shown[~padding].min()
    return shown, notices


def _padding(stored: np.ndarray, film: pydicom.Dataset) -> np.ndarray:
    first = film.get("PixelPaddingValue")
    if first is None:
        return np.zeros(stored.shape, bool)
    last = film.get("PixelPaddingRangeLimit", first)
    return (stored >= min(first, last)) & (stored <= max(first, last))


def _window(stored: np.ndarray, film: pydicom.Dataset) -> tuple[np.ndarray, tuple[str, ...]]:
    """Stored values to what the first window (or look-up table) of the file shows, on any scale, and notices."""
    levels = apply_modality_lut(stored, film)
    if film.get("VOILUTSequence"):
        shown = apply_voi(np.rint(levels).astype(np.int64), film)
    elif film.get("WindowCenter") is not None and film.get("WindowWidth") is not None:
        shown = _ramp(levels, _first(film.WindowCenter), _first(film.WindowWidth), film.get("VOILUTFunction"))
    else:
        return levels, ()
    if np.ptp(shown) == 0 < np.ptp(levels):
        return levels, (UNWINDOWED,)
    return shown, ()


def _first(value) -> float:
    return float(value[0] if isinstance(value, MultiValue) else value)


def _ramp(levels: np.ndarray, centre: float, width: float, function: str | None) -> np.ndarray:
    """DICOM PS3.3 C.11.2: the window's ramp (or sigmoid) onto [0, 1]; zeros for a width that the standard forbids.

    Not pydicom's, which turns the picture where the rescale slope is negative.
    """
    exact = function in ("SIGMOID", "LINEAR_EXACT")
    if not width > 0 or (width < 1 and not exact):
        return np.zeros(levels.shape)
    if function == "SIGMOID":
        return 1 / (1 + np.exp(np.clip(-4 * (levels - centre) / width, -700, 700)))
    if not exact:
        # A width of 1 is a step, which a ramp narrower than any difference of levels draws.
        centre, width = centre - 0.5, max(width - 1, 1e-6)
    return np.clip((levels - centre) / width + 0.5, 0, 1)
