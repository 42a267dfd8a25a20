"""What a file is by its first bytes; its name does not count."""

from __future__ import annotations

from pathlib import PurePath

from xai.errors import FilmError

_IMAGES = (
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"II+\0", "TIFF"),  # BigTIFF
    (b"MM\0+", "TIFF"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
)
_SUFFIXES = {".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp", ".bmp", ".gif", ".dcm", ".dicom"}
# What people drop by mistake, named so that they recognise it.
_OTHERS = (
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive (or an office document)"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"8BPS", "a Photoshop document"),
    (b"%!PS", "a PostScript document"),
    (b"\x93NUMPY", "a NumPy array"),
    (b"\x00\x00\x00\x0cjP  ", "a JPEG 2000 picture"),
    (b"\xff\x4f\xff\x51", "a JPEG 2000 picture"),
    (b"\x00\x00\x00\x0cJXL ", "a JPEG XL picture"),
    (b"\x00\x00\x01\x00", "an icon"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
)
_BRANDS = {b"heic": "an HEIC photograph", b"heix": "an HEIC photograph", b"mif1": "an HEIC photograph",
           b"avif": "an AVIF picture"}  # fmt: skip


def identify(data: bytes, name: str = "") -> str:
    """The kind of an image file: ``"PNG"``, ``"JPEG"``, ``"TIFF"``, ``"WEBP"``, ``"BMP"``, ``"GIF"`` or ``"DICOM"``.

    Args:
        data: the file.
        name: its name, only to point out a suffix that promises something else.

    Raises:
        FilmError: it is none of these; the message says what it is, where that is known.
    """
    if data[128:132] == b"DICM" or _bare_dicom(data):
        return "DICOM"
    for magic, kind in _IMAGES:
        if data.startswith(magic):
            return kind
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    # "BM" alone may begin a text; the size of the header that follows settles it.
    if data[:2] == b"BM" and int.from_bytes(data[14:18], "little") in (12, 16, 40, 52, 56, 64, 108, 124):
        return "BMP"
    suffix = PurePath(name).suffix.lower()
    despite = f", although its name ends in {suffix}" if suffix in _SUFFIXES else ""
    raise FilmError(f"not an image: this is {_other(data)}{despite}; export the film as PNG, JPEG, TIFF or DICOM")


def _bare_dicom(data: bytes) -> bool:
    """Whether the bytes begin with a DICOM element of group 2 or 8, as files saved without a preamble do."""
    explicit = data[4:6].isalpha() and data[4:6].isupper()
    if data[:2] in (b"\x02\0", b"\x08\0"):
        return explicit or 8 <= len(data) and int.from_bytes(data[4:8], "little") <= 1024
    return data[:2] == b"\0\x08" and explicit  # big endian


def _other(data: bytes) -> str:
    for magic, what in _OTHERS:
        if data.startswith(magic):
            return what
    if data[4:8] == b"ftyp":
        return _BRANDS.get(data[8:12], "a video")
    text = _text(data)
    if text is None:
        return "a file of an unknown kind"
    start = text.lstrip("\ufeff \t\r\n")[:1000].lower()
    if start.startswith(("<!doctype html", "<html")):
        return "a web page"
    if "<svg" in start:
        return "an SVG drawing"
    return "a text"


def _text(data: bytes) -> str | None:
    """The beginning of a text file, or None if the bytes are no text."""
    start = data[:4096]
    utf16 = start[:2] in (b"\xff\xfe", b"\xfe\xff")
    # The cut may split a character, so undecodable bytes at the very end are forgiven.
    text = start.decode("utf-16" if utf16 else "utf-8", errors="replace")
    body = text[:-4] if len(data) > len(start) else text
    if "\ufffd" in body or any(c < " " and c not in "\t\r\n\f\v\x1b" for c in body):
        return None
    return text
