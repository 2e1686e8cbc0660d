"""What a walk along a file needs and gives, in one shape for all formats.

A walk is a function from a `Reader` and the `Limits` to a `Structure`. It goes from the first byte
to the last that belongs to the picture, reads in bounded pieces, decodes no pixels, and raises
`PhotoRefused` where the file ends early or contradicts itself.

The file is not read by `mmap`: one that shrinks on a network share while it is mapped kills the
whole process (SIGBUS); read this way it is a short read, which is one refused photograph.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

from pipeline.refusals import truncated, unreadable
from pipeline.values import Oddity, Profile

__all__ = ["MOST_METADATA_BYTES", "PIECE_BYTES", "Metadata", "Reader", "Structure"]

PIECE_BYTES: Final = 1 << 20

MOST_METADATA_BYTES: Final = 32 << 20
"""Bytes of metadata in a picture. Photoshop's history reaches some ten megabytes; what is larger
is no metadata, and Pillow would hold all of it in memory, several times."""


class Reader:
    """Reads an open file at any place; its size is that of the moment of opening."""

    def __init__(self, file: BinaryIO) -> None:
        """Take a file open for reading; its position is not kept.

        Raises:
            PhotoRefused: `unreadable`.
        """
        self._file = file
        try:
            self.size = file.seek(0, os.SEEK_END)
        except OSError as error:
            raise unreadable(error) from error

    def some(self, start: int, length: int) -> bytes:
        """Return up to `length` bytes from `start`, fewer at the end of the file.

        Raises:
            PhotoRefused: `unreadable`.
        """
        try:
            self._file.seek(start)
            return self._file.read(length)
        except OSError as error:
            raise unreadable(error) from error

    def exactly(self, start: int, length: int) -> bytes:
        """Return `length` bytes from `start`.

        Raises:
            PhotoRefused: `truncated` where the file ends before, or `unreadable`.
        """
        if start + length > self.size:  # before reading: lengths in a file may be anything
            raise truncated()
        found = self.some(start, length)
        if len(found) < length:
            raise truncated()
        return found

    def pieces(self, start: int, stop: int) -> Iterator[bytes]:
        """Yield the bytes from `start` up to `stop` or the end of the file, 1 MiB at a time.

        Raises:
            PhotoRefused: `unreadable`.
        """
        while start < stop and (piece := self.some(start, min(PIECE_BYTES, stop - start))):
            yield piece
            start += len(piece)

    def zeros_from(self, start: int, stop: int) -> int:
        """Return the place from which there are only zero bytes up to `stop`.

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """Metadata blocks as they lie in the file, not understood yet.

    Attributes:
        exif: TIFF-shaped EXIF blocks without the `Exif` mark before them.
        xmp: XMP packets.
        photoshop: Photoshop resource blocks (with IPTC, thumbnails), without the mark.
        icc: the embedded ICC profile; empty bytes where there is one that cannot be read.
        profile: what the file says of its colours otherwise, where it does.
        private: something was seen whose very presence may give people or places away.
    """

    exif: tuple[bytes, ...] = ()
    xmp: tuple[bytes, ...] = ()
    photoshop: tuple[bytes, ...] = ()
    icc: bytes | None = None
    profile: Profile | None = None
    private: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Structure:
    """A picture whose structure reaches its end.

    Attributes:
        width: pixels as stored; a decoder must see the same.
        height: pixels as stored; a decoder must see the same.
        bit_depth: bits a sample; for a palette, bits of an index.
        frames: pictures in an animation, 1 for a still.
        trailing: bytes lie behind the end.
        oddities: what else is unusual, each once.
        metadata: what it says beside its picture.
    """

    width: int
    height: int
    bit_depth: int
    frames: int = 1
    trailing: bool = False
    oddities: tuple[Oddity, ...] = ()
    metadata: Metadata = Metadata()
