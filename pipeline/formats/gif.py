"""GIF, from block to block to its end mark (GIF89a specification)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from pipeline.formats.notice import Notice
from pipeline.formats.reader import (
    MOST_METADATA_BYTES,
    PIECE_BYTES,
    Metadata,
    Reader,
    Structure,
)
from pipeline.refusals import (
    Damage,
    checked_size,
    damaged,
    too_many_frames,
    truncated,
    truncated_with_zeros,
)
from pipeline.values import Limits, Oddity

__all__ = ["GifPicture", "notes", "pictures", "shown", "strip_metadata", "walk", "written_notice"]

_FILLER, _EXTENSION, _IMAGE, _END = 0x00, 0x21, 0x2C, 0x3B
_HEADER, _TABLE, _PIXELS = -1, -2, -3
"""Kinds of parts that no byte of their own introduces."""

_CONTROL, _APPLICATION = 0xF9, 0xFF
_XMP_END: Final = b"\1\xff\xfe\xfd"
_ICC: Final = b"ICCRGBG1012"
_LOOPS: Final = (b"NETSCAPE2.0", b"ANIMEXTS1.0")
"""Applications whose extension says how often an animation is shown."""


def walk(reader: Reader, limits: Limits) -> Structure:
    """Walk over all blocks to the end mark, counting the pictures.

    A still that ends right behind its picture lacks only that mark: nothing of it is missing. Of an
    animation nobody can tell: it is taken as browsers show it, where it is one. Decoders enlarge
    the canvas for a picture that lies outside it; that is not let through unseen.

    Raises:
        PhotoRefused: `truncated`, `damaged`, `too_many_pixels`, `too_many_frames`.
    """
    found = _Found()
    end = 0
    for part in _parts(reader):
        end = part.end
        if part.kind == _HEADER:
            _read_header(part, found, limits)
        elif part.kind == _IMAGE:
            _read_image(part, found, limits)
        elif part.kind == _EXTENSION:
            _read_extension(reader, part, found)
        elif part.kind == _END and part.start == part.end:
            # A picture that is shown for a time, or again and again, is one of several.
            if (found.loops or found.timed) and found.frames < 2:
                raise truncated("the animation")
            found.ends = False
    if not found.frames:
        raise damaged(Damage.NO_PICTURE)
    width, height = checked_size(found.width, found.height, limits)
    return Structure(
        width=width,
        height=height,
        bit_depth=8,
        frames=found.frames,
        trailing=end < reader.size,
        oddities=() if found.ends else (_without_end(found.frames),),
        metadata=Metadata(
            xmp=tuple(found.xmp),
            icc=found.icc,
            private=found.private or not found.ends,  # it is written anew, with its end
        ),
    )


def _without_end(frames: int) -> Oddity:
    # How many pictures an animation has stands nowhere.
    return Oddity.OPEN_ANIMATION if frames > 1 else Oddity.NO_END_MARK


def strip_metadata(reader: Reader, notice: Notice) -> bytes | None:
    """Return the pictures with only what says how they are shown.

    Args:
        reader: the file.
        notice: who made it and whose it is, of which a GIF has a place for XMP; may be empty.

    Returns:
        The bare file; None where something lies between its blocks.

    Raises:
        PhotoRefused: `truncated`, `damaged`.
    """
    kept: list[bytes] = []
    for part in _parts(reader):
        if part.kind == _FILLER:
            return None
        if part.kind == _END:
            kept += [written_notice(notice), b";"]
        elif _is_needed(part):
            kept.append(reader.exactly(part.start, part.end - part.start))
    return b"".join(kept)


def notes(reader: Reader) -> dict[str, bytes]:
    """Return what stands in a file as XMP (`xmp`), which Pillow does not look for.

    Raises:
        PhotoRefused: `truncated`, `damaged`.
    """
    found = _Found()
    for part in _parts(reader):
        if part.kind == _EXTENSION:
            _read_extension(reader, part, found)
    return {"xmp": found.xmp[0]} if found.xmp else {}


def written_notice(notice: Notice) -> bytes:
    """Return the extension of a notice, to stand before the end mark; empty where there is none.

    The packet lies there as it is; behind it the bytes 1, 255, 254 … 0 lead who takes it for
    sub-blocks to its end, wherever that one comes upon them (XMP Specification, part 3, 1.1.2).
    """
    end = _XMP_END + bytes(range(252, -1, -1)) + b"\0"
    return b"!\xff\x0bXMP DataXMP" + notice.xmp + end if notice.xmp else b""


def shown(reader: Reader) -> Iterator[bytes]:
    """Yield the parts that say what is shown and how; which version of GIF it is does not matter.

    Raises:
        PhotoRefused: `truncated`, `damaged`.
    """
    for part in _parts(reader):
        if part.kind == _HEADER:
            yield part.head[6:]
        elif part.kind not in (_END, _FILLER) and (_is_needed(part) or part.head == _ICC):
            yield reader.exactly(part.start, part.end - part.start)


def _is_needed(part: _Part) -> bool:
    """Whether the pictures are not shown rightly without a part."""
    loop = part.label == _APPLICATION and part.head.startswith(_LOOPS)
    return part.kind != _EXTENSION or part.label == _CONTROL or loop


@dataclass(frozen=True, slots=True, kw_only=True)
class GifPicture:
    """One picture of a GIF, and how it is put upon the ones before.

    Attributes:
        content: a GIF of this picture alone, which says nothing of transparency.
        left: pixels from the left of the canvas.
        top: pixels from the top of the canvas.
        width: its pixels.
        height: its pixels.
        clear: the index that shows what was there before, None where there is none.
        disposal: what becomes of it before the next: 2 its area is cleared, 3 what was there
            before it comes back, else it stays.
        milliseconds: how long it is shown.
    """

    content: bytes
    left: int
    top: int
    width: int
    height: int
    clear: int | None
    disposal: int
    milliseconds: int


def pictures(reader: Reader) -> Iterator[GifPicture]:
    """Yield every picture by itself, to be decoded and put together as browsers do.

    Raises:
        PhotoRefused: `truncated`, `damaged`.
    """
    header = table = control = descriptor = b""
    for part in _parts(reader):
        if part.kind == _HEADER:
            header = part.head
        elif part.kind == _TABLE:
            table = reader.exactly(part.start, part.end - part.start)
        elif part.kind == _EXTENSION and part.label == _CONTROL:
            control = reader.exactly(part.start, part.end - part.start)
        elif part.kind == _IMAGE:
            descriptor = part.head
        elif part.kind == _PIXELS:
            pixels = reader.exactly(part.start, part.end - part.start)
            yield _alone(header, table, control, descriptor, pixels)
            control = b""


def _alone(
    header: bytes, table: bytes, control: bytes, descriptor: bytes, pixels: bytes
) -> GifPicture:
    left, top, width, height = struct.unpack("<4H", descriptor[:8])
    # Mark, label, four bytes of length: flags, hundredths of a second, index (GIF89a, 23).
    said = control[3:7] if len(control) >= 8 and control[2] >= 4 else bytes(4)
    return GifPicture(
        content=b"".join(
            (
                b"GIF89a",
                descriptor[4:8],
                header[10:13],
                table,
                b",\0\0\0\0",
                descriptor[4:],
                pixels,
                b";",
            )
        ),
        left=left,
        top=top,
        width=width,
        height=height,
        clear=said[3] if said[0] & 1 else None,
        disposal=said[0] >> 2 & 7,
        milliseconds=int.from_bytes(said[1:3], "little") * 10,
    )


class _Part(NamedTuple):  # a GIF may have hundreds of thousands: these cost a third
    """A piece of the file; all of them, one after the other, are the file up to its end mark.

    Attributes:
        kind: what it is.
        start: its place in bytes from the start of the file.
        end: the place behind it.
        head: the whole header or image descriptor, or an application extension's name.
        label: an extension's, else -1.
        data_at: where an extension's chain of sub-blocks begins.
        data_bytes: bytes of data in that chain.
    """

    kind: int
    start: int
    end: int
    head: bytes = b""
    label: int = -1
    data_at: int = 0
    data_bytes: int = 0


def _parts(reader: Reader) -> Iterator[_Part]:
    """Yield every part up to the end mark; what describes comes before what it describes is read.

    Raises:
        PhotoRefused: `truncated`, `damaged`.
    """
    window = _Window(reader)
    header = window.take(13)
    yield _Part(_HEADER, 0, window.place, header)
    start = window.place
    window.take(_table_bytes(header[10]))
    yield _Part(_TABLE, start, window.place)
    kind = _HEADER
    while kind != _END:
        if kind == _PIXELS and window.place == reader.size:
            yield _Part(_END, reader.size, reader.size)
            return
        start, kind = window.place, window.take(1)[0]
        if kind == _EXTENSION:
            yield _extension(window, start)
        elif kind == _IMAGE:
            descriptor = window.take(9)
            yield _Part(_IMAGE, start, window.place, descriptor)
            start = window.place
            _pass_pixels(window, descriptor)
            kind = _PIXELS
            yield _Part(_PIXELS, start, window.place)
        elif kind == _END:
            yield _Part(_END, start, window.place)
        elif reader.zeros_from(start, reader.size) <= start:
            raise truncated_with_zeros()
        elif kind == _FILLER:  # some writers leave a zero there, and every decoder skips it
            yield _Part(_FILLER, start, window.place)
        else:
            raise damaged(Damage.PART_STRANGE)


class _Window:
    """Reads a file forward, 1 MiB at a time: a GIF has a block every 256 bytes."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._start = 0
        self._bytes = b""
        self._at = 0

    @property
    def place(self) -> int:
        return self._start + self._at

    def take(self, count: int) -> bytes:
        """Return the next bytes; the file ends before: `truncated`."""
        at = self._at
        if at + count > len(self._bytes):
            self._refill(count)
            at = 0
        self._at = at + count
        return self._bytes[at : at + count]

    def pass_chain(self) -> int:
        """Go behind a chain of sub-blocks; return how many bytes of data they hold."""
        total = 0
        while True:
            if self._at == len(self._bytes):
                self._refill(1)
            length = self._bytes[self._at]
            end = self._at + 1 + length
            if end <= len(self._bytes):
                self._at = end
            else:
                self.take(1 + length)
            if not length:
                return total
            total += length

    def _refill(self, count: int) -> None:
        self._start = self.place
        self._bytes = self._reader.some(self._start, max(count, PIECE_BYTES))
        self._at = 0
        if len(self._bytes) < count:
            raise truncated()


