from __future__ import annotations

import io
import os
import struct
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pydicom
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image
from pydicom.data import get_testdata_file
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLosslessSV1,
    RLELossless,
)

from tests import files
from training.data import read_all
from xai import dicom, polarity
from xai.errors import FilmError
from xai.limits import MAX_BYTES, MAX_PIXELS
from xai.radiograph import HIGH, LOW, TURNED, Radiograph, normalise, read
from xai.raster import COLOURED, TINTED

LEVELS8 = files.levels()
LEVELS16 = files.levels(dtype=np.uint16)
# Dark above and bright below, as films are: 4,096 levels, 16 apart, most of them beyond 8 bits.
RAMP = (np.arange(4096).reshape(64, 64) * 16).astype(np.uint16)
RGB = np.stack([LEVELS8] * 3, axis=-1)
SEPIA = np.stack([LEVELS8, LEVELS8 // 2, LEVELS8 // 3], axis=-1)
OPAQUE = np.full_like(LEVELS8, 255)


def stretched(pixels: np.ndarray) -> np.ndarray:
    """What :func:`normalise` promises, in one line of numpy."""
    low, high = np.percentile(pixels, (LOW, HIGH))
    return np.clip((pixels.astype(np.float64) - low) / (high - low), 0, 1)


def assert_shows(source, pixels: np.ndarray, notices: tuple[str, ...] = (), within: float = 1e-6) -> None:
    film = read(source)
    assert film.pixels.dtype == np.float32
    assert film.notices == notices
    np.testing.assert_allclose(film.pixels, stretched(pixels), rtol=0, atol=within)


def sentence(source) -> str:
    with pytest.raises(FilmError) as caught:
        read(source)
    message = str(caught.value)
    assert "\n" not in message and len(message) < 250
    return message


# --- exact values


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "BMP", "GIF"])
def test_8_bits(kind):
    assert_shows(files.encoded(LEVELS8, kind), LEVELS8)


def test_webp_without_loss():
    assert_shows(files.encoded(LEVELS8, "WEBP", lossless=True), LEVELS8)


@pytest.mark.parametrize("kind", ["JPEG", "WEBP"])
def test_lossy(kind):
    assert_shows(files.encoded(LEVELS8, kind, quality=95), LEVELS8, within=0.08)


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("PNG", {}),
        ("TIFF", {}),
        *(("TIFF", {"compression": c}) for c in ("tiff_lzw", "tiff_adobe_deflate", "packbits")),
    ],
)
def test_16_bits_are_not_clipped(kind, options):
    data = files.encoded(RAMP, kind, **options)
    assert_shows(data, RAMP)
    # All but the two half percents that the stretch gives up are told apart.
    assert len(np.unique(read(data).pixels)) >= 0.99 * 4096


@pytest.mark.parametrize("dtype", [np.uint32, np.int32, np.float32])
def test_tiff_of_32_bits(dtype):
    levels = RAMP.astype(dtype) * (60_000 if dtype == np.uint32 else 1)  # beyond the signed half
    if dtype == np.uint32:
        image = Image.frombytes("I", (64, 64), levels.tobytes())
        data = bytearray(files.encoded(image, "TIFF"))
        entry = data.index(struct.pack("<HHI", 339, 3, 1))
        data[entry + 8] = 1  # SampleFormat: unsigned
        assert_shows(bytes(data), levels)
    else:
        assert_shows(files.encoded(levels, "TIFF"), levels)


@pytest.mark.parametrize("levels", [LEVELS8, RAMP, RAMP.astype(np.float32)], ids=["8", "16", "float"])
def test_tiff_whose_zero_is_white(levels):
    top = 0 if levels.dtype == np.float32 else np.iinfo(levels.dtype).max
    data = bytearray(files.encoded(top - levels, "TIFF"))
    entry = data.index(struct.pack("<HHI", 262, 3, 1))
    data[entry + 8] = 0
    assert_shows(bytes(data), levels)


def test_tiff_of_signed_bytes():
    signed = (LEVELS8.astype(np.int16) - 128).astype(np.int8)
    image = Image.fromarray(signed.view(np.uint8))
    data = files.encoded(image, "TIFF", tiffinfo={339: 2})
    assert_shows(data, signed)


