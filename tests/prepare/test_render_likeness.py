"""What a file shows is told apart from what else is in it, whichever program wrote that."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from tests.formats.samples import noise
from tests.formats.test_other_programs import run
from tests.prepare.rendering import rendered

SRGB: Final = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
LAB: Final = ImageCms.ImageCmsProfile(ImageCms.createProfile("XYZ")).tobytes()


def likeness(folder: Path, content: bytes, name: str = "a.jpg") -> str | None:
    (folder / name).write_bytes(content)
    return rendered(folder / name).picture.likeness


def encoded(format_: str, seed: int = 0, **options: Any) -> bytes:
    file = io.BytesIO()
    image = noise(64, 48)
    image.putpixel((1, 1), (seed, 2, 3))
    image.save(file, format_, **options)
    return file.getvalue()


def animated(format_: str, seed: int = 0) -> bytes:
    file = io.BytesIO()
    frames = [Image.new("RGB", (40, 30), (seed, 40 * number, 90)) for number in range(3)]
    frames[0].save(file, format_, save_all=True, append_images=frames[1:], duration=90, loop=0)
    return file.getvalue()


def segment(marker: int, content: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(content) + 2) + content


def chunk(kind: bytes, content: bytes) -> bytes:
    return (
        struct.pack(">I", len(content))
        + kind
        + content
        + struct.pack(">I", zlib.crc32(kind + content))
    )


def in_jpeg(content: bytes, *parts: bytes) -> bytes:
    return content[:2] + b"".join(parts) + content[2:]


def in_png(content: bytes, *parts: bytes) -> bytes:
    return content[:33] + b"".join(parts) + content[33:]


def in_webp(content: bytes, kind: bytes, notes: bytes) -> bytes:
    """Make it one of the extended kind, as exiftool does, and add a chunk at its end."""
    body = content[12:]
    if not body.startswith(b"VP8X"):
        size = struct.pack("<I", 63)[:3] + struct.pack("<I", 47)[:3]
        body = b"VP8X" + struct.pack("<I", 10) + b"\x0c\0\0\0" + size + body
    body += kind + struct.pack("<I", len(notes)) + notes + b"\0" * (len(notes) & 1)
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def in_gif(content: bytes, notes: bytes) -> bytes:
    head = 13 + (3 << ((content[10] & 7) + 1) if content[10] & 0x80 else 0)
    comment = b"\x21\xfe" + bytes([len(notes)]) + notes + b"\0"
    return b"GIF89a" + content[6:head] + comment + content[head:]


def exif(**tags: Any) -> bytes:
    found = Image.Exif()
    numbers = {"copyright": 0x8298, "artist": 0x013B, "orientation": 0x0112}
    for name, value in tags.items():
        found[numbers[name]] = value
    return found.tobytes()


XMP: Final = b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta xmlns:x='adobe:ns:meta/'/>"
JPEG, PNG, WEBP = encoded("JPEG"), encoded("PNG"), encoded("WEBP", quality=80)
RGB_NAMED: Final = JPEG.replace(b"\3\1\x22\0\2\x11\1\3\x11\1", b"\3R\x22\0G\x11\1B\x11\1").replace(
    b"\3\1\0\2\x11\3\x11", b"\3R\0G\x11B\x11"
)
"""With JFIF's segment its colours are YCbCr, whatever they are called, and without it RGB."""
GIF: Final = encoded("GIF")
ANIMATED: Final = {name: animated(name) for name in ("GIF", "PNG", "WEBP")}