def _table_bytes(flags: int) -> int:
    """Return how many bytes a colour table has, 0 where there is none."""
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _extension(window: _Window, start: int) -> _Part:
    label = window.take(1)[0]
    name = b""
    if label == _APPLICATION:
        name = window.take(window.take(1)[0])
        if not name:  # an empty chain, already passed
            return _Part(_EXTENSION, start, window.place, label=label)
    data_at = window.place
    data_bytes = window.pass_chain()
    return _Part(_EXTENSION, start, window.place, name, label, data_at, data_bytes)


def _pass_pixels(window: _Window, descriptor: bytes) -> None:
    window.take(_table_bytes(descriptor[8]))
    if not 1 <= window.take(1)[0] <= 11:
        raise damaged(Damage.PIXELS_BEGIN_WRONGLY)
    if not window.pass_chain() and any(descriptor[4:6]) and any(descriptor[6:8]):
        raise damaged("a picture in it has no data")


@dataclass(slots=True)
class _Found:
    """What was gathered on the way."""

    width: int = 0
    height: int = 0
    frames: int = 0
    xmp: list[bytes] = field(default_factory=list)
    icc: bytes | None = None
    private: bool = False
    loops: bool = False
    timed: bool = False
    ends: bool = True


def _read_header(part: _Part, found: _Found, limits: Limits) -> None:
    found.width, found.height = (int.from_bytes(part.head[at : at + 2], "little") for at in (6, 8))
    if found.width and found.height:
        checked_size(found.width, found.height, limits)


