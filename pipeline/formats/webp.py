"""Walks along a WebP from chunk to chunk to the end that its header names (RFC 9649)."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import Final

from pipeline.formats.reader import Source
from pipeline.formats.structure import MOST_NOTES_BYTES, Notes, Structure
from pipeline.refusals import checked_size, cut, cut_with_zeros, damaged, too_many_frames
from pipeline.values import Limits

__all__ = ["walk_webp"]

_ANIMATION: Final = 0x02
_FRAME_HEADER: Final = 16
_IMAGES: Final = (b"VP8 ", b"VP8L")
_SUSPICIOUS_ZEROS: Final = 256
_PIXELS_A_ZERO: Final = 8192
"""Compressed data ends in a run of zero bytes only where the picture ends in one plain colour:
at most one in some 10,000 pixels, and a twentieth of the whole (measured with libwebp 1.6)."""


@dataclass(slots=True)
class _Found:
    size: tuple[int, int] = (0, 0)
    flags: int = 0
    extended: bool = False
    stills: int = 0
    frames: int = 0
    exif: list[bytes] = field(default_factory=list)
    xmp: list[bytes] = field(default_factory=list)
    icc: bytes | None = None
    private: bool = False


def walk_webp(source: Source, limits: Limits) -> Structure:
    """Walk over all chunks to the size that the header names.

    Pillow decodes a WebP whose second half is zero without a word, hence the look at its end.

    Raises:
        PhotoRefused: `truncated`, `damaged`, `too_many_pixels`, `too_many_frames`.
    """
    end = 8 + int.from_bytes(source.exactly(4, 4), "little")
    if end > source.size:
        raise cut()
    found = _Found()
    _walk_chunks(source, 12, end, found, limits, inside_frame=False)
    if found.flags & _ANIMATION:
        if not found.frames:
            raise damaged("it has no picture in it")
    elif found.stills != 1:
        raise damaged("it has no picture in it, or several")
    return Structure(
        width=found.size[0],
        height=found.size[1],
        bit_depth=8,
        frames=max(1, found.frames),
        # An odd size may be padded with one byte.
        trailing=source.size > end + (end & 1),
        notes=Notes(
            exif=tuple(found.exif), xmp=tuple(found.xmp), icc=found.icc, private=found.private
        ),
    )


def _walk_chunks(
    source: Source, place: int, end: int, found: _Found, limits: Limits, *, inside_frame: bool
) -> None:
    while place < end:
        if place + 8 > end:
            raise damaged("its parts do not add up to its size")
        kind, length = struct.unpack("<4sI", source.exactly(place, 8))
        start, place = place + 8, place + 8 + length
        if place > end:
            if source.zeros_from(start - 8, source.size) <= start:
                raise cut_with_zeros()
            raise damaged("its parts do not add up to its size")
        if kind == b"\0\0\0\0":
            raise cut_with_zeros()
        if kind in _IMAGES:
            _read_image(source, kind, start, length, found, limits, inside_frame=inside_frame)
        elif kind == b"ALPH":
            _refuse_empty_end(source, start, length, found.size)
        elif not inside_frame:
            _read_outer(source, kind, start, length, found, limits)
        place += length & 1  # chunks are padded to an even length


def _read_outer(
    source: Source, kind: bytes, start: int, length: int, found: _Found, limits: Limits
) -> None:
    """Read a chunk that may only stand outside of an animation's frames."""
    if kind == b"ANMF":
        found.frames += 1
        if found.frames > limits.most_frames:
            raise too_many_frames(limits)
        if length < _FRAME_HEADER:
            raise damaged("a picture in it is too short")
        before = found.stills
        inner = start + _FRAME_HEADER
        _walk_chunks(source, inner, start + length, found, limits, inside_frame=True)
        if found.stills != before + 1:
            raise damaged("a picture in it is missing")
        return
    if kind == b"VP8X":
        head = source.exactly(start, 10)
        if start != 20 or length < 10:
            raise damaged("its description makes no sense")
        found.extended, found.flags = True, head[0]
        found.size = checked_size(
            1 + int.from_bytes(head[4:7], "little"),
            1 + int.from_bytes(head[7:10], "little"),
            limits,
        )
    elif kind in (b"EXIF", b"XMP ", b"ICCP"):
        if length > MOST_NOTES_BYTES:
            raise damaged("its notes are larger than any picture's")
        content = source.exactly(start, length)
        if kind == b"EXIF":
            found.exif.append(content.removeprefix(b"Exif\0\0"))
        elif kind == b"XMP ":
            found.xmp.append(content)
        else:
            found.icc = content
    elif kind != b"ANIM":
        found.private = True  # a program's own: it may say anything


def _read_image(
    source: Source,
    kind: bytes,
    start: int,
    length: int,
    found: _Found,
    limits: Limits,
    *,
    inside_frame: bool,
) -> None:
    head = source.exactly(start, min(length, 10))
    if kind == b"VP8 ":
        # RFC 6386, 9.1: a key frame, the length of its first partition, a fixed mark, the size.
        if length < 10 or head[0] & 1 or head[3:6] != b"\x9d\x01\x2a":
            raise damaged("its picture data begins wrongly")
        if 10 + (int.from_bytes(head[:3], "little") >> 5) > length:
            raise cut()
        width, height = (int.from_bytes(head[at : at + 2], "little") & 0x3FFF for at in (6, 8))
    else:
        # RFC 9649, 3.4: a fixed mark, then 14 bits each of width and height less one, then alpha.
        if length < 5 or head[0] != 0x2F:
            raise damaged("its picture data begins wrongly")
        bits = int.from_bytes(head[1:5], "little")
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    checked_size(width, height, limits)
    if found.flags & _ANIMATION and not inside_frame:
        return  # not a part of the animation; decoders pass over it
    found.stills += 1
    if not found.extended:
        found.size = (width, height)
    _refuse_empty_end(source, start, length, (width, height))


def _refuse_empty_end(source: Source, start: int, length: int, size: tuple[int, int]) -> None:
    zeros = start + length - source.zeros_from(start, start + length)
    natural = 4 * _SUSPICIOUS_ZEROS + size[0] * size[1] // _PIXELS_A_ZERO
    if zeros > natural or zeros >= max(_SUSPICIOUS_ZEROS, length // 8):
        raise cut_with_zeros()
