"""Pixels of a BMP whose colours lie under bit masks that Pillow does not read, as any program does.

Browsers read every layout of 16 and 32 bits (Microsoft, BITMAPV5HEADER: the bits of a mask lie
beside each other, and none belongs to two masks). The decoder is shown the same picture in the
usual layout, made row by row while it reads.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import BinaryIO, Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["Masks", "UsualRows", "usual_header"]

_READ_BY_PILLOW: Final = frozenset(
    {
        (32, 0xFF0000, 0xFF00, 0xFF, 0),
        (32, 0xFF000000, 0xFF0000, 0xFF00, 0),
        (32, 0xFF000000, 0xFF00, 0xFF, 0),
        (32, 0xFF000000, 0xFF0000, 0xFF00, 0xFF),
        (32, 0xFF, 0xFF00, 0xFF0000, 0xFF000000),
        (32, 0xFF0000, 0xFF00, 0xFF, 0xFF000000),
        (32, 0xFF000000, 0xFF00, 0xFF, 0xFF0000),
        (32, 0, 0, 0, 0),
        (16, 0xF800, 0x7E0, 0x1F, 0),
        (16, 0x7C00, 0x3E0, 0x1F, 0),
    }
)
"""Bits a pixel and masks for red, green, blue and alpha (Pillow 12 and 13, BmpImagePlugin)."""

_BLOCK_BYTES: Final = 1 << 20
_HEADER: Final = 108


@dataclass(frozen=True, slots=True, kw_only=True)
class Masks:
    """Where in a pixel of 16 or 32 bits its colours lie; an alpha of 0 is none."""

    depth: int
    red: int
    green: int
    blue: int
    alpha: int

    @property
    def all(self) -> tuple[int, int, int, int]:
        """The masks, as far as they lie within a pixel."""
        within = (1 << self.depth) - 1
        return self.red & within, self.green & within, self.blue & within, self.alpha & within

    @property
    def unusual(self) -> bool:
        """Whether Pillow would not read them, or not all that they say."""
        return (self.depth, *self.all) not in _READ_BY_PILLOW

    @property
    def sensible(self) -> bool:
        """Whether they say colours: bits beside each other, none of them twice."""
        seen = 0
        for mask in self.all:
            ones = mask // (mask & -mask or 1)
            if mask & seen or ones & (ones + 1):
                return False
            seen |= mask
        return any(self.all[:3])

    @property
    def bit_depth(self) -> int:
        """Bits of the colour that has most."""
        return max(mask.bit_count() for mask in self.all[:3])


def usual_header(masks: Masks, width: int, height: int) -> bytes:
    """Return the header for what `UsualRows` yields.

    Args:
        masks: of the original; with an alpha there is one here, too.
        width: pixels.
        height: pixels, negative where the top row comes first.
    """
    offset = 14 + _HEADER
    told = (0xFF0000, 0xFF00, 0xFF, 0xFF000000 if masks.alpha else 0)
    size = width * abs(height) * 4
    front = struct.pack("<2sIII", b"BM", (offset + size) & 0xFFFFFFFF, 0, offset)
    facts = struct.pack("<IiiHHIIIIII", _HEADER, width, height, 1, 32, 3, 0, 0, 0, 0, 0)
    return front + (facts + struct.pack("<4I", *told)).ljust(_HEADER, b"\0")


class UsualRows:
    """The rows of a picture with 8 bits a colour, made of those in the file as they are read."""

    def __init__(self, masks: Masks, offset: int, width: int, height: int) -> None:
        """Take a place.

        Args:
            masks: how the file says its colours.
            offset: place of the first row in the file.
            width: pixels.
            height: rows, not negative.
        """
        self._offset = offset
        self._width = width
        self._depth = masks.depth
        self._stored = (width * masks.depth + 31) // 32 * 4
        self._made = width * 4
        # Blue, green, red, alpha: from the lowest byte up.
        red, green, blue, alpha = masks.all
        self._channels = [_Channel.of(mask) for mask in (blue, green, red, alpha)]
        self._block_rows = max(1, _BLOCK_BYTES // self._made)
        self._block = (-1, b"")
        self.length = self._made * height
        self._height = height

    def read(self, file: BinaryIO, at: int, size: int) -> bytes:
        """Return at most so many of its bytes from a place in it.

        Args:
            file: the original, open for reading.
            at: place in the rows that are made, before their end.
            size: bytes that are wanted.
        """
        number, within = divmod(at, self._made * self._block_rows)
        if self._block[0] != number:
            self._block = (number, self._rows(file, number * self._block_rows))
        return self._block[1][within : within + size]

    def _rows(self, file: BinaryIO, first: int) -> bytes:
        count = min(self._block_rows, self._height - first)
        file.seek(self._offset + first * self._stored)
        raw = file.read(count * self._stored)
        # A file that became shorter meanwhile ends here: the decoder misses the rest.
        count = len(raw) // self._stored
        kind = "<u2" if self._depth == 16 else "<u4"
        stored = np.frombuffer(raw, kind, count * self._stored * 8 // self._depth)
        pixels = stored.reshape(count, -1)[:, : self._width]
        made = np.empty((count, self._width, 4), np.uint8)
        for place, channel in enumerate(self._channels):
            made[:, :, place] = channel.in_bytes(pixels)
        return made.tobytes()


@dataclass(frozen=True, slots=True)
class _Channel:
    mask: int
    shift: int
    bits: int

    @classmethod
    def of(cls, mask: int) -> _Channel:
        return cls(mask, (mask & -mask).bit_length() - 1 if mask else 0, mask.bit_count())

    def in_bytes(self, pixels: NDArray[np.uint16 | np.uint32]) -> NDArray[np.uint8]:
        """Stretch few bits to eight, and keep the upper eight of more, as browsers do."""
        values = (pixels & pixels.dtype.type(self.mask)) >> pixels.dtype.type(self.shift)
        if self.bits > 8:
            return (values >> pixels.dtype.type(self.bits - 8)).astype(np.uint8)
        most = max(1, (1 << self.bits) - 1)
        table = np.array([(value * 510 + most) // (2 * most) for value in range(most + 1)])
        return np.asarray(table.astype(np.uint8)[values])
