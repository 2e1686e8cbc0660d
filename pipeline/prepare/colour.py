"""Converts to sRGB through the embedded profile, by LittleCMS as it comes with Pillow.

Relative colorimetric with black-point compensation is what Photoshop and the browsers do: whites
stay white, and shadows are scaled to the darkest black instead of being cut off.
"""

from __future__ import annotations

import io
from typing import Final

from PIL import Image, ImageCms

from pipeline.formats.decoding import writing
from pipeline.values import Profile

__all__ = ["to_srgb"]

_FLAGS: Final = ImageCms.Flags.BLACKPOINTCOMPENSATION | ImageCms.Flags.HIGHRESPRECALC

_EXACT: Final = ImageCms.Flags.BLACKPOINTCOMPENSATION | ImageCms.Flags.NOOPTIMIZE
"""For CMYK: LittleCMS's table of precalculated values is off by a ΔE2000 above 1 for 1 % of the
inks (0.2 s for 2.8 megapixels); without it every pixel is exact (1.2 s)."""

_INTENT: Final = ImageCms.Intent.RELATIVE_COLORIMETRIC

_SPACES: Final = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK", "Lab": "LAB"}
"""Pillow's mode for the colour space that a profile's header names (ICC.1:2022, 7.2.6)."""

BROKEN: Final = "colour profile broken, taken as sRGB"
"""Said of a profile that cannot be read, or that is for another kind of picture."""


def to_srgb(image: Image.Image, icc: bytes, profile: Profile) -> tuple[Image.Image, str]:
    """Return the picture in sRGB (`1`, `L`, `LA`, `RGB` or `RGBA`) and what was done, for people.

    A profile that cannot be read, or that is for another kind of picture, is said and ignored:
    the values are then taken for sRGB.

    Args:
        image: the pixels in a plain mode.
        icc: the embedded profile, or one for what the file says; empty where there is none.
        profile: what was found of the profile before.
    """
    said = ""
    if profile is Profile.OTHER and icc:
        try:
            return _converted(image, icc)
        except MemoryError:
            raise
        except Exception:  # LittleCMS and Pillow raise many kinds for a broken profile
            said = BROKEN
    elif profile is Profile.BROKEN:
        said = BROKEN
    elif profile is Profile.OTHER:
        said = "it names a colour space that is not known here, taken as sRGB"
    if image.mode in ("CMYK", "LAB"):
        with writing("sRGB"):
            # Pillow undoes the inversion of Adobe's JPEGs when it decodes.
            image, said = _plainly(image), said or f"{image.mode} → sRGB without a profile"
    return image, said


def _plainly(image: Image.Image) -> Image.Image:
    if image.mode == "CMYK":
        return image.convert("RGB")
    lab = ImageCms.createProfile("LAB")
    return _applied(image, ImageCms.ImageCmsProfile(lab), "LAB")


def _converted(image: Image.Image, icc: bytes) -> tuple[Image.Image, str]:
    source = ImageCms.ImageCmsProfile(io.BytesIO(icc))
    mode = _SPACES[source.profile.xcolor_space.strip()]
    name = _name(source) or f"{image.mode} profile"
    alpha = image.getchannel("A") if image.mode in ("LA", "RGBA") else None
    colours = image.convert(image.mode[:-1]) if alpha is not None else image
    if colours.mode != mode:
        if colours.mode not in ("1", "L", "RGB") or mode not in ("L", "RGB"):
            raise ValueError(f"a {mode} profile in a {colours.mode} picture")
        if mode == "L" and colours.mode == "RGB":
            raise ValueError("a grey profile in a colour picture")
        colours = colours.convert(mode)
    grey = image.mode in ("1", "L", "LA")
    result = _applied(colours, source, mode)
    if grey:
        result = result.convert("L")
    if alpha is not None:
        result.putalpha(alpha)
    return result, f"{name} → sRGB"


def _applied(image: Image.Image, source: ImageCms.ImageCmsProfile, mode: str) -> Image.Image:
    # A transform of its own each time: LittleCMS keeps a cache in it that threads cannot share.
    transform = ImageCms.buildTransform(
        source,
        ImageCms.createProfile("sRGB"),
        mode,
        "RGB",
        renderingIntent=_INTENT,
        flags=_EXACT if mode == "CMYK" else _FLAGS,
    )
    result = ImageCms.applyTransform(image, transform)
    if result is None:  # only when applied in place
        raise ValueError("nothing was converted")
    return result


def _name(profile: ImageCms.ImageCmsProfile) -> str:
    try:
        said = str(ImageCms.getProfileDescription(profile))
    except Exception:
        return ""
    return " ".join("".join(c for c in said if c.isprintable()).split())[:60]
