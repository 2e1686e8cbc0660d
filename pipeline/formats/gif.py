"""Walks along a GIF from block to block to its end mark (GIF89a specification)."""

from __future__ import annotations

from dataclasses import dataclass, field

from pipeline.formats.reader import PIECE_BYTES, Source
from pipeline.formats.structure import MOST_NOTES_BYTES, Notes, Structure
from pipeline.refusals import checked_size, cut, cut_with_zeros, damaged, too_many_frames
from pipeline.values import Limits

__all__ = ["walk_gif"]

EXTENSION, IMAGE, END = 0x21, 0x2C, 0x3B
APPLICATION = 0xFF


@dataclass(slots=True)
class _Found:
    width: int
    height: int
    frames: int = 0
    xmp: list[bytes] = field(default_factory=list)
    icc: bytes | None = None
    private: bool = False


class _Reader:
    """Reads a file forward through a window of 1 MiB: a GIF has a block every 256 bytes."""

    def __init__(self, source: Source, place: int) -> None:
        self._source = source
        self._start = place
        self._window = b""
        self._at = 0

    @property
    def place(self) -> int:
        return self._start + self._at

    def take(self, count: int) -> bytes:
        """Give the next bytes; the file ends before: `truncated`."""
        if self._at + count > len(self._window):
            self._start = self.place
            self._window = self._source.some(self._start, max(count, PIECE_BYTES))
            self._at = 0
            if len(self._window) < count:
                raise cut()
        self._at += count
        return self._window[self._at - count : self._at]

    def skip_blocks(self) -> int:
        """Go behind a chain of sub-blocks; give how many bytes of data they hold."""
        total = 0
        while length := self.take(1)[0]:
            self.take(length)
            total += length
        return total

    def blocks(self) -> bytes:
        """Give the data of a chain of sub-blocks."""
        parts: list[bytes] = []
        total = 0
        while length := self.take(1)[0]:
            parts.append(self.take(length))
            total += length
            if total > MOST_NOTES_BYTES:
                raise damaged("its notes are larger than any picture's")
        return b"".join(parts)


def walk_gif(source: Source, limits: Limits) -> Structure:
    """Walk over all blocks to the end mark, counting the pictures.

    Decoders show a GIF without its end, and enlarge the canvas for a picture that lies outside
    it; neither is let through unseen.

    Raises:
        PhotoRefused: `truncated`, `damaged`, `too_many_pixels`, `too_many_frames`.
    """
    reader = _Reader(source, 0)
    head = reader.take(13)
    found = _Found(int.from_bytes(head[6:8], "little"), int.from_bytes(head[8:10], "little"))
    if found.width and found.height:
        checked_size(found.width, found.height, limits)
    if head[10] & 0x80:
        reader.take(3 << ((head[10] & 7) + 1))
    while (kind := reader.take(1)[0]) != END:
        if kind == EXTENSION:
            _read_extension(source, reader, found)
        elif kind == IMAGE:
            _read_image(reader, found, limits)
        elif source.zeros_from(reader.place - 1, source.size) <= reader.place - 1:
            raise cut_with_zeros()
        elif kind != 0:  # some writers leave a zero between blocks, and every decoder skips it
            raise damaged("something else stands where its next part should begin")
    if not found.frames:
        raise damaged("it has no picture in it")
    width, height = checked_size(found.width, found.height, limits)
    return Structure(
        width=width,
        height=height,
        bit_depth=8,
        frames=found.frames,
        trailing=reader.place < source.size,
        notes=Notes(xmp=tuple(found.xmp), icc=found.icc, private=found.private),
    )


def _read_image(reader: _Reader, found: _Found, limits: Limits) -> None:
    found.frames += 1
    if found.frames > limits.most_frames:
        raise too_many_frames(limits)
    head = reader.take(9)
    left, top, width, height = (
        int.from_bytes(head[start : start + 2], "little") for start in (0, 2, 4, 6)
    )
    checked_size(max(left + width, found.width), max(top + height, found.height), limits)
    if found.frames == 1:  # decoders enlarge the canvas for the first picture
        found.width = max(left + width, found.width)
        found.height = max(top + height, found.height)
    if head[8] & 0x80:
        reader.take(3 << ((head[8] & 7) + 1))
    if not 1 <= reader.take(1)[0] <= 11:
        raise damaged("its picture data begins wrongly")
    if not reader.skip_blocks() and width and height:
        raise damaged("a picture in it has no data")


def _read_extension(source: Source, reader: _Reader, found: _Found) -> None:
    label = reader.take(1)[0]
    if label == APPLICATION:
        name = reader.take(reader.take(1)[0])
        if not name:
            return
        if name.startswith(b"XMP DataXMP"):
            # The packet is not cut into sub-blocks; a trailer makes it look like a chain of some.
            start = reader.place
            reader.skip_blocks()
            if reader.place - start > MOST_NOTES_BYTES:
                raise damaged("its notes are larger than any picture's")
            found.xmp.append(source.exactly(start, reader.place - start))
        elif name.startswith(b"ICCRGBG1012"):
            found.icc = reader.blocks()
        elif name.startswith((b"NETSCAPE2.0", b"ANIMEXTS1.0")):
            reader.skip_blocks()
        else:
            found.private |= reader.skip_blocks() > 0
    else:
        reader.skip_blocks()
