"""Films and files for tests: a chest drawn by code, and files that are damaged, hostile or mistaken."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

import numpy as np
from PIL import Image
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    SecondaryCaptureImageStorage,
)


def phantom(height: int = 256, width: int = 256) -> np.ndarray:
    """A plausible frontal chest film, bone white: ``(height, width)`` float32 in [0, 1], no patient's."""
    v, u = np.meshgrid(np.linspace(-1, 1, height), np.linspace(-1, 1, width), indexing="ij")

    def blob(x: float, y: float, a: float, b: float, softness: float = 0.08, power: float = 2) -> np.ndarray:
        """1 inside a (super-)ellipse with half-axes a and b around (x, y), 0 outside."""
        radius = (np.abs((u - x) / a) ** power + np.abs((v - y) / b) ** power) ** (1 / power)
        return 1 / (1 + np.exp(np.clip((radius - 1) / softness, -50, 50)))

    trunk = blob(0, 0.5, 0.97, 1.25, 0.03, 4)
    body = np.maximum(trunk, blob(0, -0.95, 0.22, 0.5, 0.05))
    lungs = np.maximum(blob(-0.43, -0.08, 0.33, 0.62, power=2.5), blob(0.44, -0.08, 0.31, 0.6, power=2.5))
    film = 0.62 * body - 0.46 * lungs
    ribs = np.clip(np.cos((v + 0.35 * (np.abs(u) - 0.42)) * 30) + 0.1, 0, 1)
    film += 0.13 * ribs * trunk * (v < 0.75)
    film += 0.14 * np.exp(-(((v + 0.68 - 0.25 * np.abs(u)) / 0.04) ** 2)) * trunk  # clavicles
    film += 0.24 * np.exp(-((u / 0.12) ** 2)) * body  # spine
    film += 0.3 * blob(0.17, 0.25, 0.34, 0.32)  # heart
    film += 0.3 * np.maximum(blob(-0.42, 0.95, 0.62, 0.45, 0.05), blob(0.45, 1.0, 0.58, 0.42, 0.05))  # diaphragm
    grain = np.random.default_rng(0).normal(0, 0.012, film.shape)
    return np.clip(film + grain, 0, 1).astype(np.float32)


def levels(height: int = 64, width: int = 64, dtype=np.uint8) -> np.ndarray:
    """The phantom in the whole range of an unsigned integer type."""
    film = phantom(height, width)
    film = (film - film.min()) / (film.max() - film.min())
    return np.round(film * np.iinfo(dtype).max).astype(dtype)


