"""Colour spaces: sRGB, a wide one of our own, and the ICC profile that describes it.

The profile is written from the numbers of the space (a matrix and a curve), after ICC.1:2004-10.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["SRGB", "WIDE", "Space", "from_srgb", "linear", "profile"]

Matrix = NDArray[np.float64]
Field = NDArray[np.float32]

_D65: Final = (0.3127, 0.3290)
_D50: Final = np.array([0.9642, 1.0, 0.8249])
_BRADFORD: Final = np.array(
    [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]
)
_GAMMA: Final = 563 / 256


def linear(values: Field) -> Field:
    """Give the light that sRGB values stand for, both from 0 to 1."""
    low = values / np.float32(12.92)
    high = ((values + np.float32(0.055)) / np.float32(1.055)) ** np.float32(2.4)
    return np.where(values <= np.float32(0.04045), low, high)


def _srgb_values(light: Field) -> Field:
    high = np.float32(1.055) * light ** np.float32(1 / 2.4) - np.float32(0.055)
    return np.where(light <= np.float32(0.0031308), light * np.float32(12.92), high)


def _wide_values(light: Field) -> Field:
    return light ** np.float32(1 / _GAMMA)


@dataclass(frozen=True)
class Space:
    """A colour space: the chromaticities of its primaries, and its values for light."""

    primaries: tuple[tuple[float, float], ...]
    values: Callable[[Field], Field]

    def to_xyz(self) -> Matrix:
        """Give the matrix from its light to CIE XYZ, its white being D65."""
        corners = np.array([_xyz(*primary) for primary in self.primaries]).T
        return corners * np.linalg.solve(corners, _xyz(*_D65))


SRGB: Final = Space(((0.64, 0.33), (0.30, 0.60), (0.15, 0.06)), _srgb_values)
WIDE: Final = Space(((0.64, 0.33), (0.21, 0.71), (0.15, 0.06)), _wide_values)
"""Some half as many colours again as sRGB, mostly greens; a gamma of 2.2."""


def from_srgb(space: Space) -> Matrix:
    """Give the matrix from the light of sRGB to that of another space."""
    return np.linalg.inv(space.to_xyz()).astype(np.float64) @ SRGB.to_xyz()


def profile(name: str) -> bytes:
    """Write the ICC profile of the wide space: for displays, version 4.2."""
    adapted = _adaptation()
    colorants = adapted @ WIDE.to_xyz()
    curve = b"curv" + bytes(4) + struct.pack(">IH", 1, round(_GAMMA * 256)) + bytes(2)
    tags = [
        (b"desc", _words(name)),
        (b"cprt", _words("CC0 1.0: no rights reserved")),
        (b"wtpt", _numbers(b"XYZ ", _D50)),
        (b"chad", _numbers(b"sf32", adapted.flatten())),
        (b"rXYZ", _numbers(b"XYZ ", colorants[:, 0])),
        (b"gXYZ", _numbers(b"XYZ ", colorants[:, 1])),
        (b"bXYZ", _numbers(b"XYZ ", colorants[:, 2])),
        (b"rTRC", curve),
        (b"gTRC", curve),
        (b"bTRC", curve),
    ]
    table, body = struct.pack(">I", len(tags)), b""
    body_at = 128 + 4 + 12 * len(tags)
    seen: dict[bytes, int] = {}
    for tag, value in tags:
        if value not in seen:
            seen[value] = body_at + len(body)
            body += value + bytes(-len(value) % 4)
        table += tag + struct.pack(">2I", seen[value], len(value))
    return _header(body_at + len(body)) + table + body


def _header(size: int) -> bytes:
    made = struct.pack(">6H", 2026, 9, 14, 8, 0, 0)
    white = struct.pack(">3i", *(round(value * 65536) for value in _D50))
    head = struct.pack(">I4s4s", size, bytes(4), bytes((4, 0x20, 0, 0))) + b"mntrRGB XYZ "
    return (head + made + b"acsp" + bytes(28) + white).ljust(128, b"\0")


def _adaptation() -> Matrix:
    """Give the matrix that turns a D65 white into the profile's D50, after Bradford."""
    gains = (_BRADFORD @ _D50) / (_BRADFORD @ _xyz(*_D65))
    return np.linalg.solve(_BRADFORD, gains[:, None] * _BRADFORD)


def _xyz(x: float, y: float) -> Matrix:
    return np.array([x / y, 1.0, (1 - x - y) / y])


def _words(text: str) -> bytes:
    words = text.encode("utf-16-be")
    return (
        b"mluc" + bytes(4) + struct.pack(">2I2s2s2I", 1, 12, b"en", b"US", len(words), 28) + words
    )


def _numbers(kind: bytes, values: Matrix) -> bytes:
    fixed = [round(float(value) * 65536) for value in values]
    return kind + bytes(4) + struct.pack(f">{len(fixed)}i", *fixed)
