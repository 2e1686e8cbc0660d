"""ICC profiles that are written: by primaries, white and curve."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageCms

from pipeline.formats.icc import SRGB_CURVE, RgbSpace, matrix_profile


def test_a_written_profile_is_read_as_the_space_it_was_written_for() -> None:
    srgb = RgbSpace(
        name="like sRGB", red=(0.64, 0.33), green=(0.30, 0.60), blue=(0.15, 0.06), curve=SRGB_CURVE
    )
    profile = ImageCms.ImageCmsProfile(io.BytesIO(matrix_profile(srgb)))
    assert ImageCms.getProfileDescription(profile).strip() == "like sRGB"
    ramp = Image.fromarray(np.arange(256 * 3, dtype=np.uint16).reshape(1, 256, 3).astype(np.uint8))
    made = ImageCms.profileToProfile(ramp, profile, ImageCms.createProfile("sRGB"))
    assert made is not None
    assert np.abs(np.asarray(made).astype(int) - np.asarray(ramp)).max() <= 1


def test_primaries_that_span_nothing_are_no_space() -> None:
    with pytest.raises(ValueError, match="line"):
        matrix_profile(RgbSpace(name="", red=(0.3, 0.3), green=(0.4, 0.4), blue=(0.5, 0.5)))
