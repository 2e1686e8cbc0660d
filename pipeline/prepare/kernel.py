"""Lanczos as matrices: which source samples make which samples of the result, and by what weight.

A resize is a product with a banded matrix. Cut into tiles of 16 samples of the result, each is a
small dense product, which a linear algebra library does at tens of operations a clock: though it
multiplies by zeros three times out of four, it is five times as fast as a loop over the weights.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["LOBES", "TILE", "Tile", "tiles"]

LOBES: Final = 3
"""Lanczos's reach, in samples of the result to either side."""

TILE: Final = 16
"""Samples of the result made by one product: more would multiply by more zeros."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """A run of samples of the result, and what makes them.

    Attributes:
        first: the first sample of the result.
        last: the one behind its last.
        start: the first source sample that is needed.
        stop: the one behind the last.
        weights: float32 of shape (stop - start, last - first); each column adds up to 1.
    """

    first: int
    last: int
    start: int
    stop: int
    weights: NDArray[np.float32]


def tiles(samples: int, extent: float, wanted: int, most: int = TILE, block: int = 1) -> list[Tile]:
    """Give the tiles of one axis, in order.

    Args:
        samples: source samples on the axis.
        extent: source pixels, from the first on, that hold the picture; a fraction of the last
            pixel may lie outside it.
        wanted: samples of the result.
        most: samples of the result in a tile.
        block: pixels of which each source sample is the mean.
    """
    ratio = extent / wanted
    # What is hardly smaller is filtered as if it had the same size, never as if it were enlarged.
    width = max(1.0, ratio)
    found: list[Tile] = []
    for first in range(0, wanted, most):
        last = min(wanted, first + most)
        start = max(0, int(((first + 0.5) * ratio - LOBES * width) / block))
        stop = min(samples, math.ceil(((last - 0.5) * ratio + LOBES * width) / block) + 1)
        middles = (np.arange(start, stop)[:, None] + 0.5) * block
        away = (middles - (np.arange(first, last)[None, :] + 0.5) * ratio) / width
        weights = np.where(np.abs(away) < LOBES, np.sinc(away) * np.sinc(away / LOBES), 0.0)
        weights /= weights.sum(axis=0)
        found.append(
            Tile(
                first=first,
                last=last,
                start=start,
                stop=stop,
                weights=weights.astype(np.float32),
            )
        )
    return found