def test_big_endian_tiff_of_16_bits():
    image = Image.frombytes("I;16B", (64, 64), RAMP.astype(">u2").tobytes())
    data = files.encoded(image, "TIFF")
    assert data[:2] == b"MM"
    assert_shows(data, RAMP)


def test_16_bit_colour_keeps_its_high_byte():
    # Pillow cannot write it: three channels of a PNG by hand.
    samples = np.repeat(RAMP.astype(">u2")[..., None], 3, axis=2)
    assert_shows(files.png(samples), RAMP >> 8)


def test_1_bit():
    bits = LEVELS8 > 100
    assert_shows(files.encoded(Image.fromarray(bits)), bits.astype(np.uint8))


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP"])
def test_grey_in_colour_channels_is_exact_and_needs_no_notice(kind):
    options = {"lossless": True} if kind == "WEBP" else {}
    assert_shows(files.encoded(RGB, kind, **options), LEVELS8)
    assert_shows(files.encoded(np.dstack([RGB, OPAQUE]), kind, **options), LEVELS8)


def test_palette():
    image = Image.fromarray(255 - LEVELS8).convert("P")
    image.putpalette([255 - i for i in range(256) for _ in range(3)])
    assert_shows(files.encoded(image), LEVELS8)


def test_transparent_palette_entry_is_black():
    image = Image.fromarray(LEVELS8).convert("P")
    image.putpalette([i for i in range(256) for _ in range(3)])
    expected = np.where(LEVELS8 == 255, 0, LEVELS8)
    assert_shows(files.encoded(image, transparency=255), expected)


