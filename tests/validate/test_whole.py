"""Whole pictures of all seven formats pass, with the facts of their headers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from pipeline.values import ImageFormat, Profile
from tests.validate.samples import SAMPLES, dots, encoded, inspect, jpeg_with, noise, png, segment


@pytest.mark.parametrize("format_", ImageFormat)
def test_a_whole_picture_passes_under_any_name(tmp_path: Path, format_: ImageFormat) -> None:
    for name in ("photo.jpg", "photo.png", "photo.tiff", "photo", f"photo{format_.suffix}"):
        found = inspect(tmp_path, SAMPLES[format_], name=name)
        assert found.format is format_
        assert (found.width, found.height) == ((48, 32) if format_ is ImageFormat.GIF else (96, 64))
        assert (found.orientation, found.frames) == (1, 1)
        assert found.profile is Profile.UNTAGGED
        assert (found.private, found.trailing) == (False, False)


@pytest.mark.parametrize("format_", ImageFormat)
def test_bytes_behind_the_end_are_seen(tmp_path: Path, format_: ImageFormat) -> None:
    for behind in (b"\0" * 1000, b"<script>", SAMPLES[ImageFormat.JPEG]):
        assert inspect(tmp_path, SAMPLES[format_] + behind).trailing


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


@pytest.mark.parametrize(
    ("image", "mode", "depth"),
    [
        (noise(mode="RGBA"), "RGBA", 8),
        (noise(mode="LA"), "LA", 8),
        (noise(mode="L"), "L", 8),
        (noise(mode="I;16"), "I;16", 16),
        (noise().quantize(16), "P", 4),
        (dots(), "1", 1),
    ],
)
def test_every_kind_of_png_passes(
    tmp_path: Path, image: Image.Image, mode: str, depth: int
) -> None:
    found = inspect(tmp_path, encoded(image, "PNG"))
    assert (found.mode, found.bit_depth) == (mode, depth)


def test_a_png_with_16_bits_a_colour_says_so(tmp_path: Path) -> None:
    assert inspect(tmp_path, png(depth=16)).bit_depth == 16


def test_a_picture_with_a_transparent_colour_passes(tmp_path: Path) -> None:
    palette = noise().quantize(16)
    for image, format_ in ((palette, "PNG"), (noise(mode="L"), "PNG"), (palette, "GIF")):
        assert inspect(tmp_path, encoded(image, format_, transparency=3)).frames == 1


@pytest.mark.parametrize("format_", ["GIF", "PNG", "WEBP"])
def test_the_pictures_of_an_animation_are_counted(tmp_path: Path, format_: str) -> None:
    more = [noise(seed=seed) for seed in (1, 2, 3)]
    content = encoded(noise(), format_, save_all=True, append_images=more, duration=100)
    found = inspect(tmp_path, content)
    assert (found.frames, found.trailing) == (4, False)
    assert (found.width, found.height) == (96, 64)


def test_an_animation_with_one_transparent_picture_passes(tmp_path: Path) -> None:
    more = [noise(mode="RGBA", seed=3)]
    content = encoded(noise(), "WEBP", save_all=True, append_images=more)
    assert inspect(tmp_path, content).frames == 2
    whole = SAMPLES[ImageFormat.GIF]
    first = 13 + (3 << ((whole[10] & 7) + 1))
    control, picture = b"\x21\xf9\x04%c\5\0\3\0", whole[first:-1]
    for flags in (0, 1):
        content = whole[:first] + picture + control % flags + picture + b";"
        found = inspect(tmp_path, content)
        assert found.frames == 2


@pytest.mark.parametrize("options", [{}, {"lossless": True}, {"quality": 1}])
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_every_kind_of_webp_passes(tmp_path: Path, mode: str, options: dict[str, Any]) -> None:
    found = inspect(tmp_path, encoded(noise(mode=mode), "WEBP", **options))
    assert (found.mode, found.trailing) == (mode, False)


def test_a_plain_webp_of_any_size_is_not_taken_for_an_unfinished_one(tmp_path: Path) -> None:
    for colour in ("black", "white", "#3c64c8"):
        for options in ({"quality": 80}, {"lossless": True}):
            plain = Image.new("RGB", (1500, 1500), colour)
            assert inspect(tmp_path, encoded(plain, "WEBP", method=0, **options)).width == 1500


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA"])
def test_every_kind_of_bmp_passes(tmp_path: Path, mode: str) -> None:
    image = noise(mode="L").convert("1") if mode == "1" else noise(95, 63).convert(mode)
    inspect(tmp_path, encoded(image, "BMP"))


def test_a_bmp_with_its_top_row_first_passes(tmp_path: Path) -> None:
    content = bytearray(SAMPLES[ImageFormat.BMP])
    content[22:26] = (-64).to_bytes(4, "little", signed=True)
    assert inspect(tmp_path, bytes(content)).height == 64
