"""A file that ends early, or whose end was never filled in, never passes."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw

from pipeline.lifecycle import Reason
from pipeline.values import ImageFormat
from tests.validate.samples import SAMPLES, dots, encoded, inspect, noise, reason, refusal

EARLY = {Reason.EMPTY, Reason.NOT_AN_IMAGE, Reason.DAMAGED, Reason.TRUNCATED}
CUTS = 200

KINDS: dict[str, bytes] = {
    **{format_.value: content for format_, content in SAMPLES.items()},
    "JPEG progressive": encoded(noise(), "JPEG", progressive=True),
    "JPEG with EXIF": encoded(noise(), "JPEG", exif=b"Exif\0\0II*\0\x08\0\0\0\0\0"),
    "PNG animated": encoded(noise(), "PNG", save_all=True, append_images=[noise(seed=2)]),
    "GIF animated": encoded(
        noise(48, 32), "GIF", save_all=True, append_images=[noise(48, 32, seed=2)]
    ),
    "WEBP animated": encoded(noise(), "WEBP", save_all=True, append_images=[noise(seed=2)]),
    "WEBP lossless": encoded(noise(), "WEBP", lossless=True),
    "WEBP transparent": encoded(noise(mode="RGBA"), "WEBP"),
    "WEBP with notes": encoded(noise(), "WEBP", exif=b"Exif\0\0II*\0\x08\0\0\0\0\0"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_cut_anywhere_is_refused(tmp_path: Path, kind: str) -> None:
    whole = KINDS[kind]
    inspect(tmp_path, whole)
    # XBM ends in a line feed, which is not a part of the picture, nor is the semicolon.
    last = len(whole) - (2 if kind == "XBM" else 0)
    places = {*range(40), *range(last - 40, last), *random.Random(1).sample(range(last), CUTS)}
    for place in sorted(places):
        found = reason(tmp_path, whole[:place])
        allowed = EARLY if place < 200 else {Reason.TRUNCATED}
        assert found in allowed, (place, found)


def test_the_two_last_bytes_count(tmp_path: Path) -> None:
    for format_ in set(ImageFormat) - {ImageFormat.XBM}:
        for fewer in (1, 2):
            assert reason(tmp_path, SAMPLES[format_][:-fewer]) is Reason.TRUNCATED


def big(format_: ImageFormat) -> bytes:
    """Make a file of many pages: copies are written in pages, so a smaller one is never half."""
    if format_ in (ImageFormat.WBMP, ImageFormat.XBM):
        return encoded(dots(800, 400), format_.value)
    return encoded(noise(300, 200), format_.value)


@pytest.mark.parametrize("format_", ImageFormat)
def test_a_copy_that_stopped_halfway_never_passes(tmp_path: Path, format_: ImageFormat) -> None:
    whole = big(format_)
    for kept in (len(whole) // 2, len(whole) // 2 // 4096 * 4096, len(whole) // 5):
        half = whole[:kept].ljust(len(whole), b"\0")
        refused = refusal(tmp_path, half)
        assert refused.reason is Reason.TRUNCATED, (format_, kept, str(refused))


@pytest.mark.parametrize(
    "kind", ["JPEG progressive", "PNG animated", "GIF animated", "WEBP animated", "WEBP lossless"]
)
def test_nor_does_one_of_the_other_kinds(tmp_path: Path, kind: str) -> None:
    whole = KINDS[kind]
    half = whole[: len(whole) // 2].ljust(len(whole), b"\0")
    assert reason(tmp_path, half) is Reason.TRUNCATED


def test_a_webp_that_lacks_only_its_last_pages_never_passes(tmp_path: Path) -> None:
    for options in ({"quality": 90}, {"lossless": True}):
        whole = encoded(noise(600, 500), "WEBP", **options)
        kept = (len(whole) - 1) // 4096 * 4096
        for pages in (1, 3):
            end = whole[: kept - 4096 * (pages - 1)].ljust(len(whole), b"\0")
            if len(whole) - len(end.rstrip(b"\0")) > 1100:
                assert reason(tmp_path, end) is Reason.TRUNCATED


@pytest.mark.parametrize("format_", [ImageFormat.BMP, ImageFormat.WBMP])
def test_a_copy_that_lacks_only_its_last_pages_never_passes(
    tmp_path: Path, format_: ImageFormat
) -> None:
    whole = big(format_)
    for pages in (2, 3):
        kept = len(whole) // 4096 * 4096 - 4096 * pages
        whole_until_there = whole[: kept - 1] + b"\x5a"
        content = whole_until_there.ljust(len(whole), b"\0")
        assert reason(tmp_path, content) is Reason.TRUNCATED


def test_a_file_of_zeros_is_named_as_such(tmp_path: Path) -> None:
    refused = refusal(tmp_path, bytes(10_000))
    assert refused.reason is Reason.NOT_AN_IMAGE
    assert "nothing but zeros" in str(refused)


def on_black(width: int, height: int, mode: str = "RGB") -> Image.Image:
    """Make a packshot: something bright in the middle of pure black."""
    image = Image.new(mode, (width, height))
    box = (width // 3, height // 3, width * 2 // 3, height * 2 // 3)
    ImageDraw.Draw(image).ellipse(box, fill="white")
    return image


@pytest.mark.parametrize(
    ("image", "format_"),
    [
        (Image.new("RGB", (300, 200)), "BMP"),
        (Image.new("1", (800, 400)), "WBMP"),
        (on_black(600, 400), "BMP"),
        (on_black(300, 1200), "BMP"),
        (on_black(1200, 800, "1"), "WBMP"),
        (noise(20, 20).resize((60, 20)), "BMP"),
    ],
)
def test_black_pictures_and_black_backgrounds_pass(
    tmp_path: Path, image: Image.Image, format_: str
) -> None:
    inspect(tmp_path, encoded(image, format_))


def test_a_palettes_first_colour_as_background_passes(tmp_path: Path) -> None:
    image = on_black(600, 400).quantize(8)
    inspect(tmp_path, encoded(image, "BMP"))


def bmp_of_runs(rows: int, ending: bytes, *, told: bool = True) -> bytes:
    runs = b"".join(bytes([3, row % 250, 0, 4, 1, 2, 3, 4, 0, 0]) for row in range(rows)) + ending
    offset = 54 + 1024
    numbers: tuple[Any, ...] = (40, 7, 64, 1, 8, 1, len(runs) if told else 0, 0, 0, 256, 0)
    sizes = (4, 4, 4, 2, 2, 4, 4, 4, 4, 4, 4)
    head = b"".join(n.to_bytes(s, "little") for n, s in zip(numbers, sizes, strict=True))
    front = b"BM" + (offset + len(runs)).to_bytes(4, "little") + bytes(4)
    palette = random.Random(3).randbytes(1024)
    return front + offset.to_bytes(4, "little") + head + palette + runs


def test_a_bmp_of_runs_needs_all_its_rows(tmp_path: Path) -> None:
    whole = bmp_of_runs(64, b"\0\1")
    assert inspect(tmp_path, whole).height == 64
    assert inspect(tmp_path, bmp_of_runs(64, b"\0\1", told=False) + b"\0").trailing
    assert reason(tmp_path, bmp_of_runs(40, b"", told=False)) is Reason.TRUNCATED
    half = whole[: len(whole) // 2 + 400].ljust(len(whole), b"\0")
    assert reason(tmp_path, half) is Reason.TRUNCATED
    for place in range(1078, len(whole)):
        assert reason(tmp_path, whole[:place]) is Reason.TRUNCATED