@pytest.mark.parametrize("channels", [1, 3])
def test_alpha_is_laid_on_black(channels):
    alpha = OPAQUE.copy()
    alpha[:20], alpha[20:30] = 0, 51
    colour = LEVELS8[..., None].repeat(channels, axis=2)
    expected = LEVELS8.astype(int) * (alpha // 51) // 5
    assert_shows(files.encoded(np.dstack([colour, alpha]), "PNG"), expected)


def test_cmyk():
    data = files.encoded(Image.fromarray(RGB).convert("CMYK"), "TIFF")
    assert_shows(data, LEVELS8, within=0.02)


def test_a_tint_is_read_by_its_brightness_with_a_notice():
    grey = np.asarray(Image.fromarray(SEPIA).convert("L"))
    assert_shows(files.encoded(SEPIA), grey, (TINTED,))
    assert not read(files.encoded(SEPIA)).coloured


def test_colour_is_read_by_its_brightness_with_a_notice():
    channels = np.stack([LEVELS8, np.roll(LEVELS8, 20, 0), np.roll(LEVELS8, 20, 1)], axis=-1)
    assert_shows(files.encoded(channels), np.asarray(Image.fromarray(channels).convert("L")), (COLOURED,))
    assert read(files.encoded(channels)).coloured
    assert not read(files.encoded(RGB)).coloured


def test_a_coloured_marker_needs_no_notice():
    marked = RGB.copy()
    marked[2:6, 2:8] = 255, 0, 0
    assert read(files.encoded(marked)).notices == ()


UPRIGHT = {
    1: lambda a: a,
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.T,
    6: lambda a: a.T[:, ::-1],
    7: lambda a: a[::-1, ::-1].T,
    8: lambda a: a.T[::-1],
}


@pytest.mark.parametrize("orientation", UPRIGHT)
@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP", "JPEG"])
def test_exif_rotation(kind, orientation):
    stored = files.levels(64, 48)
    exif = Image.Exif()
    exif[0x0112] = orientation
    options = {"lossless": True} if kind == "WEBP" else {"quality": 100} if kind == "JPEG" else {}
    data = files.encoded(stored, kind, exif=exif, **options)
    expected = UPRIGHT[orientation](stored)
    film = read(data)
    shown = 1 - film.pixels if film.notices == (TURNED,) else film.pixels  # a film on its side may look turned
    np.testing.assert_allclose(shown, stretched(expected), atol=0.05 if kind == "JPEG" else 1e-6)


def test_16_bits_are_rotated_too():
    exif = Image.Exif()
    exif[0x0112] = 3
    assert_shows(files.encoded(RAMP[::-1, ::-1].copy(), "PNG", exif=exif), RAMP)


def test_broken_exif_does_not_cost_the_film():
    assert_shows(files.encoded(LEVELS8, "PNG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff"), LEVELS8)


def test_a_phone_photograph_with_a_preview_is_its_first_picture():
    photograph, preview = Image.fromarray(LEVELS8), Image.fromarray(LEVELS8[::-1].copy())
    data = files.encoded(photograph, "MPO", save_all=True, append_images=[preview], quality=95)
    assert_shows(data, LEVELS8, within=0.08)


@st.composite
def any_levels(draw) -> np.ndarray:
    """``(H, W)`` of 8 or 16 bits; drawn as one string of bytes, which takes Hypothesis a hundredth of the time."""
    kind = np.dtype(draw(st.sampled_from([np.uint8, np.uint16])))
    height, width = draw(st.integers(32, 48)), draw(st.integers(32, 48))
    size = height * width * kind.itemsize
    return np.frombuffer(draw(st.binary(min_size=size, max_size=size)), kind).reshape(height, width)


@given(any_levels(), st.sampled_from([("PNG", {}), ("TIFF", {}), ("TIFF", {"compression": "tiff_lzw"})]))
@settings(max_examples=40, deadline=None)
def test_any_levels_survive_png_and_tiff(levels, form):
    if levels.min() == levels.max():
        levels = levels.copy()
        levels[0, 0] ^= 1
    kind, options = form
    film, array = read(files.encoded(levels, kind, **options)), read(levels)
    np.testing.assert_array_equal(film.pixels, array.pixels)
    assert film.notices == array.notices


# --- DICOM

SYNTAXES = [ImplicitVRLittleEndian, ExplicitVRLittleEndian, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian]


@pytest.mark.parametrize("syntax", SYNTAXES)
@pytest.mark.parametrize("levels", [LEVELS8, LEVELS16], ids=["8", "16"])
def test_dicom_uncompressed(syntax, levels):
    assert_shows(files.dicom(levels, syntax), levels)


@pytest.mark.parametrize("syntax", [ImplicitVRLittleEndian, ExplicitVRLittleEndian, ExplicitVRBigEndian])
def test_dicom_without_preamble(syntax):
    data = files.dicom(LEVELS16, syntax, preamble=False)
    assert b"DICM" not in data
    assert_shows(data, LEVELS16)


def test_dicom_run_lengths():
    film = files.dataset(LEVELS16)
    film.compress(RLELossless)
    file = io.BytesIO()
    film.save_as(file, enforce_file_format=True)
    assert_shows(file.getvalue(), LEVELS16)


def test_dicom_jpeg():
    data = files.compressed(files.encoded(LEVELS8, "JPEG", quality=95), JPEGBaseline8Bit, LEVELS8)
    assert_shows(data, LEVELS8, within=0.08)


@pytest.mark.parametrize("name", ["MR_small_RLE.dcm", "MR_small_bigendian.dcm", "MR_small_jp2klossless.dcm"])
def test_dicom_of_other_makers(name):
    plain = read(get_testdata_file("MR_small.dcm", download=False))
    other = read(get_testdata_file(name, download=False))
    assert other.source == name
    np.testing.assert_array_equal(other.pixels, plain.pixels)


def test_monochrome1_is_turned_without_a_notice():
    assert_shows(files.dicom(65535 - RAMP, PhotometricInterpretation="MONOCHROME1"), RAMP)


def test_signed_pixels_and_rescale():
    stored = (RAMP.astype(np.int32) - 32768).astype(np.int16)
    assert_shows(files.dicom(stored, RescaleSlope=0.5, RescaleIntercept=-7), RAMP)


def test_a_negative_slope_turns_the_levels():
    assert_shows(files.dicom(65535 - RAMP, RescaleSlope=-1, RescaleIntercept=65535), RAMP)


WINDOWED = RAMP // 16  # 0 … 4095


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (None, np.clip((WINDOWED - 2047.5) / 1023 + 0.5, 0, 1)),
        ("LINEAR_EXACT", np.clip((WINDOWED - 2048.0) / 1024 + 0.5, 0, 1)),
    ],
)
def test_window(function, expected):
    elements = {"VOILUTFunction": function} if function else {}
    film = read(files.dicom(WINDOWED, WindowCenter=2048, WindowWidth=1024, **elements))
    # A quarter of the ramp lies in the window, and the rest is black or white: no stretch is left to do.
    np.testing.assert_allclose(film.pixels, expected, atol=1e-6)
    assert film.pixels[23, 60] == 0 and film.pixels[40, 5] == 1


