"""Walks along the run lengths of a compressed BMP to their end mark."""

from __future__ import annotations

from typing import Final

from pipeline.formats.reader import Source
from pipeline.refusals import cut, cut_with_zeros

__all__ = ["walk_runs"]

MOST_WALKED_BYTES: Final = 8 << 20
"""Bytes that are walked, in about a second; of longer data only the end mark is looked for."""
_END: Final = b"\0\1"


def walk_runs(source: Source, start: int, told_bytes: int, height: int, depth: int) -> int:
    """Give the place behind the last run.

    Args:
        source: the file.
        start: place of the first run.
        told_bytes: bytes of all runs as the header says, 0 where it does not.
        height: rows of the picture.
        depth: 4 or 8 bits a pixel.

    Raises:
        PhotoRefused: `truncated` where the data ends before its end mark and before the last row.
    """
    stop = start + told_bytes if told_bytes else source.size
    if stop > source.size or start >= source.size:
        raise cut()
    if stop - start > MOST_WALKED_BYTES:
        last = source.zeros_from(start, stop)
        if last - start < 2 or source.exactly(last - 2, 2) != _END:
            raise cut_with_zeros() if last < stop else cut()
        return last
    return start + _walked(source.exactly(start, stop - start), height, depth)


def _walked(data: bytes, height: int, depth: int) -> int:
    """Give the length up to and with the end mark; rows are counted, columns are the decoder's."""
    place, row = 0, 0
    while place + 2 <= len(data):
        count, value = data[place], data[place + 1]
        place += 2
        if count:
            continue
        if value == 0:
            row += 1
            if row > height:  # the empty end of a copy reads as one end of line after the other
                raise cut_with_zeros()
        elif value == 1:
            return place
        elif value == 2:
            if place + 2 <= len(data):
                row += data[place + 1]
            place += 2
        else:
            stored = (value * depth + 7) // 8
            place += stored + (stored & 1)
    if row < height:
        raise cut()
    return len(data)