ANNOTATED: Final = {
    "JPEG EXIF": (JPEG, in_jpeg(JPEG, segment(0xE1, b"Exif\0\0" + exif(copyright="Studio")[6:]))),
    "JPEG XMP": (JPEG, in_jpeg(JPEG, segment(0xE1, XMP))),
    "JPEG IPTC": (JPEG, in_jpeg(JPEG, segment(0xED, b"Photoshop 3.0\0" + b"8BIM\4\4\0\0\0\0\0\0"))),
    "JPEG comment": (JPEG, in_jpeg(JPEG, segment(0xFE, b"Studio 2026"))),
    "JPEG size for print": (JPEG, encoded("JPEG", dpi=(300, 300))),
    "PNG text": (PNG, in_png(PNG, chunk(b"tEXt", b"Copyright\0Studio 2026"))),
    "PNG EXIF": (PNG, in_png(PNG, chunk(b"eXIf", exif(artist="Anna")[6:]))),
    "PNG XMP": (PNG, in_png(PNG, chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0<x/>"))),
    "PNG time and size for print": (
        PNG,
        in_png(PNG, chunk(b"tIME", b"\x07\xea\x0b\x1b\x0a\0\0"), chunk(b"pHYs", bytes(9))),
    ),
    "WebP EXIF": (WEBP, in_webp(WEBP, b"EXIF", exif(copyright="Studio")[6:])),
    "WebP XMP": (WEBP, in_webp(WEBP, b"XMP ", b"<x:xmpmeta/>")),
    "GIF comment": (GIF, in_gif(GIF, b"Studio 2026")),
    "animated GIF": (ANIMATED["GIF"], in_gif(ANIMATED["GIF"], b"Studio 2026")),
    "animated PNG": (
        ANIMATED["PNG"],
        in_png(ANIMATED["PNG"], chunk(b"tEXt", b"Author\0Anna")),
    ),
    "animated WebP": (ANIMATED["WEBP"], in_webp(ANIMATED["WEBP"], b"XMP ", b"<x:xmpmeta/>")),
}

OTHERS: Final = {
    "JPEG pixels": (JPEG, encoded("JPEG", 200)),
    "JPEG quality": (JPEG, encoded("JPEG", quality=60)),
    "JPEG orientation": (JPEG, encoded("JPEG", exif=exif(orientation=6))),
    "JPEG colours": (RGB_NAMED, RGB_NAMED[:2] + RGB_NAMED[20:]),
    "JPEG profile": (JPEG, encoded("JPEG", icc_profile=SRGB)),
    "JPEG another profile": (encoded("JPEG", icc_profile=SRGB), encoded("JPEG", icc_profile=LAB)),
    "PNG pixels": (PNG, encoded("PNG", 200)),
    "PNG orientation": (PNG, encoded("PNG", exif=exif(orientation=3))),
    "PNG profile": (PNG, encoded("PNG", icc_profile=SRGB)),
    "PNG gamma": (PNG, in_png(PNG, chunk(b"gAMA", struct.pack(">I", 100_000)))),
    "PNG transparent colour": (PNG, in_png(PNG, chunk(b"tRNS", bytes(6)))),
    "WebP pixels": (WEBP, encoded("WEBP", 200, quality=80)),
    "WebP profile": (WEBP, encoded("WEBP", quality=80, icc_profile=SRGB)),
    "WebP orientation": (WEBP, encoded("WEBP", quality=80, exif=exif(orientation=8))),
    "GIF pixels": (GIF, encoded("GIF", 200)),
    "animated GIF": (ANIMATED["GIF"], animated("GIF", 200)),
    "animated PNG": (ANIMATED["PNG"], animated("PNG", 200)),
    "animated WebP": (ANIMATED["WEBP"], animated("WEBP", 200)),
    "a still of an animation": (ANIMATED["GIF"], GIF),
}


@pytest.mark.parametrize("which", ANNOTATED)
def test_what_is_written_beside_a_picture_leaves_its_likeness(which: str, tmp_path: Path) -> None:
    before, after = ANNOTATED[which]
    assert before != after
    found = likeness(tmp_path, before)
    assert found is not None
    assert likeness(tmp_path, after) == found


@pytest.mark.parametrize("which", OTHERS)
def test_what_is_shown_otherwise_has_another_likeness(which: str, tmp_path: Path) -> None:
    before, after = OTHERS[which]
    assert likeness(tmp_path, before) != likeness(tmp_path, after)


def test_a_likeness_does_not_depend_on_how_large_it_goes_up(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(JPEG)
    whole, small = (rendered(tmp_path / "a.jpg", longest_side=side) for side in (2048, 32))
    assert whole.picture.likeness == small.picture.likeness
    assert whole.picture.sha256 != small.picture.sha256


def test_a_format_beside_whose_picture_nothing_stands_has_none(tmp_path: Path) -> None:
    assert likeness(tmp_path, encoded("BMP")) is None


_NOTES = st.lists(st.binary(max_size=200), min_size=1, max_size=4)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_NOTES, st.sampled_from([0xE1, 0xE3, 0xEA, 0xED, 0xFE]))
def test_no_note_in_a_jpeg_changes_its_likeness(
    tmp_path: Path, notes: list[bytes], marker: int
) -> None:
    parts = [segment(marker, b"Note\0" + note) for note in notes]
    assert likeness(tmp_path, in_jpeg(JPEG, *parts)) == likeness(tmp_path, JPEG)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_no_byte_of_what_is_shown_may_change_and_the_likeness_stay(
    tmp_path: Path, data: st.DataObject
) -> None:
    image = Image.frombytes("L", (8, 8), data.draw(st.binary(min_size=64, max_size=64)))
    other = Image.frombytes("L", (8, 8), data.draw(st.binary(min_size=64, max_size=64)))
    contents = []
    for one in (image, other):
        file = io.BytesIO()
        one.save(file, "PNG")
        contents.append(file.getvalue())
    found = [likeness(tmp_path, content, "a.png") for content in contents]
    assert (found[0] == found[1]) == (image.tobytes() == other.tobytes())


def write(*arguments: str) -> Callable[[Path], None]:
    return lambda path: run("exiftool", "-q", "-overwrite_original", *arguments, path)


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP", "GIF"])
@pytest.mark.parametrize(
    "change",
    [
        write("-Copyright=Studio 2026", "-Artist=Anna"),
        write("-XMP-dc:Subject=mug", "-XMP:Rating=5"),
        write("-Comment=front"),
        write("-IPTC:Keywords=mug"),
        write("-all="),
    ],
    ids=["copyright", "XMP", "comment", "IPTC", "nothing left"],
)
def test_what_exiftool_writes_leaves_the_likeness(
    format_: str, change: Callable[[Path], None], tmp_path: Path
) -> None:
    path = tmp_path / f"a.{format_.lower()}"
    path.write_bytes(encoded(format_))
    found = likeness(tmp_path, path.read_bytes(), path.name)
    change(path)
    assert likeness(tmp_path, path.read_bytes(), path.name) == found
