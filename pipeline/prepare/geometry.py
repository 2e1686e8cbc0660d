"""Sizes and the eight orientations: how large a picture becomes, and how it is turned upright."""

from __future__ import annotations

from typing import Final

from PIL import Image

__all__ = ["TURNED", "fitted", "scaled", "upright"]

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


def fitted(size: tuple[int, int], longest_side: int) -> tuple[int, int]:
    """Give width × height in pixels with the longest side at most `longest_side`.

    Proportions are right to a pixel, no side is below 1, and nothing is enlarged.
    """
    longest = max(size)
    if longest <= longest_side:
        return size
    width, height = (max(1, round(side * longest_side / longest)) for side in size)
    return width, height


def scaled(size: tuple[int, int], scale: float) -> tuple[int, int]:
    """Give width × height in pixels made smaller by a factor below 1."""
    return fitted(size, max(1, int(max(size) * scale)))


def upright(image: Image.Image, orientation: int) -> Image.Image:
    """Turn the pixels so that the picture is upright without its EXIF orientation."""
    method = _TRANSPOSE.get(orientation)
    return image if method is None else image.transpose(method)