def test_sigmoid_window():
    data = files.dicom(WINDOWED, WindowCenter=2048, WindowWidth=1024, VOILUTFunction="SIGMOID")
    assert_shows(data, 1 / (1 + np.exp(-4 * (WINDOWED - 2048.0) / 1024)))


def test_a_window_applies_to_rescaled_levels_and_before_monochrome1():
    data = files.dicom(
        4095 - WINDOWED,
        RescaleSlope=2,
        RescaleIntercept=100,
        WindowCenter=[4196, 0],  # the first of two
        WindowWidth=[2048, 1],
        PhotometricInterpretation="MONOCHROME1",
    )
    shown = np.clip((2.0 * (4095 - WINDOWED) + 100 - 4195.5) / 2047 + 0.5, 0, 1)
    np.testing.assert_allclose(read(data).pixels, 1 - shown, atol=1e-6)


def test_a_window_and_a_negative_slope():
    data = files.dicom(4095 - WINDOWED, RescaleSlope=-1, RescaleIntercept=4095, WindowCenter=2048, WindowWidth=1024)
    np.testing.assert_allclose(read(data).pixels, np.clip((WINDOWED - 2047.5) / 1023 + 0.5, 0, 1), atol=1e-6)


def test_look_up_table_instead_of_a_window():
    levels = np.round(np.sqrt(np.arange(4096)) * 1000).astype(int)
    table = pydicom.Dataset()
    table.LUTDescriptor = [4096, 0, 16]
    table.LUTData = levels.tolist()
    table["LUTData"].VR = "US"
    table["LUTDescriptor"].VR = "US"
    data = files.dicom(WINDOWED, VOILUTSequence=[table])
    assert_shows(data, levels[WINDOWED])


@pytest.mark.parametrize("width", [0, -5, 0.5])
def test_an_impossible_window_is_left_out_with_a_notice(width):
    assert_shows(files.dicom(WINDOWED, WindowCenter=2048, WindowWidth=width), WINDOWED, (dicom.UNWINDOWED,))


def test_a_window_that_shows_nothing_is_left_out_with_a_notice():
    assert_shows(files.dicom(WINDOWED, WindowCenter=50_000, WindowWidth=10), WINDOWED, (dicom.UNWINDOWED,))


@pytest.mark.parametrize("photometric", ["MONOCHROME2", "MONOCHROME1"])
def test_padding_is_black(photometric):
    padded = WINDOWED + 1000
    expected = padded.copy()
    padded[:, :8] = 60_000 if photometric == "MONOCHROME2" else 0
    if photometric == "MONOCHROME1":
        padded[:, 8:] = 8000 - padded[:, 8:]
    expected[:, :8] = expected[:, 8:].min()
    padding = {"PixelPaddingValue": int(padded[0, 0])}
    assert_shows(files.dicom(padded, PhotometricInterpretation=photometric, **padding), expected)


def test_bits_beyond_those_stored_are_ignored():
    overlaid = WINDOWED.copy()
    overlaid[10:20, 10:20] |= 0x8000
    assert_shows(files.dicom(overlaid, BitsStored=12, HighBit=11), WINDOWED)


def test_float_pixels():
    film = files.dataset(LEVELS16, BitsAllocated=32, BitsStored=32, HighBit=31)
    del film.PixelData, film.PixelRepresentation
    film.FloatPixelData = LEVELS16.astype(np.float32).tobytes()
    file = io.BytesIO()
    film.save_as(file, enforce_file_format=True)
    assert_shows(file.getvalue(), LEVELS16)


def test_dicom_colour():
    assert_shows(files.dicom(SEPIA), np.asarray(Image.fromarray(SEPIA).convert("L")), (TINTED,))


def test_no_patient_data_are_kept(monkeypatch, tmp_path):
    films = []
    dcmread = pydicom.dcmread
    monkeypatch.setattr(pydicom, "dcmread", lambda *args, **kwargs: films.append(dcmread(*args, **kwargs)) or films[-1])
    (tmp_path / "film.dcm").write_bytes(files.dicom(LEVELS8))
    assert read(tmp_path / "film.dcm").source == "film.dcm"
    assert "PixelData" in films[0]
    assert not any(element.tag.group == 0x0010 for element in films[0])


