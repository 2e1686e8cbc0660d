"""Colours: everything goes up as sRGB."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from pipeline.values import Profile
from tests.prepare.rendering import photo, rendered, typical


def gamma_profile(gamma: float, primaries: tuple[float, ...]) -> bytes:
    """Write a small matrix profile by hand (ICC.1:2001): D50 primaries as XYZ, and a gamma."""

    def number(value: float) -> bytes:
        return round(value * 65536).to_bytes(4, "big", signed=True)

    def xyz(*values: float) -> bytes:
        return b"XYZ \0\0\0\0" + b"".join(map(number, values))

    curve = b"curv\0\0\0\0\0\0\0\1" + round(gamma * 256).to_bytes(2, "big") + b"\0\0"
    text = b"Wide test\0"
    description = b"desc\0\0\0\0" + len(text).to_bytes(4, "big") + text + b"\0" * 78
    description += b"\0" * (-len(description) % 4)
    tags = [
        (b"desc", description),
        (b"cprt", b"text\0\0\0\0none\0\0\0\0"),
        (b"wtpt", xyz(0.9642, 1.0, 0.8249)),
        (b"rXYZ", xyz(*primaries[0:3])),
        (b"gXYZ", xyz(*primaries[3:6])),
        (b"bXYZ", xyz(*primaries[6:9])),
        *((name, curve) for name in (b"rTRC", b"gTRC", b"bTRC")),
    ]
    at = 128 + 4 + 12 * len(tags)
    table, data = len(tags).to_bytes(4, "big"), b""
    for name, content in tags:
        table += name + (at + len(data)).to_bytes(4, "big") + len(content).to_bytes(4, "big")
        data += content
    head = (at + len(data)).to_bytes(4, "big") + b"lcms" + b"\x02\x40\0\0" + b"mntrRGB XYZ "
    head += b"\x07\xd0\0\1\0\1\0\0\0\0\0\0acspAPPL".ljust(28, b"\0")
    head += b"\0" * (68 - len(head)) + b"".join(map(number, (0.9642, 1.0, 0.8249)))
    return head.ljust(128, b"\0") + table + data


ADOBE = gamma_profile(
    2.2, (0.60974, 0.31111, 0.01947, 0.20528, 0.62567, 0.06087, 0.14919, 0.06322, 0.74457)
)


def test_adobe_rgb_is_converted_and_its_profile_left_out(tmp_path: Path) -> None:
    path = tmp_path / "wide.png"
    Image.new("RGB", (300, 200), (150, 180, 120)).save(path, icc_profile=ADOBE)
    result = rendered(path)
    assert result.inspection.profile is Profile.OTHER
    assert "Wide test → sRGB" in result.picture.work
    assert "icc_profile" not in result.image.info
    # By the matrices of Adobe RGB (1998) and sRGB.
    made = np.asarray(result.image.convert("RGB"))[100, 150].astype(int)
    assert np.abs(made - (137, 181, 117)).max() <= 1


def test_a_large_wide_jpeg_is_converted_after_it_was_reduced(tmp_path: Path) -> None:
    path = tmp_path / "wide.jpg"
    photo(1600, 1200, noise=2).save(path, quality=95, icc_profile=ADOBE)
    result = rendered(path, longest_side=400)
    source = ImageCms.ImageCmsProfile(io.BytesIO(ADOBE))
    wanted = ImageCms.profileToProfile(
        photo(1600, 1200, noise=2).resize((400, 300), Image.Resampling.LANCZOS),
        source,
        ImageCms.createProfile("sRGB"),
    )
    assert wanted is not None
    assert typical(result.image, wanted) < 2


def test_transparency_survives_the_conversion(tmp_path: Path) -> None:
    image = Image.new("RGBA", (80, 60), (100, 180, 90, 128))
    path = tmp_path / "wide.png"
    image.save(path, icc_profile=ADOBE)
    assert rendered(path).image.convert("RGBA").getchannel("A").getextrema() == (128, 128)


def test_a_broken_profile_is_said_and_the_picture_taken_as_srgb(tmp_path: Path) -> None:
    path = tmp_path / "broken.png"
    photo(60, 40).save(path, icc_profile=ADOBE[:200] + b"\xff" * 60)
    result = rendered(path)
    assert "colour profile broken, taken as sRGB" in result.picture.work
    assert typical(result.image, photo(60, 40)) == 0


def test_a_profile_of_another_kind_of_picture_counts_as_broken(tmp_path: Path) -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    path = tmp_path / "lab.png"
    photo(60, 40).save(path, icc_profile=lab)
    result = rendered(path)
    assert "colour profile broken, taken as sRGB" in result.picture.work


def test_cmyk_without_a_profile_is_not_inverted(tmp_path: Path) -> None:
    path = tmp_path / "print.jpg"
    photo(300, 200, noise=0).convert("CMYK").save(path, quality=95)
    result = rendered(path)
    assert result.image.mode == "RGB"
    assert typical(result.image, photo(300, 200, noise=0)) < 3


@pytest.mark.parametrize("mode", ["L", "1"])
def test_grey_stays_grey(tmp_path: Path, mode: str) -> None:
    path = tmp_path / "grey.bmp"
    photo(300, 200).convert(mode).save(path)
    assert rendered(path, longest_side=150).image.convert("RGB").getpixel((9, 9)) is not None
    assert rendered(path, longest_side=150).image.mode in ("L", "P", "1")
