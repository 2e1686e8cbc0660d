"""The colour space that a header claims is judged by its numbers."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.values import Profile
from tests.formats.samples import (
    ADOBE_RGB,
    SRGB_POINTS,
    encoded,
    icc,
    inspect,
    noise,
    srgb_icc,
)

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
