"""Finds the highest setting of an encoder whose result stays within the limit.

Encoding a tenth of the rows predicts the whole so well that one or two full encodes land
where a bisection takes six or seven.

Where a rough encoder is at hand, which takes much less time, it encodes the whole once: that says
how much larger the whole is than the sample to 0.3 %, where the number of pixels is off by 1.5 %
and more. Then what is aimed at is closer to the limit, and one full encode is enough. Before it,
one knows whether the setting will be low, where an encoder that takes more time for fewer bytes may
be worth it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from PIL import Image

__all__ = ["PARTS", "Best", "Sample", "best_setting", "sample_of"]

SHARE: Final = 10
"""One pixel in so many is sampled."""

PARTS: Final = 3
"""Of what part of a row a band of the sample is, where it alone has to foretell the whole."""

SPREAD: Final = (math.sqrt(5) - 1) / 2
"""How far, in widths of the picture, each band begins behind the one before: by the golden section
bands never fall into step with what a picture repeats, and cover its width evenly."""

SMALLEST: Final = 250_000
"""Pixels below which the whole picture is the sample: it is encoded quickly enough."""

ENOUGH: Final = 0.92
"""The share of the limit above which another encode would gain nothing that shows."""

ENCODES: Final = 4
"""Full encodes at most; usually one or two are made."""

SLOPE: Final = 0.7
"""A file's size falls with about this power of the coarseness; where to look first."""

STEPS: Final = 12
"""Steps on the sample at most; usually one to three are made."""

FIRST: Final = 90
"""Where to look first: from the top it is a step more for nearly every photograph."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """How close a foretold size has to come to the limit.

    Attributes:
        share: of the limit, what is aimed at.
        close: of what is aimed at, above which it is close enough.
        steps: of quality that are told apart.
    """

    share: float
    close: float
    steps: float


ALL: Final = Aim(share=1.0, close=0.97, steps=0.2)
"""Where the sample is the whole."""

BY_PIXELS: Final = Aim(share=0.985, close=0.987, steps=0.2)
"""Where it is known how many pixels the whole has more: samples err by some 1.5 %, either way."""

BY_ROUGH: Final = Aim(share=0.998, close=0.997, steps=0.06)
"""Where the whole was encoded roughly. Half a percent less close, a third of the encodes of the
sample are saved, and a photograph with much fine detail loses 0.13 points of SSIMULACRA2."""

NEAR: Final = Aim(share=0.985, close=0.96, steps=0.2)
"""Where the whole is to be encoded roughly: what that tells holds for qualities around it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """Some bands of a picture as a picture, and by how much the whole is larger."""

    image: Image.Image
    times: float


def sample_of(image: Image.Image, rows: int, parts: int = 1) -> Sample:
    """Take bands of rows spread evenly over a picture.

    Args:
        image: the picture.
        rows: of a band; for JPEG the height of its blocks, so that none is cut.
        parts: a band is such a part of its rows, another one each time. In parts, the sizes of
            seven photographs were foretold to 1.6 %, by whole rows one of them 6 % too low; whole
            rows tell better how much the size changes with the quality.
    """
    width, height = image.size
    even = width // rows * rows if parts > 1 else width
    long = width // (parts * rows) * rows if parts > 1 else width
    count = int(width * height / (rows * long * SHARE)) if long else 0
    if width * height <= SMALLEST or not 2 <= count <= height // rows:
        return Sample(image=image, times=1.0)
    taken = Image.new(image.mode, (long, count * rows))
    for number in range(count):
        # The middle of each of `count` equal parts, on a block's edge.
        top = int((number + 0.5) * height / count) // rows * rows
        left = int(number * SPREAD % 1.0 * even) // rows * rows if parts > 1 else 0
        until = min(even, left + long)
        taken.paste(image.crop((left, top, until, top + rows)), (0, number * rows))
        if rest := left + long - until:
            # What would lie behind the right edge is taken from the left one.
            taken.paste(image.crop((0, top, rest, top + rows)), (long - rest, number * rows))
    return Sample(image=taken, times=width * height / (taken.width * taken.height))


@dataclass(frozen=True, slots=True, kw_only=True)
class Best:
    """The best that was found: no content where even the lowest setting is too large.

    `size` is what the content has, or what the lowest setting would have, in bytes.
    """

    content: bytes | None
    setting: float
    size: float
    encodes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Thorough:
    """An encoder that takes more time for fewer bytes.

    Attributes:
        encode: encodes a picture at a setting.
        below: the setting below which it may be worth that.
        saves: the share of the bytes that it has to save to be worth it, as the sample tells.
    """

    encode: Callable[[Image.Image, float], bytes]
    below: float
    saves: float


