"""Reads a file at any place and in bounded pieces, for the walks along its structure.

Not `mmap`: a file that shrinks on a network share while it is mapped kills the whole process
(SIGBUS); read this way it is a short read, which is one refused photograph.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import BinaryIO, Final

from pipeline.refusals import cut, unreadable

__all__ = ["Source"]

PIECE_BYTES: Final = 1 << 20


class Source:
    """The bytes of an open file; its size is that of the moment of opening."""

    def __init__(self, file: BinaryIO) -> None:
        """Take a file open for reading; its position is not kept.

        Raises:
            PhotoRefused: `unreadable`.
        """
        self._file = file
        try:
            self.size = os.fstat(file.fileno()).st_size
        except OSError as error:
            raise unreadable(error) from error

    def some(self, start: int, length: int) -> bytes:
        """Give up to `length` bytes from `start`, fewer at the end of the file.

        Raises:
            PhotoRefused: `unreadable`.
        """
        try:
            self._file.seek(start)
            return self._file.read(length)
        except OSError as error:
            raise unreadable(error) from error

    def exactly(self, start: int, length: int) -> bytes:
        """Give `length` bytes from `start`.

        Raises:
            PhotoRefused: `truncated` where the file ends before, or `unreadable`.
        """
        if start + length > self.size:  # before reading: lengths in a file may be anything
            raise cut()
        found = self.some(start, length)
        if len(found) < length:
            raise cut()
        return found

    def pieces(self, start: int, stop: int) -> Iterator[bytes]:
        """Give the bytes from `start` up to `stop` or the end of the file, 1 MiB at a time.

        Raises:
            PhotoRefused: `unreadable`.
        """
        while start < stop and (piece := self.some(start, min(PIECE_BYTES, stop - start))):
            yield piece
            start += len(piece)

    def zeros_from(self, start: int, stop: int) -> int:
        """Give the place from which there are only zero bytes up to `stop`.

        It is `stop` where the last byte is none, and `start` where all are.

        Raises:
            PhotoRefused: `unreadable`.
        """
        end = stop
        while end > start:
            begin = max(start, end - PIECE_BYTES)
            kept = self.some(begin, end - begin).rstrip(b"\0")
            if kept:
                return begin + len(kept)
            end = begin
        return start
