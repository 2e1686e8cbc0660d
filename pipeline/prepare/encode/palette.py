"""Turns a picture of few colours into one with a palette, without changing a pixel."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

__all__ = ["exact_palette"]

MOST: Final = 256
"""Colours that a palette holds."""


def exact_palette(image: Image.Image) -> tuple[Image.Image, bytes] | None:
    """Give the same picture in mode `P` and the palette's alpha; None where it has more colours.

    Args:
        image: mode `RGB` or `RGBA`.

    Returns:
        The picture, and one byte of alpha a colour for PNG's tRNS chunk (empty where all are
        opaque); colours that are not opaque come first, so that the chunk stays short.
    """
    found = image.getcolors(MOST)
    if found is None:
        return None
    colours = sorted((_four(colour) for _, colour in found), key=lambda four: (four[3], four))
    # As 32-bit numbers, of which numpy finds each pixel's place in a sorted list.
    table = np.array(colours, np.uint8).reshape(-1, 4)
    numbers = _numbers(table)
    order = np.argsort(numbers)
    places = np.empty((image.height, image.width), np.uint8)
    rows = max(1, 1_000_000 // image.width)
    for top in range(0, image.height, rows):
        strip = image.crop((0, top, image.width, min(image.height, top + rows)))
        pixels = _numbers(np.asarray(strip.convert("RGBA")))
        places[top : top + rows] = order[np.searchsorted(numbers[order], pixels)]
    result = Image.fromarray(places, "L")
    result.putpalette(table[:, :3].tobytes(), "RGB")
    clear = int((table[:, 3] < 255).sum())
    return result, table[:clear, 3].tobytes()


def _numbers(pixels: NDArray[np.uint8]) -> NDArray[np.uint32]:
    return np.ascontiguousarray(pixels).view(np.uint32)[..., 0]


def _four(colour: object) -> tuple[int, int, int, int]:
    if not isinstance(colour, tuple):
        raise TypeError(f"a colour of {colour!r}")
    red, green, blue, *alpha = colour
    return red, green, blue, alpha[0] if alpha else 255
