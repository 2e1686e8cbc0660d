"""Estimates how close an encoded picture is to what was encoded, on a sample of its rows.

The structural similarity (SSIM) of Wang, Bovik, Sheikh and Simoncelli (2004), on the luminance of
blocks of 8 × 8 pixels that do not overlap: some milliseconds, and it falls as errors begin to show.
"""

from __future__ import annotations

import io
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

__all__ = ["likeness"]

SIDE: Final = 8
"""Pixels of a block's side."""

_STEADY: Final = ((0.01 * 255) ** 2, (0.03 * 255) ** 2)
"""C1 and C2 of the paper: they keep flat and dark blocks from deciding."""


def likeness(image: Image.Image, content: bytes) -> float:
    """Give the mean SSIM of luminance, 1 for equal pictures, to four places.

    Args:
        image: what was encoded.
        content: what it was encoded to.
    """
    with Image.open(io.BytesIO(content)) as made:
        return round(_similarity(_blocks(image), _blocks(made)), 4)


def _blocks(image: Image.Image) -> NDArray[np.float32]:
    """Give the luminance as blocks × 64; what does not fill a block at the edge is left out."""
    if image.mode != "L":
        image = image.convert("RGB").convert("L")
    values = np.asarray(image)
    down, across = max(1, image.height // SIDE), max(1, image.width // SIDE)
    high, wide = min(SIDE, image.height), min(SIDE, image.width)
    tiled = values[: down * high, : across * wide].reshape(down, high, across, wide)
    return tiled.swapaxes(1, 2).reshape(down * across, high * wide).astype(np.float32)


def _similarity(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    first, second = one.mean(axis=1), other.mean(axis=1)
    one = one - first[:, None]
    other = other - second[:, None]
    spread = (one * one).mean(axis=1) + (other * other).mean(axis=1)
    shared = (one * other).mean(axis=1)
    light, contrast = _STEADY
    same = (2 * first * second + light) / (first * first + second * second + light)
    same *= (2 * shared + contrast) / (spread + contrast)
    return float(same.mean())
