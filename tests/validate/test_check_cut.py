"""A file that ends early, or whose end was never filled in, never passes, whatever its format."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from pipeline.lifecycle import Reason
from pipeline.values import ImageFormat
from tests.formats.samples import SAMPLES, dots, encoded, inspect, noise, reason, refusal

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
    # XBM ends in a line feed, which is not a part of the picture, nor is the semicolon; a GIF's end
    # mark says nothing of its last picture.
    last = len(whole) - {"XBM": 2, "GIF": 1, "GIF animated": 1}.get(kind, 0)
    places = {*range(40), *range(last - 40, last), *random.Random(1).sample(range(last), CUTS)}
    for place in sorted(places):
        found = reason(tmp_path, whole[:place])
        allowed = EARLY if place < 200 else {Reason.TRUNCATED}
        assert found in allowed, (place, found)


def test_the_two_last_bytes_count(tmp_path: Path) -> None:
    for format_ in set(ImageFormat) - {ImageFormat.XBM}:
        for fewer in (2, 3) if format_ is ImageFormat.GIF else (1, 2):
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
