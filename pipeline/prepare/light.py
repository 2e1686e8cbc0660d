"""Between 8-bit sRGB values and linear light, by tables (IEC 61966-2-1).

A table look-up of two neighbouring values at once costs what one costs: a pair of bytes is read as
one 16-bit number, and its table stays in a processor's second cache.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["LIGHT", "STEPS", "light_of", "pair_light_of", "values_of"]


def _curve(values: NDArray[np.float64]) -> NDArray[np.float32]:
    low = values / 12.92
    high = ((values + 0.055) / 1.055) ** 2.4
    return np.where(values <= 0.04045, low, high).astype(np.float32)


LIGHT: Final = _curve(np.arange(256) / 255.0)
"""Linear light, 0 to 1, of each 8-bit value; float32 of shape (256,)."""

STEPS: Final = 65536
"""Steps of light that are told apart on the way back: finer than the smallest step of 8-bit sRGB
by a factor of 20."""

_BOTH: Final = np.arange(65536)

_TWO: Final = np.stack([LIGHT[_BOTH & 255], LIGHT[_BOTH >> 8]], axis=1).view(np.complex64)[:, 0]
"""The light of two neighbouring values, as the two halves of a complex number."""

_MEAN: Final = (LIGHT[_BOTH & 255] + LIGHT[_BOTH >> 8]) / np.float32(2)

_MIDDLES: Final = (np.arange(STEPS) + 0.5) / STEPS

_VALUES: Final = np.rint(
    255.0 * np.where(_MIDDLES <= 0.0031308, _MIDDLES * 12.92, 1.055 * _MIDDLES ** (1 / 2.4) - 0.055)
).astype(np.uint8)


def light_of(values: NDArray[np.uint8], out: NDArray[np.float32]) -> None:
    """Write the light of each value.

    Args:
        values: rows × columns, an even number of columns, contiguous.
        out: as many rows and columns, contiguous.
    """
    # `take` is faster than an index, and lets go of the interpreter's lock; "clip" leaves out the
    # check of bounds, which no 16-bit number can exceed.
    _TWO.take(values.view("<u2"), out=out.view(np.complex64), mode="clip")


def pair_light_of(values: NDArray[np.uint8], out: NDArray[np.float32]) -> None:
    """Write the mean light of each two neighbouring values.

    Args:
        values: rows × columns, an even number of columns, contiguous.
        out: as many rows and half the columns, contiguous.
    """
    _MEAN.take(values.view("<u2"), out=out, mode="clip")


def values_of(light: NDArray[np.float32], out: NDArray[np.uint8]) -> None:
    """Write the 8-bit values of light given in steps, 0 to `STEPS`; what exceeds them is cut off.

    Args:
        light: of any shape.
        out: of the same shape, contiguous.
    """
    _VALUES.take(light.astype(np.intp), out=out, mode="clip")
