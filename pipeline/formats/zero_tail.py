"""An unfinished copy told from a dark picture, where pixels lie uncompressed in a file.

Programs that copy often give a file its full length first: what has not been copied yet is zero,
and BMP and WBMP have nothing at their end that would be missing. But zero is black (or a
palette's first colour, often the background), and product photographs on pure black exist.
"""

from __future__ import annotations

from typing import Final

from pipeline.formats.reader import Reader
from pipeline.refusals import truncated_with_zeros

__all__ = ["refuse_zero_tail"]

_PAGE_BYTES: Final = 4096
"""Copies are written in multiples of this: an end that starts right on one is theirs."""
_LARGE_BYTES: Final = 64 << 10
_ROWS_COMPARED: Final = 4


def refuse_zero_tail(reader: Reader, start: int, stride: int, rows: int, pixel_bytes: int) -> None:
    """Refuse pixels whose end is empty in a way that no black background is.

    An end of zeros that begins exactly on a page and is at least a page long is a copy's: one
    picture in 4096 with such an end does so by chance. Otherwise the end counts as empty where
    it is zero for at least 64 KiB and an eighth of the data, or for a page and half of the data,
    unless the rows before it begin and end with zeros too: a background reaches the edges.

    Args:
        reader: the file.
        start: place of the pixels' first byte.
        stride: bytes a row, padding included.
        rows: rows in the order of the file, whether the topmost comes first or last.
        pixel_bytes: bytes from the start of a row that belong to its pixels.

    Raises:
        PhotoRefused: `truncated`.
    """
    total = stride * rows
    zeros_at = reader.zeros_from(start, start + total)
    zeros = start + total - zeros_at
    if zeros_at == start:
        return  # uniform: nothing tells black from nothing
    if zeros >= _PAGE_BYTES and zeros_at % _PAGE_BYTES == 0:
        raise truncated_with_zeros()
    large = zeros >= _LARGE_BYTES and zeros * 8 >= total
    half = zeros >= _PAGE_BYTES and zeros * 2 >= total
    if (large or half) and not _black_edges(reader, start, zeros_at, stride, pixel_bytes):
        raise truncated_with_zeros()


def _black_edges(reader: Reader, start: int, zeros_at: int, stride: int, pixel_bytes: int) -> bool:
    """Whether the last whole rows before the zeros begin and end with zeros."""
    row = (zeros_at - start) // stride
    compared = range(max(0, row - _ROWS_COMPARED), row)
    edge = max(1, min(3, pixel_bytes // 8))
    for number in compared:
        pixels = reader.exactly(start + number * stride, pixel_bytes)
        if any(pixels[:edge]) or any(pixels[-edge:]):
            return False
    return len(compared) > 0
