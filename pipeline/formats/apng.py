"""Whether an APNG's animation is whole; where it is not, browsers show the still.

PNG, third edition, 11.3.6: one `acTL` before the picture, `fcTL` and `fdAT` numbered without a gap,
frames within the canvas, each with data, and as many as were promised.
"""

from __future__ import annotations

import struct
from typing import Final

__all__ = ["ANIMATION_CHUNKS", "Sequence"]

ANIMATION_CHUNKS: Final = frozenset({b"acTL", b"fcTL", b"fdAT"})

_CONTROL_BYTES, _FRAME_BYTES = 8, 26


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
        self.frames = 0

    def read(self, kind: bytes, content: bytes, size: tuple[int, int], *, sound: bool) -> None:
        """Take in a chunk.

        Args:
            kind: of the chunk; all but `IDAT` and those of an animation are passed over.
            content: the first 26 bytes of it, or all it has.
            size: width × height of the canvas in pixels.
            sound: whether its check sum is right.
        """
        if kind == b"IDAT":
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
                self._has_data = True

    def _number(self, content: bytes) -> bool:
        right = content[:4] == struct.pack(">I", self._next)
        self._next += 1
        return right

    def _read_frame(self, content: bytes, size: tuple[int, int]) -> None:
        right = self._has_data and len(content) == _FRAME_BYTES and self._number(content)
        if right:
            width, height, left, top = struct.unpack(">4I", content[4:20])
            inside = left + width <= size[0] and top + height <= size[1]
            whole = (width, height, left, top) == (*size, 0, 0)
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
            or not self._has_data
            or not self._declared
            or self._declared > self.frames
            or lone
        )
