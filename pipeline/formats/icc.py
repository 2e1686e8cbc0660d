"""Colour spaces given by primaries, white point and a curve, and an ICC profile for them.

Files may say their colours without a profile; written as one, they are converted like all others.
The form is that of ICC.1:2010 (version 4.3): a matrix to the connection space, and a parametric
curve for each channel.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["ADOBE_RGB", "SRGB_CURVE", "RgbSpace", "coded_space", "matrix_profile"]

Point = tuple[float, float]
"""Chromaticity x, y."""

_D50: Final = np.array([0.9642, 1.0, 0.8249])

_BRADFORD: Final = np.array(
    [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]
)
"""Adapts a white point to another as the ICC recommends (annex E)."""

SRGB_CURVE: Final = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
"""Of IEC 61966-2-1, as parameters g, a, b, c, d of a curve of function type 3."""

D65: Final = (0.3127, 0.3290)


@dataclass(frozen=True, slots=True, kw_only=True)
class RgbSpace:
    """A colour space of three primaries.

    Attributes:
        name: for people.
        red, green, blue, white: chromaticities.
        curve: from a value to light, 0 to 1: one number is an exponent, five are the parameters
            g, a, b, c, d of (a v + b) ** g above d and c v below.
    """

    name: str
    red: Point
    green: Point
    blue: Point
    white: Point = D65
    curve: tuple[float, ...] = SRGB_CURVE


ADOBE_RGB: Final = RgbSpace(
    name="Adobe RGB",
    red=(0.64, 0.33),
    green=(0.21, 0.71),
    blue=(0.15, 0.06),
    curve=(563 / 256,),
)
"""Adobe RGB (1998) Color Image Encoding, 4.3."""


_PRIMARIES: Final[dict[int, tuple[Point, Point, Point]]] = {
    1: ((0.64, 0.33), (0.30, 0.60), (0.15, 0.06)),
    9: ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046)),
    12: ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060)),
}
"""Of Rec. ITU-T H.273, table 2: BT.709, BT.2020, Display P3; all with D65."""

_BT_709: Final = (1 / 0.45, 1 / 1.099, 0.099 / 1.099, 1 / 4.5, 0.081)

_CURVES: Final[dict[int, tuple[float, ...]]] = {
    1: _BT_709,
    4: (2.2,),
    5: (2.8,),
    6: _BT_709,
    8: (1.0,),
    13: SRGB_CURVE,
    14: _BT_709,
    15: _BT_709,
}
"""Of Rec. ITU-T H.273, table 3. 16 and 18 (PQ, HLG) are for brighter screens than sRGB's."""


def coded_space(code: bytes) -> RgbSpace:
    """Return the space of a code for primaries and one for the transfer function.

    Raises:
        ValueError: it is none of those that are known.
    """
    if len(code) < 2 or code[0] not in _PRIMARIES or code[1] not in _CURVES:
        raise ValueError("not a known colour space")
    primaries, transfer = code[:2]
    red, green, blue = _PRIMARIES[primaries]
    name = f"cICP {primaries}/{transfer}"
    return RgbSpace(name=name, red=red, green=green, blue=blue, curve=_CURVES[transfer])


def matrix_profile(space: RgbSpace) -> bytes:
    """Return the profile of a space.

    Raises:
        ValueError: its primaries do not span a space, or its curve is none.
    """
    columns = _columns(space)
    curve = _curve(space.curve)
    tags = {
        b"desc": _text(space.name),
        b"cprt": _text("none"),
        b"wtpt": _xyz(_D50),
        **{name: _xyz(columns[:, at]) for at, name in enumerate((b"rXYZ", b"gXYZ", b"bXYZ"))},
        **dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve),
    }
    at = 128 + 4 + 12 * len(tags)
    table, data = _number(len(tags)), b""
    for name, content in tags.items():
        table += name + _number(at + len(data)) + _number(len(content))
        data += content + b"\0" * (-len(content) % 4)
    head = _number(at + len(data)) + b"\0\0\0\0" + b"\x04\x30\0\0" + b"mntrRGB XYZ "
    head += b"\x07\xe8\0\1\0\1\0\0\0\0\0\0" + b"acsp"
    head = head.ljust(68, b"\0") + b"".join(map(_fixed, _D50))
    return head.ljust(128, b"\0") + table + data


def _columns(space: RgbSpace) -> NDArray[np.float64]:
    """Return the primaries as X, Y, Z in columns, adapted to D50."""
    points = (space.red, space.green, space.blue, space.white)
    if any(y <= 0 or not 0 <= x <= 1 or y > 1 for x, y in points):
        raise ValueError("a chromaticity outside of all colours")
    *primaries, white = (np.array([x / y, 1.0, (1 - x - y) / y]) for x, y in points)
    matrix = np.stack(primaries, axis=1)
    if abs(np.linalg.det(matrix)) < 1e-3:
        raise ValueError("primaries in a line")
    matrix = matrix * np.linalg.solve(matrix, white)
    gains = (_BRADFORD @ _D50) / (_BRADFORD @ white)
    adapted: NDArray[np.float64] = np.linalg.inv(_BRADFORD) @ np.diag(gains) @ _BRADFORD @ matrix
    return adapted


def _curve(parameters: tuple[float, ...]) -> bytes:
    if not 0.2 <= parameters[0] <= 5:
        raise ValueError("a curve that no screen has")
    kind = {1: 0, 5: 3}[len(parameters)]
    return b"para\0\0\0\0" + kind.to_bytes(2, "big") + b"\0\0" + b"".join(map(_fixed, parameters))


def _xyz(values: NDArray[np.float64]) -> bytes:
    return b"XYZ \0\0\0\0" + b"".join(map(_fixed, values))


def _text(said: str) -> bytes:
    letters = said.encode("utf-16-be")
    head = b"mluc\0\0\0\0" + _number(1) + _number(12) + b"enUS" + _number(len(letters))
    return head + _number(28) + letters


def _fixed(value: float) -> bytes:
    return round(float(value) * 65536).to_bytes(4, "big", signed=True)


def _number(value: int) -> bytes:
    return value.to_bytes(4, "big")
