"""The quantisation tables of the JPEGs that go up: how coarse each frequency is, by quality.

Nearly every program uses those that ITU-T T.81 gives as an example (K.1 and K.2), from viewing
tests of its time. Today's measures of visible error reward a plain rule more: coarseness that
grows with the distance from the block's mean. At equal bytes, on 704 × 704 pixels of five
photographs, with the bytes a pixel that 1,000,000 bytes for 2048 pixels afford:

    tables                             SSIMULACRA2 mean   worst   Butteraugli 3-norm, mean
    K.1 and K.2                                    82.6    74.5                       0.89
    1 + 0.1 d, chroma 1.5 (1 + 0.5 d)              82.1    71.9
    1 + 0.2 d, chroma 1.5 (1 + 0.5 d)              83.6    75.4
    1 + 0.35 d, chroma 1.5 (1 + 0.5 d)             84.1    76.6
    1 + 0.5 d, chroma 1.5 (1 + 0.8 d)              84.8    78.4
    1 + 0.6 d, chroma 1.5 (1 + d)                  84.8    78.5                       0.82
    1 + 0.8 d, chroma 1.5 (1 + 1.2 d)              84.9    78.4
    with a coarser blue than red difference        84.6    77.6

(d is the root of the sum of the squares of both frequencies, 0 to 9.9.)
"""

from __future__ import annotations

import math
from typing import Final

__all__ = ["tables"]

BASE: Final = 8.5
"""The step of the mean at quality 50: files come out as large as with K.1 and K.2, on average."""

_DISTANCES: Final = tuple(math.hypot(down, across) for down in range(8) for across in range(8))

LUMINANCE: Final = tuple(BASE * (1 + 0.6 * distance) for distance in _DISTANCES)

CHROMINANCE: Final = tuple(BASE * 1.5 * (1 + distance) for distance in _DISTANCES)


def tables(quality: float) -> list[list[int]]:
    """Give both tables for a quality, scaled as libjpeg's `jpeg_quality_scaling` does.

    Args:
        quality: 1 to 100, fractions too: they are what lets a file meet its limit closely.
    """
    percent = 5000 / quality if quality < 50 else 200 - 2 * quality
    return [
        [min(255, max(1, round(step * percent / 100))) for step in table]
        for table in (LUMINANCE, CHROMINANCE)
    ]