# --- sources


def test_every_way_in_shows_the_same(tmp_path):
    data = files.encoded(LEVELS8)
    path = tmp_path / "film.png"
    path.write_bytes(data)
    with open(path, "rb") as file:
        from_file = read(file)
    films = [read(path), read(str(path)), read(data), read(bytearray(data)), read(io.BytesIO(data)), from_file]
    for film in films:
        np.testing.assert_array_equal(film.pixels, films[0].pixels)
    assert [film.source for film in films] == ["film.png", "film.png", "", "", "", "film.png"]


def test_content_decides_not_the_name(tmp_path):
    path = tmp_path / "film.jpg"
    path.write_bytes(files.encoded(LEVELS8))
    assert_shows(path, LEVELS8)


def test_a_text_mode_file_is_a_programming_error(tmp_path):
    path = tmp_path / "film.txt"
    path.write_text("film")
    with open(path) as file, pytest.raises(TypeError, match="binary"):
        read(file)


def test_paths_without_a_film(tmp_path):
    assert "no such file" in sentence(tmp_path / "none.png")
    assert "a folder" in sentence(tmp_path)
    assert "cannot be opened (file name too long)" in sentence("x" * 5000)
    assert "no film" in sentence(None)
    os.mkfifo(tmp_path / "pipe.png")
    assert "not a regular file" in sentence(tmp_path / "pipe.png")


@pytest.mark.parametrize(
    "levels",
    [
        LEVELS8,
        LEVELS16,
        LEVELS16.astype(">u2"),
        LEVELS16.astype(np.int64) - 2**40,
        (LEVELS8.astype(np.int16) - 128).astype(np.int8),
        LEVELS16.astype(np.int32) * 30_000 - 10**9,
        (LEVELS16 / 65535).astype(np.float16),
        LEVELS16.astype(np.float32) * np.float32(1e-30),
        (LEVELS16.astype(np.float64) - 32768) / 32768 * 1.7e308,
        LEVELS16.astype(np.float64) * 1e-12,
        LEVELS16[::-1][::-1],
        np.asfortranarray(LEVELS8),
    ],
    ids=lambda levels: f"{levels.dtype}",
)
def test_arrays_of_any_scale(levels):
    before = levels.copy()
    film = read(levels)
    # float16 rounds to 11 bits.
    np.testing.assert_allclose(film.pixels, stretched(LEVELS16), atol=4e-3 if levels.itemsize < 3 else 1e-6)
    np.testing.assert_array_equal(levels, before)
    assert film.notices == ()


def test_arrays_that_are_no_film():
    film = files.phantom(64, 64)
    hole, flare = film.copy(), film.copy()
    hole[3, 3], flare[3, 3] = np.nan, np.inf
    assert "no numbers" in sentence(hole)
    assert "no numbers" in sentence(flare)
    assert "same grey" in sentence(np.full((64, 64), 7))
    assert "shape (64, 64, 3)" in sentence(RGB)
    assert "real numbers" in sentence(film.astype(complex))
    assert "real numbers" in sentence(film.astype(str))
    assert "too small: 64 × 31" in sentence(film[:31])
    assert "too small: 0 × 0" in sentence(np.zeros((0, 0)))
    assert "not the shape of a film: 64 × 330" in sentence(np.tile(film[:33], (10, 1)))


def reference_levels():
    return hnp.arrays(
        st.sampled_from([np.uint8, np.uint16]), st.tuples(st.integers(1, 40), st.integers(1, 40)), fill=st.just(3)
    )


@given(reference_levels())
@settings(max_examples=100, deadline=None)
def test_normalise_counts_what_percentile_sorts(levels):
    # Training stretches float32 levels through np.percentile; uploads of integers go through a table.
    np.testing.assert_allclose(normalise(levels), normalise(levels.astype(np.float32)), rtol=0, atol=1e-6)


def test_normalise_of_a_literal_film():
    levels = np.arange(1001, dtype=np.float32).reshape(7, 143)
    shown = normalise(levels)
    assert shown[0, 5] == 0 and shown[-1, -6] == 1  # ranks 5 and 995 of 0 … 1000
    np.testing.assert_allclose(shown.ravel()[500], 0.5, atol=1e-7)
    assert not normalise(np.full((4, 4), 9.0)).any()


