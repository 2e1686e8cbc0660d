"""Whether a picture's colours are sRGB, by what a conversion to sRGB would change."""

from __future__ import annotations

import io
from functools import lru_cache
from typing import Final

from PIL import Image, ImageCms

from pipeline.formats.exif import Exif
from pipeline.formats.reader import Metadata
from pipeline.values import Profile

__all__ = ["colour_profile"]

MOST_DIFFERENCE: Final = 3
"""Levels of 255 by which the many writings of sRGB differ in a conversion (rounded curves, an
adapted white point); Display P3, the nearest space in use, differs by more than 40."""

_LEVELS: Final = range(0, 256, 51)
_SPACES: Final = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK"}
_FITTING: Final = {"RGB": {"RGB", "L"}, "GRAY": {"L"}, "CMYK": {"CMYK"}}
"""For the space of a profile the kinds of pixels that it can describe."""
_PIXELS: Final = {"CMYK": "CMYK", "1": "L", "L": "L", "LA": "L", "I": "L", "I;16": "L"}


def colour_profile(metadata: Metadata, exif: tuple[Exif, ...], mode: str) -> Profile:
    """Judge what a picture says of its colours.

    An ICC profile comes first, then what the format itself says, then EXIF: cameras mark Adobe
    RGB by the interoperability `R03`. An "uncalibrated" colour space alone says nothing, and all
    programs take it for sRGB.

    Args:
        metadata: the blocks of the file.
        exif: its EXIF blocks, read.
        mode: Pillow's mode.
    """
    if metadata.icc is not None and metadata.profile is None:
        return _judged(metadata.icc, _PIXELS.get(mode, "RGB"))
    if metadata.profile is not None:
        return metadata.profile
    return Profile.OTHER if any(block.adobe_rgb for block in exif) else Profile.UNTAGGED


@lru_cache(maxsize=16)
def _judged(icc: bytes, pixels: str) -> Profile:
    """Judge a profile; a shop's photographs share few, so the answers are kept."""
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(icc))
        space = profile.profile.xcolor_space.strip()
        if pixels not in _FITTING.get(space, ()):
            return Profile.BROKEN
        mode = _SPACES[space]
        swatches = _swatches(mode)
        transform = ImageCms.buildTransform(
            profile,
            ImageCms.createProfile("sRGB"),
            mode,
            "RGB",
            ImageCms.Intent.RELATIVE_COLORIMETRIC,
        )
        converted = ImageCms.applyTransform(swatches, transform)
    except MemoryError:
        raise
    except Exception:  # LittleCMS and Pillow raise many kinds for a broken profile
        return Profile.BROKEN
    if converted is None or mode == "CMYK":
        return Profile.OTHER
    before, after = swatches.convert("RGB").tobytes(), converted.tobytes()
    near = all(abs(a - b) <= MOST_DIFFERENCE for a, b in zip(before, after, strict=True))
    return Profile.SRGB if near else Profile.OTHER


def _swatches(mode: str) -> Image.Image:
    """Make a small picture with colours from all over the space."""
    if mode == "L":
        return Image.frombytes("L", (256, 1), bytes(range(256)))
    if mode == "CMYK":
        return Image.new("CMYK", (1, 1))
    colours = bytes(c for r in _LEVELS for g in _LEVELS for b in _LEVELS for c in (r, g, b))
    return Image.frombytes("RGB", (len(colours) // 3, 1), colours)
