"""Modes, sizes and orientations: what is done to a picture's pixels before it is encoded.

Pillow's many modes become a few: `1`, `L`, `LA`, `RGB`, `RGBA`, `CMYK`, `LAB`.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from PIL import Image

from pipeline.values import ImageFormat

__all__ = ["TURNED", "fitted", "plain", "scaled", "upright", "without_idle_alpha"]

_PLAIN: Final = frozenset({"1", "L", "LA", "RGB", "RGBA", "CMYK", "LAB"})

BAND_ROWS: Final = 256
"""Rows of a deep picture that are held as 64-bit numbers at once."""

_TRANSPOSE: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What turns each EXIF orientation (CIPA DC-008, tag 0x0112) upright; 1 needs nothing."""

TURNED: Final = frozenset({5, 6, 7, 8})
"""Orientations whose width and height change places."""


def plain(image: Image.Image, format: ImageFormat) -> Image.Image:  # noqa: A002
    """Return the picture in one of the plain modes, with its transparency as an alpha channel.

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


def fitted(size: tuple[int, int], longest_side: int) -> tuple[int, int]:
    """Return width × height in pixels with the longest side at most `longest_side`.

    Proportions are right to a pixel, no side is below 1, and nothing is enlarged.
    """
    longest = max(size)
    if longest <= longest_side:
        return size
    width, height = (max(1, round(side * longest_side / longest)) for side in size)
    return width, height


def scaled(size: tuple[int, int], scale: float) -> tuple[int, int]:
    """Return width × height in pixels made smaller by a factor below 1."""
    return fitted(size, max(1, int(max(size) * scale)))


def upright(image: Image.Image, orientation: int) -> Image.Image:
    """Turn the pixels so that the picture is upright without its EXIF orientation."""
    method = _TRANSPOSE.get(orientation)
    return image if method is None else image.transpose(method)


def _eight_bits(image: Image.Image) -> Image.Image:
    """Round 16-bit, 32-bit or float grey to 8 bits, a band of rows at a time."""
    transparent = image.info.get("transparency")
    low, span = _range(image)
    grey = Image.new("L", image.size)
    alpha = Image.new("L", image.size, 255) if isinstance(transparent, int) else None
    for top in range(0, image.height, BAND_ROWS):
        bottom = min(image.height, top + BAND_ROWS)
        values = np.asarray(image.crop((0, top, image.width, bottom)))
        levels = np.nan_to_num((values.astype(np.float64) - low) * (255.0 / span))
        band = np.clip(np.rint(levels), 0, 255).astype(np.uint8)
        grey.paste(Image.fromarray(band), (0, top))
        if alpha is not None:
            clear = np.where(values == transparent, 0, 255).astype(np.uint8)
            alpha.paste(Image.fromarray(clear), (0, top))
    return grey if alpha is None else Image.merge("LA", (grey, alpha))


def _range(image: Image.Image) -> tuple[float, float]:
    """Return black and the distance to white of a deep mode.

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
