"""What must be true of every picture that goes up, over sizes, modes, orientations and limits."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from pipeline.errors import PhotoRefused
from pipeline.formats.icc import ADOBE_RGB, RgbSpace, matrix_profile
from pipeline.lifecycle import Reason
from pipeline.values import EncodeSettings, Preset
from tests.prepare.rendering import Rendered, rendered

MODES = {
    "JPEG": ("L", "RGB", "CMYK"),
    "PNG": ("1", "L", "LA", "P", "RGB", "RGBA", "I;16"),
    "WEBP": ("RGB", "RGBA"),
    "BMP": ("1", "L", "P", "RGB", "RGBA"),
    "GIF": ("L", "P"),
    "XBM": ("1",),
    "WBMP": ("1",),
}

ADOBE = matrix_profile(ADOBE_RGB)
P3 = matrix_profile(
    RgbSpace(name="P3", red=(0.680, 0.320), green=(0.265, 0.690), blue=(0.150, 0.060))
)

kinds = st.sampled_from([(format_, mode) for format_, modes in MODES.items() for mode in modes])
sides = st.one_of(st.integers(1, 12), st.integers(13, 700))


def picture(mode: str, width: int, height: int, seed: int) -> Image.Image:
    random = np.random.default_rng(seed)
    coarse = random.integers(0, 256, (height // 9 + 1, width // 9 + 1, 4), np.uint8)
    image = Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)
    if mode == "I;16":
        return Image.fromarray(np.asarray(image.convert("L")).astype(np.uint16) * 257)
    return image.convert(mode) if mode in ("RGBA", "LA") else image.convert("RGB").convert(mode)


def made_or_too_noisy(
    path: Path, max_bytes: int, longest_side: int, encoding: EncodeSettings
) -> Rendered | None:
    try:
        return rendered(path, max_bytes=max_bytes, longest_side=longest_side, encoding=encoding)
    except PhotoRefused as refused:
        if refused.reason is not Reason.CANNOT_FIT:
            raise
        return None


ANY: dict[str, st.SearchStrategy[Any]] = {
    "kind": kinds,
    "width": sides,
    "height": sides,
    "orientation": st.integers(1, 8),
    "longest_side": st.integers(1, 800),
    "max_bytes": st.integers(60_000, 300_000),
    "preset": st.sampled_from(Preset),
    "profile": st.sampled_from([None, ADOBE, P3, b"no profile at all"]),
    "seed": st.integers(0, 9),
}


def goes_up_right(
    kind: tuple[str, str],
    width: int,
    height: int,
    orientation: int,
    longest_side: int,
    max_bytes: int,
    preset: Preset,
    profile: bytes | None,
    seed: int,
) -> None:
    format_, mode = kind
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif.get_ifd(0x8825)[1] = "N"
    turns = format_ in ("JPEG", "PNG", "WEBP")
    options: dict[str, Any] = {"exif": exif, "icc_profile": profile} if turns else {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "picture"
        picture(mode, width, height, seed).save(path, format_, **options)
        result = made_or_too_noisy(path, max_bytes, longest_side, EncodeSettings(preset=preset))
    if result is None:
        # Noise cannot be made small; whatever has 5 bits a pixel can.
        assert max_bytes * 8 < min(longest_side, width) * min(longest_side, height) * 5
        return
    upright = (height, width) if turns and orientation >= 5 else (width, height)
    made = result.image.size
    scale = max(made) / max(upright)
    assert scale <= 1
    for side, was in zip(made, upright, strict=True):
        assert abs(side - max(1, was * scale)) <= 1
    found = result.image.getexif()
    assert not found.get_ifd(0x8825)
    assert 0x0112 not in found
    wide = profile in (ADOBE, P3) and turns and mode in ("P", "RGB", "RGBA")
    assert not (wide and "icc_profile" in result.image.info)
    assert wide <= any(said.endswith("→ sRGB") for said in result.picture.work)
    assert result.image.mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16")


@settings(max_examples=40, deadline=None)
@given(**ANY)
def test_it_decodes_upright_within_the_limits_without_its_location(**drawn: Any) -> None:
    goes_up_right(**drawn)


@pytest.mark.long
@settings(max_examples=1000, deadline=None)
@given(**ANY)
def test_it_does_so_a_thousand_times(**drawn: Any) -> None:
    goes_up_right(**drawn)