def encoded(picture: np.ndarray | Image.Image, kind: str = "PNG", **options) -> bytes:
    """An image file of ``(H, W[, channels])`` pixels or a Pillow image."""
    image = picture if isinstance(picture, Image.Image) else Image.fromarray(picture)
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def dataset(pixels: np.ndarray | None, syntax: str = ExplicitVRLittleEndian, **elements) -> FileDataset:
    """A DICOM data set of ``(H, W)`` or ``(H, W, 3)`` integers; ``elements`` by keyword override or add."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = SecondaryCaptureImageStorage
    meta.MediaStorageSOPInstanceUID = "1.2.3"
    meta.TransferSyntaxUID = syntax
    implicit, big = syntax == ImplicitVRLittleEndian, syntax == ExplicitVRBigEndian
    film = FileDataset(None, {}, bytes(128), meta, is_implicit_VR=implicit, is_little_endian=not big)
    film.SOPClassUID, film.SOPInstanceUID = SecondaryCaptureImageStorage, "1.2.3"
    film.PatientName, film.PatientID = "Secret^Patient", "42"
    if pixels is not None:
        film.Rows, film.Columns = pixels.shape[:2]
        film.SamplesPerPixel = 3 if pixels.ndim == 3 else 1
        film.PhotometricInterpretation = "RGB" if pixels.ndim == 3 else "MONOCHROME2"
        if pixels.ndim == 3:
            film.PlanarConfiguration = 0
        film.BitsAllocated = film.BitsStored = 8 * pixels.dtype.itemsize
        film.HighBit = film.BitsStored - 1
        film.PixelRepresentation = int(pixels.dtype.kind == "i")
        film.PixelData = pixels.astype(pixels.dtype.newbyteorder(">" if big else "<")).tobytes()
        film["PixelData"].VR = "OB" if film.BitsAllocated == 8 else "OW"
    for keyword, value in elements.items():
        setattr(film, keyword, value)
    return film


def dicom(pixels: np.ndarray | None, syntax: str = ExplicitVRLittleEndian, preamble: bool = True, **elements) -> bytes:
    """A DICOM file of :func:`dataset`; without preamble also without file meta information."""
    film = dataset(pixels, syntax, **elements)
    file = io.BytesIO()
    if preamble:
        film.save_as(file, enforce_file_format=True)
    else:
        del film.file_meta
        film.preamble = None
        film.save_as(file, implicit_vr=syntax == ImplicitVRLittleEndian, little_endian=syntax != ExplicitVRBigEndian)
    return file.getvalue()


def compressed(frame: bytes, syntax: str, like: np.ndarray, **elements) -> bytes:
    """A DICOM file that holds an already compressed frame of pixels ``like`` these."""
    film = dataset(like, syntax, PixelData=encapsulate([frame]), **elements)
    film["PixelData"].VR = "OB"
    film["PixelData"].is_undefined_length = True
    file = io.BytesIO()
    film.save_as(file, enforce_file_format=True)
    return file.getvalue()


def run_lengths(*segments: bytes) -> bytes:
    """A DICOM RLE frame of segments that are coded already."""
    offsets = [64 + sum(map(len, segments[:i])) for i in range(len(segments))]
    return struct.pack("<16I", len(segments), *offsets, *[0] * (15 - len(segments))) + b"".join(segments)


def deflated_bomb(size: int) -> bytes:
    """A small DICOM file whose deflated data set inflates to ``size`` zeros."""
    whole = dicom(levels(), DeflatedExplicitVRLittleEndian)
    start = 144 + int.from_bytes(whole[140:144], "little")
    deflate = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    block = bytes(2**20)
    return whole[:start] + b"".join(deflate.compress(block) for _ in range(size >> 20)) + deflate.flush()


def _png(header: tuple, rows: bytes) -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    first = chunk(b"IHDR", struct.pack(">IIBBBBB", *header))
    return b"\x89PNG\r\n\x1a\n" + first + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def png(samples: np.ndarray) -> bytes:
    """A PNG of 16-bit RGB ``(H, W, 3)``, which Pillow cannot write."""
    height, width, _ = samples.shape
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in samples)
    return _png((width, height, 16, 2, 0, 0, 0), rows)


def tiled_tiff(tile: int) -> bytes:
    """A TIFF of 64 × 64 pixels in one deflated tile of ``tile × tile`` zeros."""
    deflate = zlib.compressobj(9)
    row = bytes(tile)
    body = b"".join(deflate.compress(row) for _ in range(tile)) + deflate.flush()
    tags = {256: 64, 257: 64, 258: 8, 259: 8, 262: 1, 277: 1, 322: tile, 323: tile, 324: 0, 325: len(body)}
    tags[324] = 8 + 2 + 12 * len(tags) + 4
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags.items())
    return b"II*\0" + struct.pack("<IH", 8, len(tags)) + entries + bytes(4) + body


def png_header(width: int, height: int) -> bytes:
    """A PNG that promises ``width × height`` pixels in a few bytes."""
    return _png((width, height, 8, 0, 0, 0, 0), bytes(1000))


def bombs(side: int = 20_000) -> dict[str, bytes]:
    """Files of a few kilobytes that promise ``side × side`` pixels, by kind."""
    small = np.zeros((64, 64), np.uint8)
    jpeg = encoded(small, "JPEG")
    frame = jpeg.index(b"\xff\xc0") + 5
    tiff = bytearray(encoded(small, "TIFF"))
    for tag in (256, 257):  # width and height, as a SHORT (3) or a LONG (4)
        entry = max(tiff.find(struct.pack("<HH", tag, 3)), tiff.find(struct.pack("<HH", tag, 4)))
        struct.pack_into("<HHII", tiff, entry, tag, 4, 1, side)
    bitmap = bytearray(encoded(small, "BMP"))
    struct.pack_into("<ii", bitmap, 18, side, side)
    gif = bytearray(encoded(small, "GIF"))
    struct.pack_into("<HH", gif, 6, side, side)
    canvas = (side - 1).to_bytes(3, "little") * 2
    body = b"VP8X" + struct.pack("<I", 10) + bytes(4) + canvas + encoded(small, "WEBP", lossless=True)[12:]
    return {
        "PNG": png_header(side, side),
        "JPEG": jpeg[:frame] + struct.pack(">HH", side, side) + jpeg[frame + 4 :],
        "TIFF": bytes(tiff),
        "BMP": bytes(bitmap),
        "GIF": bytes(gif),
        "WEBP": b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WEBP" + body,
        "DICOM": dicom(small, Rows=side, Columns=side),
    }


def archive() -> bytes:
    """A ZIP file with one member."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as members:
        members.writestr("film.png", encoded(levels()))
    return file.getvalue()


def frames(kind: str, **options) -> bytes:
    """Two pictures in one file: an animation, or a TIFF of two pages."""
    first = Image.fromarray(levels())
    return encoded(first, kind, save_all=True, append_images=[first.rotate(180)], **options)
