"""Walks along a PNG from chunk to chunk, with their check sums (PNG, third edition, section 5)."""

from __future__ import annotations

import re
import struct
import zlib
from dataclasses import dataclass, field
from typing import Final

from pipeline.formats.png_notes import PngNotes
from pipeline.formats.reader import Source
from pipeline.formats.structure import MOST_NOTES_BYTES, Structure
from pipeline.refusals import checked_size, cut, cut_with_zeros, damaged, too_many_frames
from pipeline.values import Limits

__all__ = ["walk_png"]

_TYPE: Final = re.compile(rb"[A-Za-z]{4}")
_DEPTHS: Final = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
"""For each colour type the bits a sample that there are (table 12)."""
_PALETTE: Final = 3
_KEPT: Final = MOST_NOTES_BYTES
"""Bytes of a chunk that are read as a whole; picture data is only summed, a piece at a time."""


@dataclass(slots=True)
class _Found:
    width: int = 0
    height: int = 0
    depth: int = 0
    colour: int = 0
    palette: bool = False
    data_bytes: int = 0
    data_ended: bool = False
    declared_frames: int = 0
    frames: int = 0
    notes_bytes: int = 0
    notes: PngNotes = field(default_factory=PngNotes)


def walk_png(source: Source, limits: Limits) -> Structure:
    """Walk over all chunks to `IEND`, and compare every check sum.

    A compressed stream that ends early inside whole chunks is found by decoding only.

    Raises:
        PhotoRefused: `truncated`, `damaged`, `too_many_pixels`, `too_many_frames`.
    """
    found = _Found()
    place, kind = 8, b""
    while kind != b"IEND":
        length, kind = struct.unpack(">I4s", source.exactly(place, 8))
        if not _TYPE.fullmatch(kind) or length > 0x7FFFFFFF:
            if source.zeros_from(place, source.size) == place:
                raise cut_with_zeros()
            raise damaged("something else stands where its next part should begin")
        if place == 8 and (kind != b"IHDR" or length != 13):
            raise damaged("its description is missing")
        if place + length + 12 > source.size:
            raise cut()
        content = _verified(source, place, length, kind)
        place += length + 12
        _read_chunk(kind, length, content, found, limits)
    if not found.data_bytes:
        raise damaged("it has no picture in it")
    if found.colour == _PALETTE and not found.palette:
        raise damaged("its colours are missing")
    if found.frames > limits.most_frames:
        raise too_many_frames(limits)
    return Structure(
        width=found.width,
        height=found.height,
        bit_depth=found.depth,
        frames=max(1, min(found.declared_frames, found.frames)),
        trailing=place < source.size,
        notes=found.notes.gathered(),
    )


def _verified(source: Source, place: int, length: int, kind: bytes) -> bytes:
    """Compare the check sum of a chunk; give its content unless it is picture data."""
    told = int.from_bytes(source.exactly(place + 8 + length, 4), "big")
    if kind in (b"IDAT", b"fdAT") or length > _KEPT:
        content, total = b"", zlib.crc32(kind)
        for piece in source.pieces(place + 8, place + 8 + length):
            total = zlib.crc32(piece, total)
    else:
        content = source.exactly(place + 8, length)
        total = zlib.crc32(content, zlib.crc32(kind))
    if total == told:
        return content
    # A copy that stopped halfway leaves the rest of the file empty.
    if source.zeros_from(place + 8, source.size) < place + 8 + length:
        raise cut_with_zeros()
    raise damaged("a part of it does not match its check sum")


def _read_chunk(kind: bytes, length: int, content: bytes, found: _Found, limits: Limits) -> None:
    if kind == b"IDAT":
        if found.data_ended:
            raise damaged("its picture data is torn apart")
        found.data_bytes += length
        return
    found.data_ended |= found.data_bytes > 0
    if kind == b"fdAT":
        return
    found.notes_bytes += length
    if found.notes_bytes > MOST_NOTES_BYTES:
        raise damaged("its notes are larger than any picture's")
    if kind == b"IHDR":
        _read_header(content, found, limits)
    elif kind == b"PLTE":
        found.palette = True
    elif kind == b"acTL":
        # Twice, or none, or behind the picture: then it is a still (PNG, 11.3.6.2).
        declared = int.from_bytes(content[:4], "big") if len(content) == 8 else 0
        once = not found.declared_frames and not found.data_bytes
        found.declared_frames = declared if once else 0
    elif kind == b"fcTL":
        found.frames += 1
    elif kind not in (b"tRNS", b"IEND"):
        if kind[0] < ord("a"):
            raise damaged("it has a part that no program knows")
        found.notes.read(kind, content)


def _read_header(content: bytes, found: _Found, limits: Limits) -> None:
    if found.width:
        raise damaged("it describes itself twice")
    width, height, depth, colour, packing, filtering, lacing = struct.unpack(">IIBBBBB", content)
    if depth not in _DEPTHS.get(colour, ()) or packing or filtering or lacing > 1:
        raise damaged("its description makes no sense")
    found.width, found.height = checked_size(width, height, limits)
    found.depth, found.colour = depth, colour
