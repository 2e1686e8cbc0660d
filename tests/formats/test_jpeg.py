"""JPEG: every ordinary kind passes, what contradicts itself does not, metadata comes out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipeline.lifecycle import Reason
from pipeline.values import ImageFormat, Profile
from tests.formats.samples import (
    SAMPLES,
    encoded,
    inspect,
    jpeg_with,
    noise,
    reason,
    refusal,
    segment,
    srgb_icc,
    stripped,
)

JPEG = SAMPLES[ImageFormat.JPEG]


@pytest.mark.parametrize(
    ("mode", "options", "expected"),
    [
        ("L", {}, "L"),
        ("CMYK", {}, "CMYK"),
        ("RGB", {"progressive": True}, "RGB"),
        ("RGB", {"restart_marker_blocks": 3}, "RGB"),
        ("RGB", {"subsampling": 0, "optimize": True}, "RGB"),
        ("RGB", {"comment": b"\xff\xd9 made by hand \xff\xda"}, "RGB"),
    ],
)
def test_every_ordinary_jpeg_passes(
    tmp_path: Path, mode: str, options: dict[str, Any], expected: str
) -> None:
    found = inspect(tmp_path, encoded(noise(mode=mode), "JPEG", **options))
    assert (found.mode, found.bit_depth, found.trailing) == (expected, 8, False)


def test_fill_bytes_before_a_jpegs_marks_mean_nothing(tmp_path: Path) -> None:
    whole = SAMPLES[ImageFormat.JPEG]
    filled = whole[:2] + b"\xff" * 40 + whole[2:-2] + b"\xff" * 3 + whole[-2:]
    assert not inspect(tmp_path, filled).trailing


def test_a_jpeg_larger_than_a_piece_is_walked_across_the_seam(tmp_path: Path) -> None:
    content = encoded(noise(900, 700), "JPEG", quality=100, subsampling=0)
    assert len(content) > 1 << 20
    for shift in range(4):
        filling = segment(0xFE, b" " * (60_000 + shift))
        inspect(tmp_path, jpeg_with(filling, image=noise(900, 700)))
    # The end mark itself lies across a seam of the pieces in which a scan is searched.
    scan_at = content.index(b"\xff\xda") + 14
    missing = (1 << 20) - (len(content) - scan_at) % (1 << 20) + 1
    padded = content[:-2] + b"\xff\x00" * (missing // 2) + b"\x55" * (missing % 2) + content[-2:]
    assert inspect(tmp_path, padded).trailing is False


def test_a_camera_jpeg_with_a_preview_behind_it_passes_as_jpeg(tmp_path: Path) -> None:
    content = encoded(noise(), "MPO", save_all=True, append_images=[noise(48, 32)])
    found = inspect(tmp_path, content)
    assert (found.format, found.frames, found.trailing) == (ImageFormat.JPEG, 1, True)


def test_a_jpeg_of_a_rare_kind_is_not_taken(tmp_path: Path) -> None:
    whole = SAMPLES[ImageFormat.JPEG]
    frame = whole.index(b"\xff\xc0")
    for mark in (0xC3, 0xC9, 0xCA, 0xC7):
        rare = whole[: frame + 1] + bytes([mark]) + whole[frame + 2 :]
        assert "rare kind of JPEG" in str(refusal(tmp_path, rare))
    deep = whole[: frame + 4] + b"\x0c" + whole[frame + 5 :]
    assert "12 bits for each colour" in str(refusal(tmp_path, deep))


@pytest.mark.parametrize(
    "content",
    [
        JPEG[:20] + b"\xff\xdb\0\1" + JPEG[20:],
        JPEG[:20] + b"\xff\xc4\0\0" + JPEG[20:],
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


def test_a_profile_that_lacks_a_part_is_broken(tmp_path: Path) -> None:
    part = b"ICC_PROFILE\0\x01\x02" + srgb_icc()
    assert inspect(tmp_path, jpeg_with(segment(0xE2, part))).profile is Profile.BROKEN
    halves = [srgb_icc()[:200], srgb_icc()[200:]]
    parts = [
        segment(0xE2, b"ICC_PROFILE\0" + bytes([number, 2]) + half)
        for number, half in ((2, halves[1]), (1, halves[0]))
    ]
    assert inspect(tmp_path, jpeg_with(*parts)).profile is Profile.SRGB


def test_a_cameras_own_segment_counts_as_private(tmp_path: Path) -> None:
    assert inspect(tmp_path, jpeg_with(segment(0xE4, b"something of its maker's"))).private
    assert not inspect(tmp_path, jpeg_with(segment(0xEC, b"Ducky\0\1\0\4\0\0\0\x50\0\0"))).private


def test_an_embedded_thumbnail_is_private(tmp_path: Path) -> None:
    jfif = b"JFIF\0\1\1\0\0\1\0\1\2\2" + bytes(12)
    assert inspect(tmp_path, jpeg_with(segment(0xE0, jfif))).private
    assert inspect(tmp_path, jpeg_with(segment(0xE0, b"JFXX\0\x10" + bytes(20)))).private


def test_only_what_says_how_the_pixels_are_meant_is_kept() -> None:
    meant = segment(0xE2, b"ICC_PROFILE\0\x01\x01" + srgb_icc()), segment(0xEE, b"Adobe" + bytes(7))
    others = (
        segment(0xE1, b"Exif\0\0II*\0"),
        segment(0xED, b"Photoshop 3.0\0"),
        segment(0xFE, b"!"),
    )
    assert JPEG[2:4] == b"\xff\xe0"  # JFIF
    with_all = JPEG[:2] + others[0] + meant[0] + others[1] + meant[1] + others[2] + JPEG[2:]
    assert stripped(with_all + JPEG, ImageFormat.JPEG) == JPEG[:2] + b"".join(meant) + JPEG[2:]


def test_fill_bytes_are_left_out_and_coded_data_is_not_touched() -> None:
    for options in ({}, {"progressive": True}, {"restart_marker_blocks": 3}):
        content = encoded(noise(), "JPEG", **options)
        filled = content[:2] + b"\xff" * 40 + content[2:-2] + b"\xff" * 3 + content[-2:]
        assert stripped(filled, ImageFormat.JPEG) == content


def test_a_minimal_exif_comes_behind_jfif_which_has_to_be_the_first() -> None:
    exif = b"Exif\0\0II*\0\x08\0\0\0\0\0"
    end = 4 + int.from_bytes(JPEG[4:6], "big")
    bare = JPEG[:2] + JPEG[end:]
    assert stripped(JPEG, ImageFormat.JPEG, exif) == JPEG[:end] + segment(0xE1, exif) + JPEG[end:]
    assert stripped(bare, ImageFormat.JPEG, exif) == bare[:2] + segment(0xE1, exif) + bare[2:]
