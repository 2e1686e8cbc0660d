"""BMP: what its header promises must be there (Microsoft, "Bitmap Storage")."""

from __future__ import annotations

import struct
from typing import Final

from pipeline.formats.bmp_masks import Masks, UsualRows, usual_header
from pipeline.formats.patched import Piece
from pipeline.formats.reader import MOST_METADATA_BYTES, Metadata, Reader, Structure
from pipeline.formats.zero_tail import refuse_zero_tail
from pipeline.refusals import checked_size, damaged, not_taken, truncated, truncated_with_zeros
from pipeline.values import Limits, Oddity, Profile

__all__ = ["decodable", "icc_from_metadata", "walk"]

_OLD_HEADER: Final = 12
_HEADERS: Final = (_OLD_HEADER, 40, 52, 56, 64, 108, 124)
"""Lengths of the headers that are in use and that Pillow reads, in bytes."""
_RAW, _RUNS8, _RUNS4, _MASKS = 0, 1, 2, 3
_COLOURS_AT: Final = 46
"""Where all headers but the oldest tell how many colours the palette has."""
_MOST_COLOURS: Final = 1 << 16
"""Whoever tells more has no palette, but a broken header."""
_OS2_HEADER: Final = 64
_DEPTHS: Final = {_RAW: (1, 4, 8, 16, 24, 32), _RUNS8: (8,), _RUNS4: (4,), _MASKS: (16, 24, 32)}
_EXPORT: Final = "export it again as PNG or JPEG"
_SRGB, _EMBEDDED, _LINKED = 0x73524742, 0x4D424544, 0x4C494E4B

_MOST_WALKED_BYTES: Final = 8 << 20
"""Bytes of run lengths that are walked, in about a second; of longer data only the end mark is
looked for."""
_END_OF_RUNS: Final = b"\0\1"