def best_setting(
    *,
    image: Image.Image,
    sample: Sample,
    encode: Callable[[Image.Image, float], bytes],
    max_bytes: int,
    low: float,
    high: float,
    overhead: Callable[[bytes], int] = lambda _: 0,
    rough: Callable[[Image.Image, float], bytes] | None = None,
    thorough: Thorough | None = None,
) -> Best:
    """Search on the sample, then encode the whole once or twice.

    Args:
        image: the whole picture.
        sample: some of its rows.
        encode: encodes a picture at a setting; more setting makes more bytes.
        max_bytes: the most bytes allowed.
        low: the lowest setting allowed.
        high: the highest setting that gains anything.
        overhead: says how many bytes of a file do not grow with the picture.
        rough: encodes a picture at a setting in much less time, and in a few more bytes.
        thorough: what encodes instead where a rough encode foretells a low setting, and the sample
            that it is worth it.
    """
    curve = _Curve(sample, encode, overhead)
    whole = sample.times == 1.0
    aim, start, made = (ALL, high, 0) if whole else (BY_PIXELS, min(FIRST, high), 0)
    if rough and not whole:
        guess = _Curve(sample, rough, overhead)
        start = guess.highest(max_bytes, NEAR, low, high, start) or low
        if guess.size(start) > max_bytes * ENOUGH:
            guess.learn(start, rough(image, start))
            if thorough and start < thorough.below:
                curve = curve.or_that_of(thorough, start)
            curve.factor = guess.factor
            aim, made = BY_ROUGH, 1
    found: Best | None = None
    top = high  # nothing above it fits
    for count in range(made + 1, made + ENCODES + 1):
        setting = curve.highest(max_bytes, aim, low, top, start)
        if setting is None and curve.size(low) > max_bytes * 1.1:
            return found or Best(content=None, setting=low, size=curve.size(low), encodes=count - 1)
        setting = start = low if setting is None else setting
        content = curve.encode(image, setting)
        if len(content) > max_bytes:
            if setting <= low:
                return found or Best(content=None, setting=low, size=len(content), encodes=count)
            top = max(low, setting - aim.steps)
        else:
            if found is None or setting > found.setting:
                found = Best(content=content, setting=setting, size=len(content), encodes=count)
            if whole or setting >= top - aim.steps or len(content) >= max_bytes * ENOUGH:
                break
        curve.learn(setting, content)
    return found or Best(content=None, setting=low, size=curve.size(low), encodes=made + ENCODES)


class _Curve:
    """Size by setting, from encodes of the sample.

    Attributes:
        encode: the encoder that it is about.
        factor: how much larger the whole is, by its rows or by what it came out at.
    """

    def __init__(
        self,
        sample: Sample,
        encode: Callable[[Image.Image, float], bytes],
        overhead: Callable[[bytes], int],
    ) -> None:
        self._sample = sample
        self._overhead = overhead
        self.encode = encode
        self._sizes: dict[float, tuple[int, int]] = {}  # what grows with the picture, and the rest
        self.factor = sample.times

    def size(self, setting: float) -> float:
        """Foretell the size of the whole, in bytes."""
        growing, beside = self._sampled(setting)
        return growing * self.factor + beside

    def or_that_of(self, thorough: Thorough, setting: float) -> _Curve:
        """Return the curve of a thorough encoder where it is worth it at a setting, else this."""
        other = _Curve(self._sample, thorough.encode, self._overhead)
        other.factor = self.factor
        return other if other.size(setting) <= self.size(setting) * (1 - thorough.saves) else self

    def learn(self, setting: float, content: bytes) -> None:
        """Correct the factor by a full encode."""
        growing, _ = self._sampled(setting)
        self.factor = (len(content) - self._overhead(content)) / growing

    def highest(
        self, max_bytes: int, aim: Aim, low: float, high: float, start: float
    ) -> float | None:
        """Return the highest setting foretold to fit; None where not even the lowest one is.

        Sizes follow a power of the coarseness closely, so the secant through two of them, on
        logarithms, is there after one or two steps.

        Args:
            max_bytes: the most bytes.
            aim: how close to them.
            low: the lowest setting allowed.
            high: the highest.
            start: where to look first.
        """
        most = max_bytes * aim.share
        fits: float | None = None
        exceeds: float | None = None
        before: float | None = None
        at = min(max(start, low), high)
        for _ in range(STEPS):
            size = self.size(at)
            if size <= most:
                fits = at
                if at >= high or size > most * aim.close:
                    return at
            else:
                exceeds = at
                if at <= low:
                    return None
            if fits is not None and exceeds is not None and exceeds - fits <= aim.steps:
                return fits
            wanted = self._aimed(most * math.sqrt(aim.close), at, before)
            bottom, top = fits or low, exceeds or high
            # Kept off what is known already, so that each step leaves less between.
            margin = (top - bottom) / 6 if fits and exceeds else 0.0
            before, at = at, max(bottom + margin, min(wanted, top - margin))
        return low if fits is None and self.size(low) <= most else fits

    def _aimed(self, size: float, at: float, before: float | None) -> float:
        """Return the setting at which a size is to be expected, by one or two that are known."""
        slope = SLOPE
        if before is not None and before != at:
            apart = self._coarse(before) - self._coarse(at)
            slope = math.log(self.size(at) / self.size(before)) / apart
            slope = max(SLOPE / 3, min(SLOPE * 3, slope))
        return 101 - math.exp(self._coarse(at) + math.log(self.size(at) / size) / slope)

    @staticmethod
    def _coarse(setting: float) -> float:
        """Return the logarithm of how coarse a quality is: libjpeg's scale is 200 - 2 × quality."""
        return math.log(101 - setting)

    def _sampled(self, setting: float) -> tuple[int, int]:
        sizes = self._sizes.get(setting)
        if sizes is None:
            content = self.encode(self._sample.image, setting)
            beside = self._overhead(content)
            sizes = self._sizes[setting] = max(1, len(content) - beside), beside
        return sizes
