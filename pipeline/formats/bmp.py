"""Measures a BMP: what its header promises must be there (Microsoft, "Bitmap Storage")."""

from __future__ import annotations

import struct
from typing import Final

from pipeline.formats.bmp_runs import walk_runs
from pipeline.formats.reader import Source
from pipeline.formats.structure import MOST_NOTES_BYTES, Notes, Structure
from pipeline.formats.zero_tail import refuse_unfinished
from pipeline.refusals import checked_size, cut, damaged, not_taken
from pipeline.values import Limits, Profile

__all__ = ["walk_bmp"]

_OLD_HEADER: Final = 12
_HEADERS: Final = (_OLD_HEADER, 40, 52, 56, 64, 108, 124)
"""Lengths of the headers that are in use and that Pillow reads, in bytes."""
_RAW, _RUNS8, _RUNS4, _MASKS = 0, 1, 2, 3
_OS2_HEADER: Final = 64
_DEPTHS: Final = {_RAW: (1, 4, 8, 16, 24, 32), _RUNS8: (8,), _RUNS4: (4,), _MASKS: (16, 24, 32)}
_EXPORT: Final = "export it again as PNG or JPEG"
_SRGB, _EMBEDDED, _LINKED = 0x73524742, 0x4D424544, 0x4C494E4B


def walk_bmp(source: Source, limits: Limits) -> Structure:
    """Read the header, and see that all rows are in the file.

    The size that the file header claims is not believed: many programs leave it wrong.

    Raises:
        PhotoRefused: `truncated`, `damaged`, `format_not_taken`, `too_many_pixels`.
    """
    offset = int.from_bytes(source.exactly(10, 4), "little")
    header_bytes = int.from_bytes(source.exactly(14, 4), "little")
    if header_bytes not in _HEADERS:
        raise not_taken("a kind of BMP that hardly any program reads", _EXPORT)
    header = source.exactly(14, header_bytes)
    width, height, depth, packing, told_bytes = _measures(header)
    width, height = checked_size(width, abs(height), limits)
    if packing not in _DEPTHS or (header_bytes == _OS2_HEADER and packing == _MASKS):
        raise not_taken("a BMP with another kind of picture packed inside", _EXPORT)
    if depth not in _DEPTHS[packing]:
        raise damaged(f"it claims {depth} bits a pixel, which there is not")
    if offset < 14 + header_bytes:
        if offset:
            raise damaged("its pixels overlap its description")
        offset = 14 + header_bytes
    if packing in (_RUNS8, _RUNS4):
        end = walk_runs(source, offset, told_bytes, height, depth)
    else:
        stride = (width * depth + 31) // 32 * 4
        end = offset + stride * height
        if end > source.size:
            raise cut()
        refuse_unfinished(source, offset, stride, height, (width * depth + 7) // 8)
    notes, profile_end = _colours(source, header)
    return Structure(
        width=width,
        height=height,
        bit_depth={16: 5, 24: 8, 32: 8}.get(depth, depth),
        trailing=source.size > max(end, profile_end),
        notes=notes,
    )


def _measures(header: bytes) -> tuple[int, int, int, int, int]:
    """Give width, height (negative where the top row comes first), bits, packing, data bytes."""
    if len(header) == _OLD_HEADER:
        width, height, _, depth = struct.unpack_from("<HHHH", header, 4)
        return width, height, depth, _RAW, 0
    width, height, _, depth, packing, told = struct.unpack_from("<iiHHII", header, 4)
    return width, height, depth, packing, told


def _colours(source: Source, header: bytes) -> tuple[Notes, int]:
    """Give what versions 4 and 5 say of colours, and where an embedded profile ends."""
    if len(header) < 108:
        return Notes(), 0
    space = int.from_bytes(header[56:60], "little")
    if space == _SRGB:
        return Notes(colours=Profile.SRGB), 0
    if len(header) < 124 or space not in (_EMBEDDED, _LINKED):
        return Notes(), 0
    start, length = (int.from_bytes(header[at : at + 4], "little") for at in (112, 116))
    start += 14  # counted from the header, not from the file
    if length > MOST_NOTES_BYTES or start + length > source.size:
        return Notes(icc=b""), 0
    if space == _LINKED:  # the path of a file on somebody's computer
        return Notes(colours=Profile.OTHER, private=True), start + length
    return Notes(icc=source.exactly(start, length)), start + length
