"""The colour space that a header claims is judged by its numbers."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import pytest
from PIL import ImageCms

from pipeline.values import Profile
from tests.validate.samples import (
    chunk,
    encoded,
    inspect,
    jpeg_with,
    noise,
    png,
    segment,
)


def srgb_icc() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def icc(primaries: tuple[tuple[float, float, float], ...], gamma: float, name: str = "") -> bytes:
    """Make a version 2 matrix profile out of D50 colorants and a gamma."""

    def xyz(values: tuple[float, float, float]) -> bytes:
        return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(v * 65536) for v in values))

    text = name.encode() + b"\0"
    described = b"desc\0\0\0\0" + struct.pack(">I", len(text)) + text + bytes(78)
    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256)) + b"\0\0"
    parts = {
        b"desc": described + b"\0" * (-len(described) % 4),
        b"cprt": b"text\0\0\0\0none\0\0\0\0",
        b"wtpt": xyz((0.9642, 1.0, 0.8249)),
        **dict(zip((b"rXYZ", b"gXYZ", b"bXYZ"), map(xyz, primaries), strict=True)),
        **dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve),
    }
    table, content, place = b"", b"", 128 + 4 + 12 * len(parts)
    for tag, part in parts.items():
        table += tag + struct.pack(">II", place + len(content), len(part))
        content += part
    size = place + len(content)
    head = struct.pack(">I4sI4s4s4s", size, b"none", 0x02100000, b"mntr", b"RGB ", b"XYZ ")
    head += bytes(12) + b"acsp" + bytes(28)
    head += struct.pack(">3i", 0xF6D6, 0x10000, 0xD32D)
    return head.ljust(128, b"\0") + struct.pack(">I", len(parts)) + table + content


ADOBE_RGB = icc(((0.6097, 0.3111, 0.0195), (0.2053, 0.6257, 0.0609), (0.1492, 0.0632, 0.7446)), 2.2)
SRGB_POINTS = ((0.4361, 0.2225, 0.0139), (0.3851, 0.7169, 0.0971), (0.1431, 0.0606, 0.7141))
DISPLAY_P3 = icc(
    ((0.5151, 0.2412, -0.0011), (0.292, 0.6922, 0.0419), (0.1571, 0.0666, 0.7841)), 2.2
)


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize(
    ("profile", "expected"),
    [
        (srgb_icc(), Profile.SRGB),
        (ADOBE_RGB, Profile.OTHER),
        (DISPLAY_P3, Profile.OTHER),
        (icc(SRGB_POINTS, 1.8, "sRGB IEC61966-2.1"), Profile.OTHER),
        (srgb_icc()[:300], Profile.BROKEN),
        (b"nonsense" * 20, Profile.BROKEN),
        (b"\xff" * 200_000, Profile.BROKEN),
    ],
)
def test_a_profile_is_judged_by_its_numbers(
    tmp_path: Path, format_: str, profile: bytes, expected: Profile
) -> None:
    content = encoded(noise(), format_, icc_profile=profile)
    assert inspect(tmp_path, content).profile is expected


def test_a_profile_for_other_pixels_is_broken(tmp_path: Path) -> None:
    assert inspect(
        tmp_path, encoded(noise(mode="CMYK"), "JPEG", icc_profile=srgb_icc())
    ).profile is (Profile.BROKEN)
    assert inspect(tmp_path, encoded(noise(mode="L"), "JPEG", icc_profile=srgb_icc())).profile is (
        Profile.SRGB
    )


def test_a_profile_that_lacks_a_part_is_broken(tmp_path: Path) -> None:
    part = b"ICC_PROFILE\0\x01\x02" + srgb_icc()
    assert inspect(tmp_path, jpeg_with(segment(0xE2, part))).profile is Profile.BROKEN
    halves = [srgb_icc()[:200], srgb_icc()[200:]]
    parts = [
        segment(0xE2, b"ICC_PROFILE\0" + bytes([number, 2]) + half)
        for number, half in ((2, halves[1]), (1, halves[0]))
    ]
    assert inspect(tmp_path, jpeg_with(*parts)).profile is Profile.SRGB


@pytest.mark.parametrize(
    ("chunks", "expected"),
    [
        ([chunk(b"sRGB", b"\0")], Profile.SRGB),
        ([chunk(b"gAMA", struct.pack(">I", 45455))], Profile.UNTAGGED),
        ([chunk(b"gAMA", struct.pack(">I", 100000))], Profile.OTHER),
        (
            [
                chunk(
                    b"cHRM",
                    struct.pack(">8I", 31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000),
                )
            ],
            Profile.UNTAGGED,
        ),
        (
            [
                chunk(
                    b"cHRM",
                    struct.pack(">8I", 31270, 32900, 64000, 33000, 21000, 71000, 15000, 6000),
                )
            ],
            Profile.OTHER,
        ),
        ([chunk(b"cICP", b"\x0c\x0d\0\1")], Profile.OTHER),
        ([chunk(b"cICP", b"\x01\x0d\0\1")], Profile.SRGB),
        (
            [chunk(b"iCCP", b"x\0\0" + zlib.compress(ADOBE_RGB)), chunk(b"sRGB", b"\0")],
            Profile.OTHER,
        ),
        ([chunk(b"iCCP", b"x\0\0" + b"broken")], Profile.BROKEN),
    ],
)
def test_what_a_png_says_of_its_colours(
    tmp_path: Path, chunks: list[bytes], expected: Profile
) -> None:
    assert inspect(tmp_path, png(*chunks)).profile is expected


def exif_part(space: int, interop: bytes) -> bytes:
    """Make an EXIF block with a colour space and an interoperability index."""
    main_at, detail_at, interop_at = 8, 26, 56
    main = struct.pack("<HHHIII", 1, 0x8769, 4, 1, detail_at, 0)
    detail = struct.pack("<HHHIII", 2, 0xA001, 3, 1, space, 0)[:-4]
    detail += struct.pack("<HHIII", 0xA005, 4, 1, interop_at, 0)
    index = struct.pack("<HHHI4sI", 1, 1, 2, 4, interop, 0)
    return b"II*\0" + struct.pack("<I", main_at) + main + detail + index


def test_a_cameras_mark_for_adobe_rgb_counts(tmp_path: Path) -> None:
    for space, interop, expected in (
        (0xFFFF, b"R03\0", Profile.OTHER),
        (0xFFFF, b"R98\0", Profile.UNTAGGED),
        (1, b"R98\0", Profile.UNTAGGED),
        (1, b"R03\0", Profile.UNTAGGED),
    ):
        block = b"Exif\0\0" + exif_part(space, interop)
        found = inspect(tmp_path, jpeg_with(segment(0xE1, block)))
        assert found.profile is expected
        assert not found.private


def test_a_compressed_note_without_end_is_read_to_its_limit_only(tmp_path: Path) -> None:
    bomb = io.BytesIO()
    packer = zlib.compressobj(9)
    for _ in range(64):
        bomb.write(packer.compress(bytes(1 << 20)))
    bomb.write(packer.flush())
    # Pillow reads a note of at most 1 MiB, so the picture is refused: what counts is how soon.
    for kind, front in ((b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0"), (b"iCCP", b"x\0\0")):
        with pytest.raises(Exception, match="header cannot be understood"):
            inspect(tmp_path, png(chunk(kind, front + bomb.getvalue())))
