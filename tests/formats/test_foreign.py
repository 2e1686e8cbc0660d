"""Every kind of file that photographs are mistaken for is named in plain words."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from pipeline.lifecycle import Reason
from tests.formats.samples import encoded, noise, refusal, tiff_block

TAKEN = Reason.FORMAT_NOT_TAKEN


NONE = Reason.NOT_AN_IMAGE


def ftyp(brand: bytes, *compatible: bytes) -> bytes:
    brands = brand + bytes(4) + b"".join(compatible)
    return (8 + len(brands)).to_bytes(4, "big") + b"ftyp" + brands + bytes(100)


def archive() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as writer:
        writer.writestr("photo.txt", "nothing")
    return file.getvalue()


FOREIGN: list[tuple[str, bytes, Reason]] = [
    ("a TIFF", encoded(noise(), "TIFF"), TAKEN),
    ("a TIFF", encoded(noise(), "TIFF", big_tiff=True), TAKEN),
    ("a Canon raw file (CR2)", b"II*\0\x10\0\0\0CR\2\0" + bytes(200), TAKEN),
    ("a raw file (DNG)", tiff_block((0xC612, 1, 4, b"\1\4\0\0")), TAKEN),
    (
        "a camera's raw file",
        tiff_block((0xFE, 4, 1, b"\1\0\0\0"), (0x10F, 2, 18, b"NIKON CORPORATION\0")),
        TAKEN,
    ),
    (
        "a camera's raw file",
        tiff_block((0xFE, 4, 1, b"\0\0\0\1"), (0x10F, 2, 5, b"SONY\0"), order=">"),
        TAKEN,
    ),
    ("a TIFF", tiff_block((0x10F, 2, 18, b"NIKON CORPORATION\0")), TAKEN),
    ("a Canon raw file (CR3)", ftyp(b"crx "), TAKEN),
    ("a Fujifilm raw file (RAF)", b"FUJIFILMCCD-RAW 0201" + bytes(100), TAKEN),
    ("an Olympus raw file (ORF)", b"IIRO\x08\0\0\0" + bytes(100), TAKEN),
    ("a Panasonic raw file (RW2)", b"IIU\0\x08\0\0\0" + bytes(100), TAKEN),
    ("a HEIC", ftyp(b"heic", b"mif1", b"heic"), TAKEN),
    ("a HEIF", ftyp(b"mif1", b"miaf"), TAKEN),
    ("an AVIF", ftyp(b"avif", b"mif1"), TAKEN),
    ("an AVIF", ftyp(b"mif1", b"avif"), TAKEN),
    ("a film", ftyp(b"isom", b"mp42"), NONE),
    ("a film", ftyp(b"qt  "), NONE),
    ("a film", b"RIFF\x10\0\0\0AVI LIST" + bytes(100), NONE),
    ("a Photoshop file", b"8BPS\0\1" + bytes(100), TAKEN),
    ("a PDF", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3", NONE),
    ("an SVG drawing", b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>', TAKEN),
    ("an SVG drawing", b"<svg viewBox='0 0 1 1'/>", TAKEN),
    ("a web page", b"<!DOCTYPE html><html><body>404</body></html>", NONE),
    ("a web page", b"\xef\xbb\xbf\n<html>", NONE),
    ("a side file", b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>", NONE),
    ("an XML text", b"<?xml version='1.0'?><note/>", NONE),
    ("a JPEG 2000", b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(100), TAKEN),
    ("a JPEG 2000", b"\xff\x4f\xff\x51" + bytes(100), TAKEN),
    ("a JPEG XL", b"\xff\x0a" + bytes(100), TAKEN),
    ("a JPEG XL", b"\0\0\0\x0cJXL \r\n\x87\n" + bytes(100), TAKEN),
    ("an icon", encoded(noise(32, 32), "ICO"), TAKEN),
    ("an EPS", encoded(noise(), "EPS"), TAKEN),
    ("a TGA", encoded(noise(), "TGA"), TAKEN),
    ("a PPM", encoded(noise(), "PPM"), TAKEN),
    ("a PCX", encoded(noise(), "PCX"), TAKEN),
    ("an SGI", encoded(noise(), "SGI"), TAKEN),
    ("a ZIP archive", archive(), NONE),
    ("a side file that macOS", b"\0\5\x16\7\0\2\0\0Mac OS X" + bytes(100), NONE),
    ("a text", "Größe: 20 cm\n".encode() * 10, NONE),
    ("a text", "Größe: 20 cm\n".encode("utf-16"), NONE),
    ("a text", b"#include <stdio.h>\nint main(void) { return 0; }\n", NONE),
    ("a text", b"#define ANSWER 42\n", NONE),
    ("a text", b"BMW 2002, red, front left\n" * 4, NONE),
    ("a text", b"GIF89b\n", NONE),
]


@pytest.mark.parametrize(("name", "content", "reason"), FOREIGN)
def test_every_foreign_kind_is_named(
    tmp_path: Path, name: str, content: bytes, reason: Reason
) -> None:
    refused = refusal(tmp_path, content)
    assert refused.reason is reason
    assert f"{name}" in str(refused)
    assert "whatever its name says" in str(refused)
    assert "whatever its name says" not in str(refusal(tmp_path, content, name="photo.bin"))
