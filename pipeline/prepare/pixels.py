"""Brings Pillow's many modes down to a few: `1`, `L`, `LA`, `RGB`, `RGBA`, `CMYK`, `LAB`."""

from __future__ import annotations

from typing import Final

import numpy as np
from PIL import Image

from pipeline.values import ImageFormat

__all__ = ["plain", "without_idle_alpha"]

_PLAIN: Final = frozenset({"1", "L", "LA", "RGB", "RGBA", "CMYK", "LAB"})

STRIP_ROWS: Final = 256
"""Rows of a deep picture that are held as 64-bit numbers at once."""


def plain(image: Image.Image, format: ImageFormat) -> Image.Image:  # noqa: A002
    """Give the picture in one of the plain modes, with its transparency as an alpha channel.

    More than 8 bits a sample are rounded to 8, over the whole range: Pillow's own conversion
    would clip 16-bit grey at 255. A transparent colour becomes alpha.
    """
    if image.mode in ("I", "F") or image.mode.startswith("I;16"):
        image = _eight_bits(image)
    elif "transparency" in image.info:
        image = image.convert("LA" if image.mode in ("1", "L") else "RGBA")
    elif image.mode == "P":
        # `PA`, or a palette that carries alpha itself, has no `transparency` in its info.
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    elif image.mode not in _PLAIN:
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    if (
        format is ImageFormat.BMP
        and image.mode == "RGBA"
        and image.getchannel("A").getextrema() == (0, 0)
    ):
        # Many programs write 32-bit BMPs and leave the fourth byte at zero: it means nothing.
        image = image.convert("RGB")
    return image


def without_idle_alpha(image: Image.Image) -> Image.Image:
    """Drop an alpha channel that says of every pixel that it is opaque."""
    if image.mode in ("LA", "RGBA") and image.getchannel("A").getextrema() == (255, 255):
        return image.convert(image.mode[:-1])
    return image


def _eight_bits(image: Image.Image) -> Image.Image:
    """Round 16-bit, 32-bit or float grey to 8 bits, a strip of rows at a time."""
    transparent = image.info.get("transparency")
    low, span = _range(image)
    grey = Image.new("L", image.size)
    alpha = Image.new("L", image.size, 255) if isinstance(transparent, int) else None
    for top in range(0, image.height, STRIP_ROWS):
        bottom = min(image.height, top + STRIP_ROWS)
        values = np.asarray(image.crop((0, top, image.width, bottom)))
        levels = np.nan_to_num((values.astype(np.float64) - low) * (255.0 / span))
        strip = np.clip(np.rint(levels), 0, 255).astype(np.uint8)
        grey.paste(Image.fromarray(strip), (0, top))
        if alpha is not None:
            clear = np.where(values == transparent, 0, 255).astype(np.uint8)
            alpha.paste(Image.fromarray(clear), (0, top))
    return grey if alpha is None else Image.merge("LA", (grey, alpha))


def _range(image: Image.Image) -> tuple[float, float]:
    """Give black and the distance to white of a deep mode.

    16 bits have their own range. 32-bit integers and floats have none that is written down, so
    the usual ones are tried, and what exceeds them is brought in by its own extremes.
    """
    if image.mode.startswith("I;16"):
        return 0.0, 65535.0
    extrema = image.getextrema()
    low, high = (float(value) for value in extrema if not isinstance(value, tuple))
    for white in (1.0, 255.0, 65535.0) if image.mode == "F" else (65535.0,):
        if low >= 0 and high <= white:
            return 0.0, white
    return low, max(high - low, 1.0)