def _read_image(part: _Part, found: _Found, limits: Limits) -> None:
    found.frames += 1
    if found.frames > limits.most_frames:
        raise too_many_frames(limits)
    left, top, width, height = (
        int.from_bytes(part.head[at : at + 2], "little") for at in (0, 2, 4, 6)
    )
    checked_size(max(left + width, found.width), max(top + height, found.height), limits)
    if found.frames == 1:  # decoders enlarge the canvas for the first picture
        found.width = max(left + width, found.width)
        found.height = max(top + height, found.height)


def _read_extension(reader: Reader, part: _Part, found: _Found) -> None:
    found.loops |= part.head.startswith(_LOOPS)
    if part.label == _CONTROL and part.data_bytes >= 4 and not found.timed:
        # Mark and length of its one sub-block, flags, then hundredths of a second (GIF89a, 23).
        found.timed |= any(reader.exactly(part.data_at + 2, 2))
    if part.label == _CONTROL or part.head.startswith(_LOOPS):
        return
    if part.head.startswith((b"XMP DataXMP", _ICC)):
        if part.data_bytes > MOST_METADATA_BYTES:
            raise damaged(Damage.METADATA_LARGE)
        content = reader.exactly(part.data_at, part.end - part.data_at)
        if part.head.startswith(b"XMP"):
            # The packet is not cut into sub-blocks; a trailer makes it look like a chain of some.
            found.xmp.append(content.partition(_XMP_END)[0])
        else:
            found.icc = _joined(content)
    else:
        found.private |= part.data_bytes > 0


def _joined(chain: bytes) -> bytes:
    """Return the data of a chain of sub-blocks."""
    parts: list[bytes] = []
    at = 0
    while length := chain[at]:
        parts.append(chain[at + 1 : at + 1 + length])
        at += 1 + length
    return b"".join(parts)
