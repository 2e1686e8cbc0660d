"""The difference of two colours as an eye sees it: CIEDE2000 (ISO/CIE 11664-6:2014).

After Sharma, Wu and Dalal, "The CIEDE2000 color-difference formula" (2005).
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["delta_e_2000", "lab_of"]

Numbers = NDArray[np.float64]

_TO_XYZ: Final = np.array(
    [
        [0.4360747, 0.3850649, 0.1430804],
        [0.2225045, 0.7168786, 0.0606169],
        [0.0139322, 0.0971045, 0.7141733],
    ]
)
"""Linear sRGB to XYZ, adapted to D50 by Bradford's method."""

_WHITE: Final = np.array([0.96422, 1.0, 0.82521])


def lab_of(values: NDArray[Any]) -> Numbers:
    """Return CIE L*a*b* (D50) of 8-bit sRGB values, n × 3."""
    share = values.astype(np.float64) / 255
    light = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    ratio = light @ _TO_XYZ.T / _WHITE
    root = np.where(ratio > 216 / 24389, np.cbrt(ratio), (24389 / 27 * ratio + 16) / 116)
    x, y, z = root.T
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=1)


def delta_e_2000(one: Numbers, other: Numbers) -> Numbers:
    """Return ΔE2000 of each two colours of n × 3 in L*a*b*; 1 is about what can just be seen."""
    (l1, a1, b1), (l2, a2, b2) = one.T, other.T
    mean_chroma = (np.hypot(a1, b1) + np.hypot(a2, b2)) / 2
    grey = 0.5 * (1 - np.sqrt(mean_chroma**7 / (mean_chroma**7 + 25.0**7)))
    a1, a2 = (1 + grey) * a1, (1 + grey) * a2
    c1, c2 = np.hypot(a1, b1), np.hypot(a2, b2)
    h1, h2 = np.degrees(np.arctan2(b1, a1)) % 360, np.degrees(np.arctan2(b2, a2)) % 360
    coloured = c1 * c2 != 0
    turn = np.where(coloured, (h2 - h1 + 180) % 360 - 180, 0.0)
    lightness, chroma = l2 - l1, c2 - c1
    hue = 2 * np.sqrt(c1 * c2) * np.sin(np.radians(turn) / 2)
    mean_l, mean_c = (l1 + l2) / 2, (c1 + c2) / 2
    mean_h = np.where(coloured, (h1 + turn / 2) % 360, h1 + h2)
    weight = (
        1
        - 0.17 * np.cos(np.radians(mean_h - 30))
        + 0.24 * np.cos(np.radians(2 * mean_h))
        + 0.32 * np.cos(np.radians(3 * mean_h + 6))
        - 0.20 * np.cos(np.radians(4 * mean_h - 63))
    )
    from_grey = (mean_l - 50) ** 2
    by_lightness = lightness / (1 + 0.015 * from_grey / np.sqrt(20 + from_grey))
    by_chroma = chroma / (1 + 0.045 * mean_c)
    by_hue = hue / (1 + 0.015 * mean_c * weight)
    turning = 30 * np.exp(-(((mean_h - 275) / 25) ** 2))
    rotation = -2 * np.sqrt(mean_c**7 / (mean_c**7 + 25.0**7)) * np.sin(np.radians(2 * turning))
    square = by_lightness**2 + by_chroma**2 + by_hue**2 + rotation * by_chroma * by_hue
    result: Numbers = np.sqrt(np.maximum(square, 0))
    return result