# --- bad files


def deep() -> bytes:
    """A progressive JPEG that repeats one of its scans without end."""
    data = files.encoded(np.zeros((1000, 1000), np.uint8), "JPEG", progressive=True)
    start = data.rindex(b"\xff\xda")
    return data[:start] + data[start:-2] * 2500 + data[-2:]


def nan_tiff() -> bytes:
    levels = LEVELS16.astype(np.float32)
    levels[5, 5] = np.nan
    return files.encoded(levels, "TIFF")


JPEG = files.encoded(LEVELS8, "JPEG")
WRONG_SIZE = files.compressed(files.encoded(files.levels(128, 128), "JPEG"), JPEGBaseline8Bit, LEVELS8)
BAD = {
    "empty": (b"", "empty"),
    "text": (b"chest film, posterior-anterior\n" * 9, "not an image: this is a text"),
    "long text": ("Röntgenbild\n".encode() * 999, "not an image: this is a text"),
    "UTF-16": ("Röntgenbild\n".encode("utf-16"), "not an image: this is a text"),
    "BM text": (b"BMI and other findings of this patient", "not an image: this is a text"),
    "JSON": (b'{"film": 1}', "not an image: this is a text"),
    "web page": (b"\n<!DOCTYPE html><html></html>", "not an image: this is a web page"),
    "SVG": (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', "not an image: this is an SVG"),
    "PDF": (b"%PDF-1.7\n" + bytes(99), "not an image: this is a PDF"),
    "ZIP": (files.archive(), "not an image: this is a ZIP"),
    "gzip": (b"\x1f\x8b\x08" + bytes(99), "not an image: this is a gzip"),
    "HEIC": (b"\0\0\0\x18ftypheic" + bytes(99), "not an image: this is an HEIC photograph"),
    "video": (b"\0\0\0\x18ftypmp42" + bytes(99), "not an image: this is a video"),
    "unknown": (bytes(range(256)), "not an image: this is a file of an unknown kind"),
    "zeros": (bytes(1000), "not an image: this is a file of an unknown kind"),
    "1 × 1": (files.encoded(LEVELS8[:1, :1]), "too small: 1 × 1"),
    "31 × 64": (files.encoded(LEVELS8[:, :31].copy()), "too small: 31 × 64"),
    "strip": (files.encoded(files.levels(40, 201)), "not the shape of a film: 201 × 40"),
    "over the limit": (files.encoded(LEVELS8) + bytes(MAX_BYTES), "over the size limit of 20 MB"),
    "constant": (files.encoded(LEVELS8 * 0), "no picture: all pixels are the same grey"),
    "transparent": (files.encoded(np.dstack([LEVELS8, LEVELS8 * 0])), "no picture: all pixels are the same grey"),
    "NaN": (nan_tiff(), "no numbers"),
    "GIF": (files.frames("GIF"), "animated"),
    "WebP": (files.frames("WEBP"), "animated"),
    "APNG": (files.frames("PNG"), "animated"),
    "pages": (files.frames("TIFF"), "several pages"),
    "cut": (files.encoded(LEVELS8)[:-200], "damaged, incomplete or unusual PNG"),
    "header": (b"\x89PNG\r\n\x1a\n", "damaged, incomplete or unusual PNG"),
    "WebP header": (b"RIFF\0\0\0\0WEBP", "damaged or incomplete WebP"),
    "JPEG of 12 bits": (JPEG.replace(b"\xff\xc0\0\x0b\x08", b"\xff\xc0\0\x0b\x0c"), "unusual JPEG"),
    "scans": (deep(), "too many scans"),
    "multi-frame": (files.dicom(LEVELS8, NumberOfFrames=2, PixelData=LEVELS8.tobytes() * 2), "multi-frame"),
    "no pixels": (files.dicom(None), "no pixels"),
    "DICOM cut": (files.dicom(LEVELS8)[:-9], "damaged, incomplete or unusual DICOM"),
    "DICOM constant": (files.dicom(LEVELS8 * 0), "no picture: all pixels are the same grey"),
    "DICOM small": (files.dicom(LEVELS8[:8]), "too small: 64 × 8"),
    "lossless JPEG": (files.compressed(b"\xff\xd8", JPEGLosslessSV1, LEVELS8), "compressed as JPEG Lossless"),
    "12-bit JPEG": (files.compressed(b"\xff\xd8", JPEGExtended12Bit, LEVELS16), "compressed as JPEG Extended"),
    "lying JPEG": (WRONG_SIZE, "not of the size it says"),
    "lying RLE": (
        files.compressed(files.run_lengths(b"\x81\0" * 1_000_000), RLELossless, LEVELS8),
        "not of the size it says",
    ),
    "short RLE": (files.compressed(files.run_lengths(b"\x81\0" * 9), RLELossless, LEVELS8), "damaged"),
    "tile": (files.tiled_tiff(64), "no picture: all pixels are the same grey"),
    "tile bomb": (files.tiled_tiff(8000), "damaged TIFF: its tiles are larger than any film"),
    "deflated bomb": (files.deflated_bomb(2 * MAX_PIXELS + 2 * MAX_BYTES), "too large"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_files_get_one_sentence(name, capfd):
    data, expected = BAD[name]
    assert expected in sentence(data)
    assert capfd.readouterr().err == ""


BOMBS = files.bombs()


@pytest.mark.parametrize("kind", BOMBS)
def test_decompression_bombs_are_refused_by_their_header(kind):
    assert len(BOMBS[kind]) < 10_000
    assert sentence(BOMBS[kind]).startswith("too large")


def test_a_size_just_over_the_limit_is_named():
    assert "too large: 10000 × 5001 pixels" in sentence(files.png_header(10_000, 5001))


def test_a_wrong_suffix_is_named(tmp_path):
    path = tmp_path / "film.png"
    path.write_text("not a film")
    assert "this is a text, although its name ends in .png" in sentence(path)


def test_a_large_file_is_not_read_to_its_end(tmp_path):
    with open(tmp_path / "film.dcm", "wb") as file:
        file.truncate(50 * 2**30)
    assert "over the size limit" in sentence(tmp_path / "film.dcm")


def valid_files() -> dict[str, bytes]:
    small8, small16 = files.levels(40, 40), files.levels(40, 40, np.uint16)
    bits = Image.fromarray(small8).convert("1")
    return {
        "png": files.encoded(small8),
        "png of 16 bits": files.encoded(small16),
        "jpeg": files.encoded(small8, "JPEG"),
        "progressive jpeg": files.encoded(small8, "JPEG", progressive=True),
        "tiff": files.encoded(small16, "TIFF"),
        "lzw tiff": files.encoded(small16, "TIFF", compression="tiff_lzw"),
        "fax tiff": files.encoded(bits, "TIFF", compression="group4"),
        "webp": files.encoded(small8, "WEBP"),
        "lossless webp": files.encoded(small8, "WEBP", lossless=True),
        "bmp": files.encoded(small8, "BMP"),
        "gif": files.encoded(small8, "GIF"),
        "dicom": files.dicom(small16),
        "implicit dicom": files.dicom(small16, ImplicitVRLittleEndian),
        "deflated dicom": files.dicom(small16, DeflatedExplicitVRLittleEndian),
        "jpeg dicom": files.compressed(files.encoded(small8, "JPEG"), JPEGBaseline8Bit, small8),
        "bare dicom": files.dicom(small16, preamble=False),
    }


VALID = valid_files()


@pytest.mark.parametrize("name", VALID)
def test_a_file_cut_anywhere_fails_or_shows_all(name):
    data = VALID[name]
    whole = read(data)
    edges = {*range(0, 300, 7), *range(len(data) - 40, len(data))}
    for cut in sorted(edges | set(range(0, len(data), max(1, len(data) // 60)))):
        try:
            film = read(data[:cut])
        except FilmError:
            continue
        np.testing.assert_array_equal(film.pixels, whole.pixels, f"cut at {cut} of {len(data)}")


@given(st.data())
@settings(max_examples=250, deadline=None)
def test_damaged_bytes_raise_nothing_but_a_film_error(data):
    damaged = bytearray(VALID[data.draw(st.sampled_from(sorted(VALID)))])
    near = st.integers(0, min(700, len(damaged) - 1))
    places = st.lists(st.tuples(near | st.integers(0, len(damaged) - 1), st.integers(0, 255)), min_size=1, max_size=6)
    for place, value in data.draw(places):
        damaged[place] = value
    try_to_read(bytes(damaged))


HEADS = [b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II*\0", b"MM\0*", b"GIF89a", b"RIFF\x99\0\0\0WEBPVP8X", b"BM",
         bytes(128) + b"DICM", b"\x08\0\x05\0CS\n\0"]  # fmt: skip


@given(st.sampled_from(HEADS), st.binary(max_size=400))
@settings(max_examples=250, deadline=None)
def test_arbitrary_bytes_raise_nothing_but_a_film_error(head, rest):
    try_to_read(head + rest)


def try_to_read(data: bytes) -> None:
    try:
        film = read(data)
    except FilmError as error:
        assert str(error) and "\n" not in str(error)
    else:
        assert film.pixels.ndim == 2 and 0 <= film.pixels.min() < film.pixels.max() <= 1


def test_nothing_is_printed_or_warned(capfd):
    noisy = bytearray(files.encoded(LEVELS16, "TIFF", compression="tiff_lzw"))
    noisy[60:90] = bytes(30)
    noisy_dicom = files.dicom(WINDOWED, PixelData=WINDOWED.tobytes() + bytes(50))
    hundred_megapixels = files.png_header(10_000, 10_000)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        sentence(bytes(noisy))
        sentence(hundred_megapixels)
        read(noisy_dicom)
    out, err = capfd.readouterr()
    assert out == err == ""


def test_warnings_of_the_caller_stay_as_they_were():
    before = list(warnings.filters)
    sentence(BAD["cut"][0])
    assert warnings.filters == before


def test_threads_see_what_one_alone_sees():
    sources = [*VALID.values(), BAD["cut"][0], BAD["lying JPEG"][0]] * 4

    def outcome(source: bytes) -> bytes | str:
        try:
            return read(source).pixels.tobytes()
        except FilmError as error:
            return str(error)

    alone = [outcome(source) for source in sources]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(outcome, sources)) == alone


# --- polarity


@pytest.mark.parametrize("shape", [(64, 64), (300, 240), (240, 400)])
def test_an_inverted_film_is_turned_with_a_notice(shape):
    film = files.levels(*shape)
    assert_shows(files.encoded(film), film)
    assert_shows(files.encoded(255 - film), film, (TURNED,))
    assert_shows(255 - film, film, (TURNED,))


def test_monochrome1_that_was_not_meant_is_turned_back():
    assert_shows(files.dicom(LEVELS8, PhotometricInterpretation="MONOCHROME1"), LEVELS8, (TURNED,))


def test_a_radiograph_is_taken_at_its_word():
    inverted = normalise(255 - LEVELS8)
    assert Radiograph(inverted).pixels is inverted


def test_resemblance_of_a_negative_is_the_opposite():
    film = normalise(files.phantom(200, 160))
    assert polarity.resemblance(film) == pytest.approx(-polarity.resemblance(1 - film), abs=1e-5)
    assert polarity.resemblance(film) > 0.4


def test_what_is_no_film_is_not_turned():
    v, u = np.meshgrid(np.linspace(-1, 1, 96), np.linspace(-1, 1, 96), indexing="ij")
    checks = (np.indices((96, 96)).sum(0) // 8 % 2).astype(np.float32)
    noise = np.random.default_rng(0).normal(size=(96, 96))
    pictures = [checks, noise, u, -u, u * v, np.hypot(u, v) < 0.3, np.sin(9 * u) + np.cos(7 * v)]
    for picture in pictures:
        assert read(np.asarray(picture, np.float32)).notices == ()


def test_real_films_are_turned_only_when_inverted(data):
    films = read_all(data)
    sample = [f for f in films if f.population == "adult"][::12] + [f for f in films if f.population == "child"][::30]
    assert len(sample) > 300
    wrong = missed = 0
    for film in sample:
        wrong += TURNED in read(film.path).notices
        negative = Image.fromarray(255 - np.asarray(Image.open(film.path).convert("L")))
        missed += TURNED not in read(files.encoded(negative, compress_level=0)).notices
    assert wrong == 0
    assert missed <= 0.02 * len(sample)
