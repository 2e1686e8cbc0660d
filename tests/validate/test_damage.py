"""Files that contradict themselves are refused, quickly, and with nothing but a refusal."""

from __future__ import annotations

import struct
import time
import tracemalloc
import zlib
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from pipeline.errors import PhotoRefused
from pipeline.lifecycle import Reason
from pipeline.values import ImageFormat
from tests.validate.samples import (
    SAMPLES,
    assert_readable,
    chunk,
    encoded,
    inspect,
    jpeg_with,
    noise,
    png,
    reason,
    refusal,
    segment,
)

JPEG, PNG, GIF, WEBP = (
    SAMPLES[format_]
    for format_ in (ImageFormat.JPEG, ImageFormat.PNG, ImageFormat.GIF, ImageFormat.WEBP)
)


def bomb_png(side: int) -> bytes:
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    data = chunk(b"IDAT", zlib.compress(bytes(1000)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + data + chunk(b"IEND", b"")


def bomb_jpeg() -> bytes:
    at = JPEG.index(b"\xff\xc0") + 5
    return JPEG[:at] + b"\xff\xff\xff\xff" + JPEG[at + 4 :]


def bomb_bmp() -> bytes:
    return SAMPLES[ImageFormat.BMP][:18] + struct.pack("<ii", 60_000, 60_000) + bytes(5000)


BOMBS: dict[str, bytes] = {
    "PNG": bomb_png(65_535),
    "PNG of all": bomb_png(0x7FFFFFFF),
    "JPEG": bomb_jpeg(),
    "BMP": bomb_bmp(),
    "GIF": b"GIF89a\xff\xff\xff\xff\0\0\0" + GIF[13:],
    "GIF by its picture": GIF.replace(b"," + bytes(4), b",\xf0\xff\xf0\xff", 1),
    "WEBP": b"RIFF\x3a\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0" + b"\xff\xff\xff\xff\xff\xff" + bytes(40),
    "WBMP": b"\0\0\x83\xff\x7f\x83\xff\x7f" + b"\x55" * 1000,
    "WBMP of all": b"\0\0\x87\xff\xff\xff\x7f\x87\xff\xff\xff\x7f" + b"\x55" * 1000,
    "XBM": b"#define a_width 60000\n#define a_height 60000\nstatic char a_bits[] = {\n0x00};\n",
}


@pytest.mark.parametrize("kind", BOMBS)
def test_a_bomb_is_refused_before_anything_is_decoded(tmp_path: Path, kind: str) -> None:
    started = time.monotonic()
    tracemalloc.start()
    try:
        assert reason(tmp_path, BOMBS[kind]) is Reason.TOO_MANY_PIXELS
        assert tracemalloc.get_traced_memory()[1] < 4 << 20
    finally:
        tracemalloc.stop()
    assert time.monotonic() - started < 1


@pytest.mark.parametrize(
    "content",
    [
        JPEG[:2] + b"\xff\xe1\0\1" + JPEG[2:],
        JPEG[:2] + b"\xff\xe1\0\0" + JPEG[2:],
        JPEG[:2] + b"\xff\xe1\0\x10Exif\0\0" + JPEG[2:],
        JPEG[:2] + JPEG,
        JPEG[:-400] + JPEG,
        JPEG[: len(JPEG) // 2] + b"\xff\x05" + JPEG[len(JPEG) // 2 :],
        JPEG.replace(b"\xff\xc0", b"\xff\xfe", 1),
        JPEG[:2] + b"\xff" * 100_000 + JPEG[2:],
        jpeg_with(segment(0xC0, b"\x08\0\x10\0\x10\x03")),
        jpeg_with(segment(0xDA, b"\x01\x01\0\0\x3f\0")),
        jpeg_with(segment(0xC0, b"\x08\0\0\0\0\x01\x01\x11\0")),
    ],
)
def test_a_jpeg_that_contradicts_itself_is_damaged(tmp_path: Path, content: bytes) -> None:
    assert reason(tmp_path, content) in (Reason.DAMAGED, Reason.TRUNCATED)


def test_a_jpeg_that_shows_only_some_of_its_colours_is_cut(tmp_path: Path) -> None:
    header = JPEG.index(b"\xff\xda")
    only_one = JPEG[:header] + segment(0xDA, b"\x01\x01\0\0\x3f\0") + JPEG[header + 14 :]
    assert reason(tmp_path, only_one) is Reason.TRUNCATED


def flipped(content: bytes, at: int) -> bytes:
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


@pytest.mark.parametrize(
    "content",
    [
        flipped(PNG, len(PNG) // 2),
        flipped(PNG, 20),
        flipped(PNG, len(PNG) - 1),
        png(chunk(b"IHDR", struct.pack(">IIBBBBB", 4, 4, 8, 2, 0, 0, 0))),
        png(chunk(b"ABCD", b"unknown and critical")),
        png(chunk(b"IDAT", b""), chunk(b"IDAT", b"x"), chunk(b"tIME", bytes(7))),
        png(depth=3),
        png(colour=3),
        b"\x89PNG\r\n\x1a\n" + chunk(b"IEND", b""),
        PNG[:33] + chunk(b"IEND", b""),
    ],
)
def test_a_png_that_contradicts_itself_is_damaged(tmp_path: Path, content: bytes) -> None:
    assert reason(tmp_path, content) is Reason.DAMAGED


@pytest.mark.parametrize(
    "content",
    [
        GIF[:13],
        GIF[:13] + b"\x3b",
        b"GIF89a\0\0\0\0\0\0\0\x3b",
        GIF[:-1] + b"\x01\x02\x3b",
        GIF[:-1] + b",\0\0\0\0\x10\0\x10\0\0\x7f\0\x3b",
        GIF[:-1] + b",\0\0\0\0\x10\0\x10\0\0\x08\0\x3b",
    ],
)
def test_a_gif_that_contradicts_itself_is_refused(tmp_path: Path, content: bytes) -> None:
    assert reason(tmp_path, content) in (Reason.DAMAGED, Reason.TRUNCATED)


@pytest.mark.parametrize(
    "content",
    [
        b"RIFF\x04\0\0\0WEBP",
        b"RIFF\0\0\0\0WEBP" + bytes(100),
        WEBP[:16] + b"\xff\xff\xff\x7f" + WEBP[20:],
        WEBP[:20] + b"\1" + WEBP[21:],
        WEBP[:23] + b"\0\0\0" + WEBP[26:],
        WEBP[:20] + b"\xf0\xff\xff" + WEBP[23:],
        b"RIFF\x16\0\0\0WEBPVP8X\x0a\0\0\0\2\0\0\0" + bytes(6),
    ],
)
def test_a_webp_that_contradicts_itself_is_refused(tmp_path: Path, content: bytes) -> None:
    assert reason(tmp_path, content) in (Reason.DAMAGED, Reason.TRUNCATED)


XBM = b"#define a_width 9\n#define a_height 2\nstatic unsigned char a_bits[] = {\n%s};\n"


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        (b"0x00, 0x01, 0x02", Reason.TRUNCATED),
        (b"0x00, 0x01, 0x02, 0x3", Reason.DAMAGED),
        (b"0x00, 0x01, 0x02, 3", Reason.DAMAGED),
        (b"0x00, 0x01, 0x02, 0X03", Reason.DAMAGED),
        (b"0x00, 0x01, /* x */ 0x02, 0x03", Reason.DAMAGED),
        (b"0x00, 0x01, 0x02, 0x03, exec", Reason.DAMAGED),
        (b"", Reason.TRUNCATED),
    ],
)
def test_an_xbm_whose_numbers_would_be_misread_is_refused(
    tmp_path: Path, numbers: bytes, expected: Reason
) -> None:
    inspect(tmp_path, XBM % b"0x00, 0x01, 0x02, 0x03")
    inspect(tmp_path, b"/* by hand */\n" + XBM % b"0x00,0x01,\n0x02,0x03,\n")
    assert reason(tmp_path, XBM % numbers) is expected


def test_an_xbm_of_x10_is_not_taken_for_one_of_x11(tmp_path: Path) -> None:
    text = b"#define a_width 16\n#define a_height 1\nstatic short a_bits[] = {\n0x00ff};\n"
    assert "X10" in str(refusal(tmp_path, text))


def test_a_broken_exif_refuses_nothing(tmp_path: Path) -> None:
    for block in (
        b"",
        b"II*\0\xff\xff\xff\xff",
        b"MM\0*\0\0\0\x08\xff\xff" + bytes(40),
        b"\xff" * 90,
    ):
        found = inspect(tmp_path, jpeg_with(segment(0xE1, b"Exif\0\0" + block)))
        assert (found.orientation, found.private) == (1, True)


def mutated(content: bytes) -> st.SearchStrategy[bytes]:
    """Change, insert or take away some bytes, more often near the beginning."""
    size = len(content)
    place = st.one_of(st.integers(0, min(200, size - 1)), st.integers(0, size - 1))
    change = st.tuples(place, st.sampled_from(["set", "insert", "cut"]), st.binary(max_size=6))

    def apply(changes: list[tuple[int, str, bytes]]) -> bytes:
        result = bytearray(content)
        for at, what, raw in changes:
            if what == "set":
                result[at : at + len(raw)] = raw
            elif what == "insert":
                result[at:at] = raw
            else:
                del result[at : at + 1 + 40 * len(raw)]
        return bytes(result)

    return st.lists(change, min_size=1, max_size=4).map(apply)


def tried(folder: Path, content: bytes) -> None:
    started = time.monotonic()
    try:
        inspect(folder, content)
    except PhotoRefused as refused:
        assert_readable(refused)
    assert time.monotonic() - started < 2


MUTATIONS = settings(
    max_examples=250,
    deadline=timedelta(seconds=3),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

SOURCES: dict[str, bytes] = {
    **{format_.value: content for format_, content in SAMPLES.items()},
    "notes": encoded(
        noise(32, 32), "JPEG", exif=b"Exif\0\0MM\0*" + bytes(40), icc_profile=b"x" * 40
    ),
    "animated PNG": encoded(
        noise(16, 16), "PNG", save_all=True, append_images=[noise(16, 16, seed=2)]
    ),
    "animated WEBP": encoded(
        noise(16, 16), "WEBP", save_all=True, append_images=[noise(16, 16, seed=2)]
    ),
}


@pytest.mark.parametrize("kind", SOURCES)
def test_no_change_of_bytes_raises_anything_but_a_refusal(tmp_path: Path, kind: str) -> None:
    @MUTATIONS
    @given(content=mutated(SOURCES[kind]))
    def run(content: bytes) -> None:
        tried(tmp_path, content)

    run()


@MUTATIONS
@given(tail=st.binary(max_size=300), format_=st.sampled_from(ImageFormat))
@example(tail=b"", format_=ImageFormat.JPEG)
def test_a_magic_with_anything_behind_it_raises_only_a_refusal(
    tmp_path: Path, tail: bytes, format_: ImageFormat
) -> None:
    tried(tmp_path, SAMPLES[format_][:16] + tail)


def test_many_small_parts_are_walked_in_no_time(tmp_path: Path) -> None:
    started = time.monotonic()
    inspect(tmp_path, png(*[chunk(b"tIME", bytes(7))] * 20_000))
    inspect(tmp_path, jpeg_with(*[segment(0xFE, b"")] * 20_000))
    inspect(tmp_path, GIF[:-1] + b"\x21\xfe\x01x\0" * 100_000 + b"\x3b")
    assert time.monotonic() - started < 3
