"""A file as a decoder is to see it: some of its pieces, one after the other, and some of ours."""

from __future__ import annotations

import io
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import BinaryIO, Protocol, cast

__all__ = ["Made", "Piece", "patched"]


class Made(Protocol):
    """Bytes that are made of some of the file's as they are read."""

    @property
    def length(self) -> int:
        """How many they are."""

    def read(self, file: BinaryIO, at: int, size: int) -> bytes:
        """Return some of them from a place, at most so many."""


Piece = bytes | tuple[int, int] | Made
"""Bytes of ours, or from where to where in the file, or what is made of it."""


def patched(file: BinaryIO, pieces: Sequence[Piece]) -> BinaryIO:
    """Return a file that can be read only, and is nothing but those pieces.

    Args:
        file: the original, open for reading; its place is not kept.
        pieces: none of them empty.
    """
    return cast(BinaryIO, io.BufferedReader(_Patched(file, pieces)))


def _length(piece: Piece) -> int:
    if isinstance(piece, bytes):
        return len(piece)
    return piece[1] - piece[0] if isinstance(piece, tuple) else piece.length


class _Patched(io.RawIOBase):
    def __init__(self, file: BinaryIO, pieces: Sequence[Piece]) -> None:
        self._file = file
        self._pieces = pieces
        self._starts = list(accumulate(map(_length, pieces), initial=0))
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._starts[-1]}[whence]
        self._at = max(0, base + offset)
        return self._at

    def read(self, size: int = -1) -> bytes:
        """Return some of the next bytes, at most the rest of a piece; none at the end."""
        if self._at >= self._starts[-1]:
            return b""
        number = bisect_right(self._starts, self._at) - 1
        within, rest = self._at - self._starts[number], self._starts[number + 1] - self._at
        wanted = rest if size < 0 else min(size, rest)
        piece = self._pieces[number]
        if isinstance(piece, bytes):
            found = piece[within : within + wanted]
        elif isinstance(piece, tuple):
            self._file.seek(piece[0] + within)
            found = self._file.read(wanted)
        else:
            found = piece.read(self._file, within, wanted)
        self._at += len(found)
        return found

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer).cast("B")  # type: ignore[arg-type]
        found = self.read(len(view))
        view[: len(found)] = found
        return len(found)
