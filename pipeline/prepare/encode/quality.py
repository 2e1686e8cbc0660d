"""Finds the highest setting of an encoder whose result stays within the limit.

Encoding a tenth of the rows predicts the whole so well that one or two full encodes land
where a bisection takes six or seven.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from PIL import Image

__all__ = ["Best", "Sample", "best_setting", "sample_of"]

SHARE: Final = 10
"""One row in so many is sampled."""

SMALLEST: Final = 250_000
"""Pixels below which the whole picture is the sample: it is encoded quickly enough."""

AIM: Final = 0.975
"""The share of the limit that a foretold size is aimed at: samples err by some 2 %, either way."""

ENOUGH: Final = 0.92
"""The share of the limit above which another encode would gain nothing that shows."""

ENCODES: Final = 4
"""Full encodes at most; usually one or two are made."""

PRECISION: Final = 0.2
"""Steps of quality that are told apart."""

SLOPE: Final = 0.7
"""A file's size falls with about this power of the coarseness; where to look first."""

CLOSE: Final = 0.97
"""The share of what is aimed at above which a foretold size is close enough."""

MIDDLE: Final = 0.985
"""Where between `CLOSE` and 1 a step aims."""

STEPS: Final = 12
"""Steps on the sample at most; usually one to three are made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """Some bands of a picture as a picture, and by how much the whole is larger."""

    image: Image.Image
    times: float


def sample_of(image: Image.Image, rows: int) -> Sample:
    """Take bands of rows spread evenly over a picture.

    Args:
        image: the picture.
        rows: of a band; for JPEG the height of its blocks, so that none is cut.
    """
    width, height = image.size
    count = height // (rows * SHARE)
    if width * height <= SMALLEST or count < 2:
        return Sample(image=image, times=1.0)
    taken = Image.new(image.mode, (width, count * rows))
    for number in range(count):
        # The middle of each of `count` equal parts, on a block's edge.
        top = int((number + 0.5) * height / count) // rows * rows
        taken.paste(image.crop((0, top, width, top + rows)), (0, number * rows))
    return Sample(image=taken, times=height / (count * rows))


@dataclass(frozen=True, slots=True, kw_only=True)
class Best:
    """The best that was found: no content where even the lowest setting is too large.

    `size` is what the content has, or what the lowest setting would have, in bytes.
    """

    content: bytes | None
    setting: float
    size: float
    encodes: int


def best_setting(
    *,
    image: Image.Image,
    sample: Sample,
    encode: Callable[[Image.Image, float], bytes],
    max_bytes: int,
    low: float,
    high: float,
    overhead: int = 0,
) -> Best:
    """Search on the sample, then encode the whole once or twice.

    Args:
        image: the whole picture.
        sample: some of its rows.
        encode: encodes a picture at a setting; more setting makes more bytes.
        max_bytes: the most bytes allowed.
        low: the lowest setting allowed.
        high: the highest setting that gains anything.
        overhead: bytes of every file that do not grow with the picture.
    """
    curve = _Curve(sample, encode, overhead)
    whole = sample.times == 1.0
    found: Best | None = None
    top = high  # nothing above it fits
    for count in range(1, ENCODES + 1):
        setting = curve.highest(max_bytes if whole else max_bytes * AIM, low, top)
        if setting is None and curve.size(low) > max_bytes * 1.1:
            return found or Best(content=None, setting=low, size=curve.size(low), encodes=count - 1)
        setting = low if setting is None else setting
        content = encode(image, setting)
        if len(content) > max_bytes:
            if setting <= low:
                return found or Best(content=None, setting=low, size=len(content), encodes=count)
            top = max(low, setting - PRECISION)
        else:
            if found is None or setting > found.setting:
                found = Best(content=content, setting=setting, size=len(content), encodes=count)
            if whole or setting >= top - PRECISION or len(content) >= max_bytes * ENOUGH:
                break
        curve.learn(setting, len(content))
    return found or Best(content=None, setting=low, size=curve.size(low), encodes=ENCODES)


class _Curve:
    """Size by setting, from encodes of the sample, corrected by what the whole came out at."""

    def __init__(
        self, sample: Sample, encode: Callable[[Image.Image, float], bytes], overhead: int
    ) -> None:
        self._sample = sample
        self._overhead = overhead if sample.times > 1 else 0
        self._encode = encode
        self._factor = sample.times
        self._sizes: dict[float, int] = {}

    def size(self, setting: float) -> float:
        """Foretell the size of the whole, in bytes."""
        return self._sampled(setting) * self._factor + self._overhead

    def learn(self, setting: float, size: int) -> None:
        """Correct the factor by a full encode."""
        self._factor = (size - self._overhead) / self._sampled(setting)

    def highest(self, most: float, low: float, high: float) -> float | None:
        """Return the highest setting foretold to fit; None where not even the lowest one is.

        Sizes follow a power of the coarseness closely, so the secant through two of them, on
        logarithms, is there after one or two steps.
        """
        if self.size(high) <= most:
            return high
        if self._coarse(low) <= self._coarse(high):
            return None
        fits: float | None = None
        exceeds, slope = high, SLOPE
        for _ in range(STEPS):
            over = math.log(self.size(exceeds) / (most * MIDDLE))
            middle = 101 - math.exp(self._coarse(exceeds) + over / slope)
            # Kept off the ends, so that each step leaves less between them.
            bottom = low if fits is None else fits + (exceeds - fits) / 6
            middle = max(bottom, min(middle, exceeds - (exceeds - (fits or low)) / 6))
            apart = self._coarse(middle) - self._coarse(exceeds)
            slope = math.log(self.size(exceeds) / self.size(middle)) / apart
            slope = max(SLOPE / 3, min(SLOPE * 3, slope))
            if self.size(middle) <= most:
                fits = middle
                if self.size(middle) > most * CLOSE:
                    break
            elif middle <= low:
                return None
            else:
                exceeds = middle
            if fits is not None and exceeds - fits <= PRECISION:
                break
        return low if fits is None and self.size(low) <= most else fits

    @staticmethod
    def _coarse(setting: float) -> float:
        """Return the logarithm of how coarse a quality is: libjpeg's scale is 200 - 2 × quality."""
        return math.log(101 - setting)

    def _sampled(self, setting: float) -> int:
        size = self._sizes.get(setting)
        if size is None:
            size = max(1, len(self._encode(self._sample.image, setting)) - self._overhead)
            self._sizes[setting] = size
        return size
