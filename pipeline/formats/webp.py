"""WebP, from chunk to chunk to the end that its header names (RFC 9649)."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from pipeline.formats.exif import EXIF_MARK
from pipeline.formats.notice import Notice
from pipeline.formats.patched import Piece
from pipeline.formats.reader import MOST_METADATA_BYTES, Metadata, Reader, Structure
from pipeline.refusals import (
    Damage,
    checked_size,
    damaged,
    too_many_frames,
    truncated,
    truncated_with_zeros,
)
from pipeline.values import Limits, Oddity

__all__ = ["decodable", "notes", "shown", "strip_metadata", "walk"]

_HEADER_BYTES: Final = 12
_ALPHA, _EXIF, _XMP, _ANIMATION = 0x10, 0x08, 0x04, 0x02
"""Flags of a `VP8X` chunk."""
_FRAME_HEADER: Final = 16
_IMAGES: Final = (b"VP8 ", b"VP8L")
_KEPT: Final = frozenset({b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF", b"ICCP"})
"""Chunks that say what is shown and how."""
_NOTES: Final = (b"EXIF", b"XMP ")
_PICTURES: Final = (*_IMAGES, b"ALPH", b"ANMF")
_STRAY: Final = b"stray"
"""What stands in the place of a kind where the rest of a file is no chunk."""
_SUSPICIOUS_ZEROS: Final = 256
_PIXELS_A_ZERO: Final = 8192
"""Compressed data ends in a run of zero bytes only where the picture ends in one plain colour:
at most one in some 10,000 pixels, and a twentieth of the whole (measured with libwebp 1.6)."""


def walk(reader: Reader, limits: Limits) -> Structure:
    """Walk over all chunks to the size that the header names.

    Pillow decodes a WebP whose second half is zero without a word, hence the look at its end.

    Raises:
        PhotoRefused: `truncated`, `damaged`, `too_many_pixels`, `too_many_frames`.
    """
    end = _end(reader)
    found = _Found()
    for chunk in _file_chunks(reader):
        _read_chunk(reader, chunk, found, limits)
    if found.flags & _ANIMATION:
        if not found.frames:
            raise damaged(Damage.NO_PICTURE)
    elif found.stills != 1:
        raise damaged("it has no picture in it, or several")
    return Structure(
        width=found.size[0],
        height=found.size[1],
        bit_depth=8,
        frames=max(1, found.frames),
        # An odd size may be padded with one byte.
        trailing=reader.size > end + (end & 1),
        oddities=(Oddity.DAMAGED_NOTES,) if found.odd else (),
        metadata=Metadata(
            exif=tuple(found.exif),
            xmp=tuple(found.xmp),
            icc=found.icc,
            private=found.private or found.odd,
        ),
    )


def decodable(reader: Reader) -> list[Piece] | None:
    """Return the pieces that a decoder is to see, None where it may see all of the file.

    Raises:
        PhotoRefused: `truncated`, `damaged`.
    """
    for chunk in _file_chunks(reader):
        if chunk.kind == _STRAY:
            size = struct.pack("<I", chunk.start - 8)
            return [b"RIFF", size, (8, chunk.start)]
    return None


def strip_metadata(reader: Reader, notice: Notice) -> bytes:
    """Return the picture with only the chunks that say what is shown and how.

    Args:
        reader: the file.
        notice: who made it and whose it is, to put in; may be empty. A file of the simple kind,
            which has no place for it, becomes one of the extended kind.

    Raises:
        PhotoRefused: `truncated`, `damaged`.
    """
    flags = (_EXIF if notice.exif else 0) | (_XMP if notice.xmp else 0)
    body: list[bytes] = []
    for chunk in _file_chunks(reader):
        if chunk.kind not in _KEPT:
            continue
        content = reader.exactly(chunk.start, chunk.length)
        if chunk.kind == b"VP8X":
            content = bytes([content[0] & ~(_EXIF | _XMP) | flags]) + content[1:]
        elif not body and flags:
            body += _written(b"VP8X", _description(chunk.kind, content, flags))
        body += _written(chunk.kind, content)
    for kind, block in ((b"EXIF", notice.tiff), (b"XMP ", notice.xmp)):
        if block:
            body += _written(kind, block)
    size = len(b"WEBP") + sum(map(len, body))
    return b"".join((b"RIFF", struct.pack("<I", size), b"WEBP", *body))


def notes(reader: Reader) -> dict[str, bytes]:
    """Return what stands in a file as EXIF (`exif`) and XMP (`xmp`), announced or not.

    Raises:
        PhotoRefused: `truncated`, `damaged`.
    """
    found = _Found()
    for chunk in _file_chunks(reader):
        if chunk.kind in _NOTES:
            _read_metadata(reader, chunk, found)
    blocks = {"exif": found.exif, "xmp": found.xmp}
    return {name: block[0] for name, block in blocks.items() if block}


def _description(kind: bytes, content: bytes, flags: int) -> bytes:
    """Return the description that a picture of the simple kind lacks (RFC 9649, 2.7.1)."""
    width, height, alpha = _coded_size(kind, content[:10])
    sides = (side.to_bytes(3, "little") for side in (width - 1, height - 1))
    return bytes([flags | (_ALPHA if alpha else 0), 0, 0, 0]) + b"".join(sides)


def shown(reader: Reader) -> Iterator[bytes]:
    """Yield the chunks that say what is shown and how.

    Of the description only the size of an animation's canvas: a still gets one when metadata is
    written into it, and what it says of the still a decoder says as well.

    Raises:
        PhotoRefused: `truncated`, `damaged`.
    """
    for chunk in _file_chunks(reader):
        if chunk.kind == b"VP8X":
            description = reader.exactly(chunk.start, chunk.length)
            if description[0] & _ANIMATION:
                yield chunk.kind + description[4:]
        elif chunk.kind in _KEPT:
            yield from reader.pieces(chunk.start - 8, chunk.end)


class _Chunk(NamedTuple):
    """A chunk; `start` is the place of its content, `length` is that of its content alone."""

    kind: bytes
    start: int
    length: int

    @property
    def end(self) -> int:
        return self.start + self.length


def _end(reader: Reader) -> int:
    """Return the end that the header names; the file ends before: `truncated`."""
    end = 8 + int.from_bytes(reader.exactly(4, 4), "little")
    if end > reader.size:
        raise truncated()
    return end


def _file_chunks(reader: Reader) -> Iterator[_Chunk]:
    """Yield the chunks of a file up to the end that its header names.

    Where what stands behind the picture does not fit before that end, it comes last, as `_STRAY`:
    browsers do not look that far. Of an animation only notes are known to be no pictures.

    Raises:
        PhotoRefused: `truncated`, `damaged`.
    """
    animated = pictured = False

    def beside(kind: bytes) -> bool:
        return pictured and (kind in _NOTES if animated else kind not in _PICTURES)

    for chunk in _chunks(reader, _HEADER_BYTES, _end(reader), beside):
        if chunk.kind == b"VP8X":
            animated = bool(reader.exactly(chunk.start, 1)[0] & _ANIMATION)
        pictured |= chunk.kind == b"ANMF" if animated else chunk.kind in _IMAGES
        yield chunk


def _nothing_beside(kind: bytes) -> bool:
    return False


def _chunks(
    reader: Reader, place: int, end: int, beside: Callable[[bytes], bool] = _nothing_beside
) -> Iterator[_Chunk]:
    """Yield the chunks from a place up to an end; those in an animation's frames only there.

    Args:
        reader: the file.
        place: where the first one begins.
        end: where the last one ends.
        beside: whether one of a kind that does not fit (no kind at all where only a rest of bytes
            is left) may be passed over.

    Raises:
        PhotoRefused: `truncated`, `damaged`.
    """
    while place < end:
        kind, length = b"", 0
        if place + 8 <= end:
            kind, length = struct.unpack("<4sI", reader.exactly(place, 8))
        chunk = _Chunk(kind, place + 8, length)
        # What stands beside the picture may lack its padding: decoders miss it.
        if chunk.end > end or (chunk.end == end and length & 1 and beside(kind)):
            if kind and reader.zeros_from(place, reader.size) <= chunk.start:
                raise truncated_with_zeros()
            if not beside(kind):
                raise damaged(Damage.PARTS_SIZE)
            yield _Chunk(_STRAY, place, end - place)
            return
        if kind == b"\0\0\0\0":
            raise truncated_with_zeros()
        yield chunk
        place = chunk.end + (length & 1)  # chunks are padded to an even length


def _written(kind: bytes, content: bytes) -> tuple[bytes, ...]:
    return kind, struct.pack("<I", len(content)), content, b"\0" * (len(content) & 1)


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
    odd: bool = False


def _read_chunk(reader: Reader, chunk: _Chunk, found: _Found, limits: Limits) -> None:
    if chunk.kind in _IMAGES:
        if found.flags & _ANIMATION:
            _image_size(reader, chunk, limits)  # no part of the animation; decoders pass over it
        else:
            _read_image(reader, chunk, found, limits)
    elif chunk.kind == b"ALPH":
        _refuse_empty_end(reader, chunk, found.size)
    elif chunk.kind == b"ANMF":
        _read_frame(reader, chunk, found, limits)
    elif chunk.kind == b"VP8X":
        _read_description(reader, chunk, found, limits)
    elif chunk.kind in (*_NOTES, b"ICCP"):
        _read_metadata(reader, chunk, found)
    elif chunk.kind == _STRAY:
        found.odd = True
    elif chunk.kind != b"ANIM":
        found.private = True  # a program's own: it may say anything


def _read_frame(reader: Reader, frame: _Chunk, found: _Found, limits: Limits) -> None:
    """Read a picture of an animation; what else lies in it is passed over."""
    found.frames += 1
    if found.frames > limits.most_frames:
        raise too_many_frames(limits)
    if frame.length < _FRAME_HEADER:
        raise damaged("a picture in it is too short")
    before = found.stills
    for chunk in _chunks(reader, frame.start + _FRAME_HEADER, frame.end):
        if chunk.kind in _IMAGES:
            _read_image(reader, chunk, found, limits)
        elif chunk.kind == b"ALPH":
            _refuse_empty_end(reader, chunk, found.size)
    if found.stills != before + 1:
        raise damaged("a picture in it is missing")


def _read_description(reader: Reader, chunk: _Chunk, found: _Found, limits: Limits) -> None:
    head = reader.exactly(chunk.start, 10)
    if chunk.start != _HEADER_BYTES + 8 or chunk.length < 10:
        raise damaged(Damage.DESCRIPTION_SENSELESS)
    found.extended, found.flags = True, head[0]
    width, height = (1 + int.from_bytes(head[at : at + 3], "little") for at in (4, 7))
    found.size = checked_size(width, height, limits)


def _read_metadata(reader: Reader, chunk: _Chunk, found: _Found) -> None:
    if chunk.length > MOST_METADATA_BYTES:
        raise damaged(Damage.METADATA_LARGE)
    content = reader.exactly(chunk.start, chunk.length)
    if chunk.kind == b"EXIF":
        found.exif.append(content.removeprefix(EXIF_MARK))
    elif chunk.kind == b"XMP ":
        found.xmp.append(content)
    else:
        found.icc = content


def _read_image(reader: Reader, chunk: _Chunk, found: _Found, limits: Limits) -> None:
    size = _image_size(reader, chunk, limits)
    found.stills += 1
    if not found.extended:
        found.size = size
    _refuse_empty_end(reader, chunk, size)


def _image_size(reader: Reader, chunk: _Chunk, limits: Limits) -> tuple[int, int]:
    """Return width × height in pixels as coded data says them; it must begin rightly."""
    head = reader.exactly(chunk.start, min(chunk.length, 10))
    if chunk.kind == b"VP8 ":
        # RFC 6386, 9.1: a key frame, the length of its first partition, a fixed mark, the size.
        if chunk.length < 10 or head[0] & 1 or head[3:6] != b"\x9d\x01\x2a":
            raise damaged(Damage.PIXELS_BEGIN_WRONGLY)
        if 10 + (int.from_bytes(head[:3], "little") >> 5) > chunk.length:
            raise truncated()
    elif chunk.length < 5 or head[0] != 0x2F:
        # RFC 9649, 3.4: a fixed mark.
        raise damaged(Damage.PIXELS_BEGIN_WRONGLY)
    width, height, _ = _coded_size(chunk.kind, head)
    return checked_size(width, height, limits)


def _coded_size(kind: bytes, head: bytes) -> tuple[int, int, bool]:
    """Return width × height in pixels, and whether there is alpha, by the start of coded data."""
    if kind == b"VP8 ":
        width, height = (int.from_bytes(head[at : at + 2], "little") & 0x3FFF for at in (6, 8))
        return width, height, False
    # RFC 9649, 3.4: 14 bits each of width and height less one, then alpha.
    bits = int.from_bytes(head[1:5], "little")
    return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1, bool(bits >> 28 & 1)


def _refuse_empty_end(reader: Reader, chunk: _Chunk, size: tuple[int, int]) -> None:
    zeros = chunk.end - reader.zeros_from(chunk.start, chunk.end)
    natural = 4 * _SUSPICIOUS_ZEROS + size[0] * size[1] // _PIXELS_A_ZERO
    if zeros > natural or zeros >= max(_SUSPICIOUS_ZEROS, chunk.length // 8):
        raise truncated_with_zeros()
