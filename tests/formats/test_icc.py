"""A profile that is written for a colour space is read by others as that very space."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageCms

from pipeline.formats.icc import SRGB_CURVE, RgbSpace, coded_space, matrix_profile


def converted(space: RgbSpace, pixels: Image.Image) -> Image.Image:
    profile = ImageCms.ImageCmsProfile(io.BytesIO(matrix_profile(space)))
    assert ImageCms.getProfileDescription(profile).strip() == space.name
    made = ImageCms.profileToProfile(pixels, profile, ImageCms.createProfile("sRGB"))
    assert made is not None
    return made


def test_a_written_profile_is_read_as_the_space_it_was_written_for() -> None:
    srgb = RgbSpace(
        name="like sRGB", red=(0.64, 0.33), green=(0.30, 0.60), blue=(0.15, 0.06), curve=SRGB_CURVE
    )
    ramp = Image.fromarray(np.arange(256 * 3, dtype=np.uint16).reshape(1, 256, 3).astype(np.uint8))
    for space in (srgb, coded_space(bytes([1, 13]))):
        made = np.asarray(converted(space, ramp)).astype(int)
        assert np.abs(made - np.asarray(ramp)).max() <= 1


def test_a_code_names_primaries_and_curve() -> None:
    pixel = Image.new("RGB", (1, 1), (150, 180, 120))
    # By the matrices of Display P3 and sRGB.
    made = np.asarray(converted(coded_space(bytes([12, 13, 0, 1])), pixel)).astype(int)
    assert np.abs(made - (142, 181, 113)).max() <= 1


@pytest.mark.parametrize("code", [b"", b"\1", bytes([9, 16]), bytes([2, 13]), bytes([200, 200])])
def test_other_codes_are_no_space(code: bytes) -> None:
    with pytest.raises(ValueError, match="not a known"):
        coded_space(code)


def test_primaries_that_span_nothing_are_no_space() -> None:
    with pytest.raises(ValueError, match="line"):
        matrix_profile(RgbSpace(name="", red=(0.3, 0.3), green=(0.4, 0.4), blue=(0.5, 0.5)))
    with pytest.raises(ValueError, match="outside"):
        matrix_profile(RgbSpace(name="", red=(0.3, 0.0), green=(0.4, 0.4), blue=(0.5, 0.5)))


def test_a_curve_that_no_screen_has_is_no_space() -> None:
    with pytest.raises(ValueError, match="curve"):
        matrix_profile(
            RgbSpace(name="", red=(0.64, 0.33), green=(0.3, 0.6), blue=(0.15, 0.06), curve=(50.0,))
        )