def walk(reader: Reader, limits: Limits) -> Structure:
    """Read the header, and see that all rows are in the file.

    The size that the file header claims is not believed: many programs leave it wrong.

    Raises:
        PhotoRefused: `truncated`, `damaged`, `format_not_taken`, `too_many_pixels`.
    """
    offset = int.from_bytes(reader.exactly(10, 4), "little")
    header_bytes = int.from_bytes(reader.exactly(14, 4), "little")
    if header_bytes not in _HEADERS:
        raise not_taken("a kind of BMP that hardly any program reads", _EXPORT)
    header = reader.exactly(14, header_bytes)
    width, height, depth, packing, told_bytes = _measures(header)
    width, height = checked_size(width, abs(height), limits)
    if packing not in _DEPTHS or (header_bytes == _OS2_HEADER and packing == _MASKS):
        raise not_taken("a BMP with another kind of picture packed inside", _EXPORT)
    if depth not in _DEPTHS[packing]:
        raise damaged(f"it says that each pixel has {depth} bits, and no BMP has")
    described = _description_end(header, packing)
    if offset < described:
        if offset:
            raise damaged("its picture data begins too early")
        offset = described
    if packing in (_RUNS8, _RUNS4):
        end = _end_of_runs(reader, offset, told_bytes, height, depth)
    else:
        stride = (width * depth + 31) // 32 * 4
        end = offset + stride * height
        if end > reader.size:
            raise truncated()
        refuse_zero_tail(reader, offset, stride, height, (width * depth + 7) // 8)
    metadata, profile_end = _metadata(reader, header)
    masks = _unusual_masks(reader, header)
    if masks is not None and not masks.sensible:
        raise damaged("it does not say which part of a pixel is which colour")
    return Structure(
        width=width,
        height=height,
        bit_depth=masks.bit_depth if masks else {16: 5, 24: 8, 32: 8}.get(depth, depth),
        oddities=_oddities(masks, header),
        trailing=reader.size > max(end, profile_end),
        metadata=metadata,
    )


def decodable(reader: Reader) -> list[Piece] | None:
    """Return the pieces that a decoder is to see, None where it may see all of the file.

    Raises:
        PhotoRefused: `truncated`.
    """
    offset, header_bytes = (int.from_bytes(reader.exactly(at, 4), "little") for at in (10, 14))
    header = reader.exactly(14, header_bytes)
    masks = _unusual_masks(reader, header)
    if masks is None:
        if not (most := _colours_too_many(header)):
            return None
        return [(0, _COLOURS_AT), struct.pack("<I", most), (_COLOURS_AT + 4, reader.size)]
    width, height, _, packing, _ = _measures(header)
    start = offset or _description_end(header, packing)
    rows = UsualRows(masks, start, width, abs(height))
    return [usual_header(masks, width, height), rows]


def _oddities(masks: Masks | None, header: bytes) -> tuple[Oddity, ...]:
    if masks:
        return (Oddity.BIT_MASKS,)
    return (Oddity.LONG_PALETTE,) if _colours_too_many(header) else ()


def _colours_too_many(header: bytes) -> int:
    """Return how many colours a pixel can have, 0 where no more than that are told.

    Browsers leave the others out, which no pixel can have.
    """
    if len(header) == _OLD_HEADER:
        return 0
    _, _, depth, _, _ = _measures(header)
    told = int.from_bytes(header[_COLOURS_AT - 14 : _COLOURS_AT - 10], "little")
    return 1 << depth if depth <= 8 and 256 < told <= _MOST_COLOURS else 0


def _description_end(header: bytes, packing: int) -> int:
    """Return the place behind the header, and behind the masks that a short one has there."""
    return 14 + len(header) + (12 if packing == _MASKS and len(header) == 40 else 0)


def _unusual_masks(reader: Reader, header: bytes) -> Masks | None:
    """Return the masks under which colours lie, None where there are none or usual ones."""
    _, _, depth, packing, _ = _measures(header)
    if packing != _MASKS or depth not in (16, 32) or len(header) == _OS2_HEADER:
        return None
    # Behind the shortest header, and inside all others; alpha came with the third of them.
    told = reader.exactly(14 + 40, 12)
    red, green, blue = struct.unpack("<3I", told)
    alpha = int.from_bytes(header[52:56], "little") if len(header) >= 56 else 0
    masks = Masks(depth=depth, red=red, green=green, blue=blue, alpha=alpha)
    return masks if masks.unusual else None


def icc_from_metadata(reader: Reader, *, embedded: bool) -> bytes:
    """Return the ICC profile in a BMP's header, where Pillow does not look; else empty bytes.

    Args:
        reader: the file.
        embedded: whether Pillow found one.

    Raises:
        PhotoRefused: `truncated`.
    """
    if embedded:
        return b""
    header_bytes = int.from_bytes(reader.exactly(14, 4), "little")
    metadata, _ = _metadata(reader, reader.exactly(14, header_bytes))
    return metadata.icc or b""


def _measures(header: bytes) -> tuple[int, int, int, int, int]:
    """Return width, height (negative where the top row comes first), bits, packing, data bytes."""
    if len(header) == _OLD_HEADER:
        width, height, _, depth = struct.unpack_from("<HHHH", header, 4)
        return width, height, depth, _RAW, 0
    width, height, _, depth, packing, told = struct.unpack_from("<iiHHII", header, 4)
    return width, height, depth, packing, told


def _metadata(reader: Reader, header: bytes) -> tuple[Metadata, int]:
    """Return what versions 4 and 5 say of colours, and where an embedded profile ends."""
    if len(header) < 108:
        return Metadata(), 0
    space = int.from_bytes(header[56:60], "little")
    if space == _SRGB:
        return Metadata(profile=Profile.SRGB), 0
    if len(header) < 124 or space not in (_EMBEDDED, _LINKED):
        return Metadata(), 0
    start, length = (int.from_bytes(header[at : at + 4], "little") for at in (112, 116))
    start += 14  # counted from the header, not from the file
    if length > MOST_METADATA_BYTES or start + length > reader.size:
        return Metadata(icc=b""), 0
    if space == _LINKED:  # the path of a file on somebody's computer
        return Metadata(profile=Profile.OTHER, private=True), start + length
    return Metadata(icc=reader.exactly(start, length)), start + length


def _end_of_runs(reader: Reader, start: int, told_bytes: int, height: int, depth: int) -> int:
    """Return the place behind the last run.

    Args:
        reader: the file.
        start: place of the first run.
        told_bytes: bytes of all runs as the header says, 0 where it does not.
        height: rows of the picture.
        depth: 4 or 8 bits a pixel.

    Raises:
        PhotoRefused: `truncated` where the data ends before its end mark and before the last row.
    """
    stop = start + told_bytes if told_bytes else reader.size
    if stop > reader.size or start >= reader.size:
        raise truncated()
    if stop - start > _MOST_WALKED_BYTES:
        last = reader.zeros_from(start, stop)
        if last - start < 2 or reader.exactly(last - 2, 2) != _END_OF_RUNS:
            raise truncated_with_zeros() if last < stop else truncated()
        return last
    return start + _runs_bytes(reader.exactly(start, stop - start), height, depth)


def _runs_bytes(data: bytes, height: int, depth: int) -> int:
    """Return the length with the end mark; rows are counted, columns are the decoder's."""
    place, row = 0, 0
    while place + 2 <= len(data):
        count, value = data[place], data[place + 1]
        place += 2
        if count:
            continue
        if value == 0:
            row += 1
            if row > height:  # the empty end of a copy reads as one end of line after the other
                raise truncated_with_zeros()
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
        raise truncated()
    return len(data)
