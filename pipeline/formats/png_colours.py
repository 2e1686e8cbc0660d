"""What a PNG says of its colours where it has no ICC profile (PNG, third edition, 4.3, 11.3.2)."""

from __future__ import annotations

import struct
from typing import Final

from pipeline.formats.icc import SRGB_CURVE, RgbSpace, coded_space
from pipeline.values import Profile

__all__ = ["Colours"]

_SRGB_GAMMA: Final = 45455
_SRGB_POINTS: Final = (31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000)
"""Gamma and chromaticities of sRGB, times 100,000 (11.3.2.1 and 11.3.2.2)."""
_GAMMA_SLACK: Final = 2500
_POINT_SLACK: Final = 1000
"""Differences that nobody sees: programs round these numbers in their own ways."""


class Colours:
    """What chunks other than an ICC profile say of the colours; the last of each kind counts."""

    KINDS: Final = (b"cICP", b"sRGB", b"cHRM", b"gAMA")

    def __init__(self) -> None:
        self._code: bytes | None = None
        self._srgb = False
        self._points: tuple[int, ...] | None = None
        self._gamma: int | None = None

    def read(self, kind: bytes, content: bytes) -> None:
        """Take in a chunk of one of the `KINDS`; one of a wrong length says nothing."""
        if kind == b"sRGB":
            self._srgb = True
        elif kind == b"cICP" and content:
            self._code = content
        elif kind == b"gAMA" and len(content) == 4:
            self._gamma = int.from_bytes(content, "big")
        elif kind == b"cHRM" and len(content) == 32:
            self._points = struct.unpack(">8I", content)

    def profile(self, *, embedded: bool) -> Profile | None:
        """Judge the colour space by the chunks, in the order in which they count (4.3)."""
        if self._code is not None:
            # Rec. ITU-T H.273: 1 are the primaries of BT.709 and sRGB, 2 says nothing.
            return {1: Profile.SRGB, 2: None}.get(self._code[0], Profile.OTHER)
        if embedded:
            return None
        if self._srgb:
            return Profile.SRGB
        gamma = _SRGB_GAMMA if self._gamma is None else self._gamma
        near = abs(gamma - _SRGB_GAMMA) <= _GAMMA_SLACK and all(
            abs(told - known) <= _POINT_SLACK
            for told, known in zip(self._points or _SRGB_POINTS, _SRGB_POINTS, strict=True)
        )
        return None if near else Profile.OTHER

    def space(self, *, embedded: bool) -> RgbSpace | None:
        """Return the colour space, None where nothing is said of it.

        Raises:
            ValueError: by a code that is not known.
        """
        if self._code is not None:
            return coded_space(self._code)
        if embedded or (self._points is None and self._gamma is None):
            return None
        points = [point / 100_000 for point in self._points or _SRGB_POINTS]
        white, red, green, blue = zip(points[::2], points[1::2], strict=True)
        gamma = self._gamma or _SRGB_GAMMA
        # 0.45455 is what is written for sRGB, whose curve is meant then.
        curve = SRGB_CURVE if abs(gamma - _SRGB_GAMMA) < 500 else (100_000 / gamma,)
        return RgbSpace(
            name="primaries and gamma of the PNG",
            red=red,
            green=green,
            blue=blue,
            white=white,
            curve=curve,
        )
