"""Whether an APNG's animation is whole; where it is not, browsers show the still.

PNG, third edition, 11.3.6: one `acTL` before the picture, `fcTL` and `fdAT` numbered without a gap,
frames within the canvas, each with all its data, and as many as were promised. That a frame's data
is all there is told by unpacking it; what comes out is not kept.
"""

from __future__ import annotations

import struct
import zlib
from typing import Final

__all__ = ["ANIMATION_CHUNKS", "Sequence"]

ANIMATION_CHUNKS: Final = frozenset({b"acTL", b"fcTL", b"fdAT"})

_CONTROL_BYTES, _FRAME_BYTES = 8, 26


_CHANNELS: Final = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
"""For each colour type the samples a pixel (table 12)."""
_PASSES: Final = (
    (0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4),
    (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2),
)  # fmt: skip
"""Left, top, and steps to the right and down, of the passes of an interlaced picture (8.1)."""
_PIECE: Final = 1 << 20


class _Stream:
    """The packed rows of one frame, which are counted while they are unpacked."""

    def __init__(self, wanted: int) -> None:
        self._missing = wanted
        self._unpacker = zlib.decompressobj()
        self._torn = False

    def read(self, packed: bytes) -> None:
        try:
            while packed and self._missing > 0 and not (self._torn or self._unpacker.eof):
                self._missing -= len(self._unpacker.decompress(packed, _PIECE))
                packed = self._unpacker.unconsumed_tail
        except zlib.error:
            self._torn = True

    @property
    def whole(self) -> bool:
        return self._missing <= 0 and not self._torn


class Sequence:
    """Reads the chunks of an animation in their order."""

    def __init__(self) -> None:
        self._declared = 0
        self._next = 0
        self._pictured = False
        self._leading = False
        self._has_data = True
        self._wrong = False
        self._seen = False
        self._bits = 0
        self._laced = False
        self._size = (0, 0)
        self._stream: _Stream | None = None
        self.frames = 0

    def read(self, kind: bytes, content: bytes, size: tuple[int, int], *, sound: bool) -> None:
        """Take in a chunk.

        Args:
            kind: of the chunk; all but `IHDR`, `IDAT` and those of an animation are passed over.
            content: the first 26 bytes of it, or all it has.
            size: width × height of the canvas in pixels.
            sound: whether its check sum is right.
        """
        if kind == b"IHDR" and len(content) == 13:
            self._bits = content[8] * _CHANNELS.get(content[9], 0)
            self._laced = content[12] == 1
        elif kind == b"IDAT":
            self._leading |= not self._pictured and self.frames > 0
            self._has_data |= self.frames > 0
            self._pictured = True
        elif kind in ANIMATION_CHUNKS:
            self._seen = True
            self._wrong |= not sound
            if kind == b"acTL":
                self._wrong |= self._declared > 0 or self._pictured
                self._wrong |= len(content) != _CONTROL_BYTES
                self._declared = int.from_bytes(content[:4], "big")
            elif kind == b"fcTL":
                self._read_frame(content, size)
            else:
                self._wrong |= not (self._number(content) and self._pictured and self.frames)
                if not self._has_data:
                    self._stream = _Stream(self._row_bytes(*self._size))
                self._has_data = True

    def read_pixels(self, piece: bytes) -> None:
        """Take in what an `fdAT` that was read has behind its number, or a piece of that."""
        if self._stream:
            self._stream.read(piece)

    def _end_frame(self) -> None:
        self._wrong |= self._stream is not None and not self._stream.whole
        self._stream = None

    def _row_bytes(self, width: int, height: int) -> int:
        """Return the bytes of all rows of a frame, each with that of its filter (7.2)."""
        passes = _PASSES if self._laced else ((0, 0, 1, 1),)
        total = 0
        for left, top, right, down in passes:
            across, rows = -((left - width) // right), -((top - height) // down)
            if across > 0 and rows > 0:
                total += rows * (1 + (across * self._bits + 7) // 8)
        return total

    def _number(self, content: bytes) -> bool:
        right = content[:4] == struct.pack(">I", self._next)
        self._next += 1
        return right

    def _read_frame(self, content: bytes, size: tuple[int, int]) -> None:
        self._end_frame()
        right = self._has_data and len(content) == _FRAME_BYTES and self._number(content)
        if right:
            width, height, left, top = struct.unpack(">4I", content[4:20])
            inside = left + width <= size[0] and top + height <= size[1]
            whole = (width, height, left, top) == (*size, 0, 0)
            self._size = width, height
            right = width > 0 and height > 0 and inside and (self._pictured or whole)
        self._wrong |= not right
        self._has_data = False
        self.frames += 1

    @property
    def broken(self) -> bool:
        """Whether there is something of an animation, and the still is to be shown."""
        if not self._seen:
            return False
        shown = min(self._declared, self.frames)
        # An animation of one frame that is another picture than the still is none.
        lone = shown == 1 and not self._leading
        return (
            self._wrong
            or (self._stream is not None and not self._stream.whole)
            or not self._has_data
            or not self._declared
            or self._declared > self.frames
            or lone
        )
