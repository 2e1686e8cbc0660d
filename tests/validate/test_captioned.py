"""What a picture's metadata say in words is found in every place where programs write it."""

from __future__ import annotations

import struct

from pipeline.formats.exif import Exif, read_exif
from pipeline.formats.reader import Metadata
from pipeline.validate.captioned import captions_of
from tests.formats.test_iptc import SAID, block
from tests.test_xmp import CAPTURE_ONE


def exif(*tags: tuple[int, int, bytes]) -> bytes:
    """Return an EXIF block with these tags: number, type, value."""
    start = 8 + 2 + 12 * len(tags) + 4
    entries, values = b"", b""
    for number, kind, value in tags:
        entries += struct.pack("<HHI", number, kind, len(value))
        if len(value) <= 4:
            entries += value.ljust(4, b"\0")
        else:
            entries += struct.pack("<I", start + len(values))
            values += value
    return b"II*\0" + struct.pack("<IH", 8, len(tags)) + entries + b"\0" * 4 + values


WINDOWS = exif(
    (0x010E, 2, b"A red mug, from above\0"),
    (0x9C9B, 1, "Tasse grün\0".encode("utf-16-le")),
    (0x9C9E, 1, "SM-13;mug\0".encode("utf-16-le")),
)


def test_what_windows_writes_into_exif_is_read() -> None:
    found = captions_of(Metadata(exif=(WINDOWS,)), (read_exif(WINDOWS),))
    assert found is not None
    assert (found.title, found.caption) == ("Tasse grün", "A red mug, from above")
    assert found.keywords == ("SM-13", "mug")


def test_xmp_goes_before_iptc_and_that_before_exif_field_by_field() -> None:
    metadata = Metadata(exif=(WINDOWS,), xmp=(CAPTURE_ONE.encode(),), photoshop=(block(SAID),))
    found = captions_of(metadata, (read_exif(WINDOWS),))
    assert found is not None
    assert (found.headline, found.caption) == ("SM-13", "A red mug")
    assert (found.title, found.keywords) == ("SM-13", ("mug", "grün"))


def test_where_nothing_is_said_there_is_nothing() -> None:
    assert captions_of(Metadata(), ()) is None
    assert captions_of(Metadata(exif=(b"II*\0",), xmp=(b"<x/>",), photoshop=(b"8BIM",)), ()) is None


def test_when_it_was_taken_is_kept_with_its_words() -> None:
    found = captions_of(Metadata(exif=(WINDOWS,)), (Exif(taken="2026-11-27T10:15:00"),))
    assert found is not None
    assert found.taken == "2026-11-27T10:15:00"
