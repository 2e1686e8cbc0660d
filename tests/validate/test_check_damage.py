"""Whatever is wrong with a file, it is refused quickly, and with nothing but a refusal."""

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
from tests.formats.samples import (
    SAMPLES,
    assert_readable,
    chunk,
    encoded,
    inspect,
    jpeg_with,
    noise,
    png,
    reason,
    segment,
)

JPEG, GIF = SAMPLES[ImageFormat.JPEG], SAMPLES[ImageFormat.GIF]


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
    started = time.process_time()
    tracemalloc.start()
    try:
        assert reason(tmp_path, BOMBS[kind]) is Reason.TOO_MANY_PIXELS
        assert tracemalloc.get_traced_memory()[1] < 4 << 20
    finally:
        tracemalloc.stop()
    assert time.process_time() - started < 1


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
    started = time.process_time()
    try:
        inspect(folder, content)
    except PhotoRefused as refused:
        assert_readable(refused)
    assert time.process_time() - started < 2


def mutations(examples: int) -> settings:
    return settings(
        max_examples=examples,
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


@pytest.mark.parametrize("examples", [100, pytest.param(2000, marks=pytest.mark.long)])
@pytest.mark.parametrize("kind", SOURCES)
def test_no_change_of_bytes_raises_anything_but_a_refusal(
    tmp_path: Path, kind: str, examples: int
) -> None:
    @mutations(examples)
    @given(content=mutated(SOURCES[kind]))
    def run(content: bytes) -> None:
        tried(tmp_path, content)

    run()


@mutations(250)
@given(tail=st.binary(max_size=300), format_=st.sampled_from(ImageFormat))
@example(tail=b"", format_=ImageFormat.JPEG)
def test_a_magic_with_anything_behind_it_raises_only_a_refusal(
    tmp_path: Path, tail: bytes, format_: ImageFormat
) -> None:
    tried(tmp_path, SAMPLES[format_][:16] + tail)


def test_many_small_parts_are_walked_in_no_time(tmp_path: Path) -> None:
    started = time.process_time()
    inspect(tmp_path, png(*[chunk(b"tIME", bytes(7))] * 20_000))
    inspect(tmp_path, jpeg_with(*[segment(0xFE, b"")] * 20_000))
    inspect(tmp_path, GIF[:-1] + b"\x21\xfe\x01x\0" * 100_000 + b"\x3b")
    assert time.process_time() - started < 3
