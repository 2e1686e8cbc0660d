"""PNG and APNG, from chunk to chunk, with their check sums (PNG, third edition, section 5)."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from pipeline.formats.apng import ANIMATION_CHUNKS, Sequence
from pipeline.formats.exif import EXIF_MARK
from pipeline.formats.icc import matrix_profile
from pipeline.formats.notice import Notice
from pipeline.formats.patched import Piece
from pipeline.formats.png_colours import Colours
from pipeline.formats.png_notes import MOST_TEXT, TEXTS, is_malformed, text_bytes, unpacked
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

__all__ = ["chunks", "decodable", "icc_from_metadata", "shown", "strip_metadata", "walk"]

_SIGNATURE_BYTES: Final = 8
_TYPE: Final = re.compile(rb"[A-Za-z]{4}")
_DEPTHS: Final = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
"""For each colour type the bits a sample that there are (table 12)."""
_PALETTE: Final = 3
_PICTURE_DATA: Final = (b"IDAT", b"fdAT")

_KEPT: Final = frozenset(
    b"IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB iCCP cICP sBIT bKGD acTL fcTL fdAT".split()
)
"""Chunks that say what is shown and how; browsers do not mind the size for print (pHYs)."""

_HARMLESS: Final = frozenset(
    b"sBIT mDCV mDCv cLLI cLLi bKGD hIST pHYs sPLT tIME oFFs pCAL sCAL gIFg gIFx sTER vpAg caNv "
    b"orNT iDOT".split()
)
"""Chunks that name nobody and no place; what else a program adds may (Fireworks: the source)."""

_PRIVATE_KEY: Final = re.compile(
    rb"gps|location|latitude|longitude|serial|owner|maker|thumb|raw profile|uri|path|exif|comment",
    re.IGNORECASE,
)

_XMP_KEY: Final = b"XML:com.adobe.xmp"


def walk(reader: Reader, limits: Limits) -> Structure:
    """Walk over all chunks to `IEND`, and compare every check sum.

    Where only what is said beside the picture does not match its own, it is left out; where an
    animation is not whole, the still is what counts. A compressed stream that ends early inside
    whole chunks is found by decoding only.

    Raises:
        PhotoRefused: `truncated`, `damaged`, `too_many_pixels`, `too_many_frames`.
    """
    found = _Found()
    end = 0
    for chunk in chunks(reader):
        content = _verified(reader, chunk)
        _read_chunk(chunk, content, found, limits)
        found.odd = found.odd or _malformed(reader, chunk)
        found.text_bytes += _text_bytes(reader, chunk)
        found.read_sequence(reader, chunk, sound=content is not None)
        end = chunk.end
    if not found.data_bytes:
        raise damaged(Damage.NO_PICTURE)
    if found.colour == _PALETTE and not found.palette:
        raise damaged("its colours are missing")
    if found.frames > limits.most_frames:
        raise too_many_frames(limits)
    return Structure(
        width=found.width,
        height=found.height,
        bit_depth=found.depth,
        frames=1 if found.sequence.broken else max(1, min(found.declared_frames, found.frames)),
        trailing=end < reader.size,
        oddities=found.oddities(),
        metadata=found.ancillary.metadata(odd=bool(found.oddities())),
    )


def decodable(reader: Reader) -> list[Piece] | None:
    """Return the pieces that a decoder is to see, None where it may see all of the file.

    Decoders stumble over long texts, wrong check sums beside the picture, and animations that are
    not whole; browsers pass over them.

    Raises:
        PhotoRefused: `truncated`, `damaged`.
    """
    kept: list[Piece] = [(0, _SIGNATURE_BYTES)]
    odd = False
    still = _is_still(reader)
    texts = 0
    for chunk in chunks(reader):
        texts += _text_bytes(reader, chunk)
        fine = chunk.kind not in TEXTS or texts <= MOST_TEXT
        fine = fine and not (still and chunk.kind in ANIMATION_CHUNKS)
        fine = fine and not _passed_over(reader, chunk)
        odd |= not fine
        if fine:
            kept.append((chunk.start - 8, chunk.end))
    return kept if odd else None


def strip_metadata(reader: Reader, notice: Notice) -> bytes:
    """Return the picture with only the chunks that say what is shown and how.

    A very long profile becomes the short word for sRGB, for a picture in other colours is made
    anew.

    Args:
        reader: the file.
        notice: who made it and whose it is, to put in; may be empty.

    Raises:
        PhotoRefused: `truncated`, `damaged`.
    """
    parts = [reader.exactly(0, _SIGNATURE_BYTES)]
    still = _is_still(reader)
    for chunk in chunks(reader):
        if still and chunk.kind in ANIMATION_CHUNKS:
            continue
        if _passed_over(reader, chunk):
            continue
        if _has_long_profile(reader, chunk):
            parts.append(_made(b"sRGB", b"\0"))
        elif chunk.kind in _KEPT:
            parts.append(reader.exactly(chunk.start - 8, chunk.end - chunk.start + 8))
        if chunk.kind == b"IHDR":
            parts.extend(_written(notice))
    return b"".join(parts)


def shown(reader: Reader) -> Iterator[bytes]:
    """Yield the chunks that say what is shown and how.

    Raises:
        PhotoRefused: `truncated`, `damaged`.
    """
    for chunk in chunks(reader):
        if chunk.kind in _KEPT:
            yield from reader.pieces(chunk.start - 8, chunk.end)


def icc_from_metadata(reader: Reader, *, embedded: bool) -> bytes:
    """Return an ICC profile for what the chunks before the picture say of its colours.

    Args:
        reader: the file.
        embedded: whether it has an ICC profile too; only what counts before it is looked at then.

    Returns:
        The profile; empty bytes where they say nothing.

    Raises:
        PhotoRefused: `truncated`, `damaged`.
        ValueError: what they say is no colour space, or none of those that are known.
    """
    colours = Colours()
    for chunk in chunks(reader):
        if chunk.kind == b"IDAT":
            break
        if chunk.kind in Colours.KINDS:
            colours.read(chunk.kind, reader.exactly(chunk.start, chunk.length))
    space = colours.space(embedded=embedded)
    return matrix_profile(space) if space else b""


def _written(notice: Notice) -> Iterator[bytes]:
    """Yield the chunks of a notice: eXIf, and an iTXt that is not compressed (11.3.3.4)."""
    xmp = notice.xmp and _XMP_KEY + b"\0\0\0\0\0" + notice.xmp
    for kind, content in ((b"eXIf", notice.tiff), (b"iTXt", xmp)):
        if content:
            yield _made(kind, content)


def _made(kind: bytes, content: bytes) -> bytes:
    body = kind + content
    return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))


class _Chunk(NamedTuple):
    """A chunk; `start` is the place of its content, and the check sum lies before its end."""

    kind: bytes
    start: int
    length: int
    end: int


def chunks(reader: Reader) -> Iterator[_Chunk]:
    """Yield every chunk up to `IEND`; their check sums are not looked at.

    Raises:
        PhotoRefused: `truncated`, `damaged`.
    """
    place, kind = _SIGNATURE_BYTES, b""
    while kind != b"IEND":
        length, kind = struct.unpack(">I4s", reader.exactly(place, 8))
        if not _TYPE.fullmatch(kind) or length > 0x7FFFFFFF:
            if reader.zeros_from(place, reader.size) == place:
                raise truncated_with_zeros()
            raise damaged(Damage.PART_STRANGE)
        if place == _SIGNATURE_BYTES and (kind != b"IHDR" or length != 13):
            raise damaged(Damage.DESCRIPTION_MISSING)
        end = place + 8 + length + 4
        if end > reader.size:
            raise truncated()
        yield _Chunk(kind, place + 8, length, end)
        place = end


def _verified(reader: Reader, chunk: _Chunk) -> bytes | None:
    """Compare the check sum of a chunk; return its content unless it is picture data.

    None is returned where it is wrong, and the picture does not depend on it.

    Raises:
        PhotoRefused: `truncated`, `damaged`.
    """
    stop = chunk.start + chunk.length
    content, right = _sums(reader, chunk)
    if right:
        return content
    # A copy that stopped halfway leaves the rest of the file empty.
    if reader.zeros_from(chunk.start, reader.size) < stop:
        raise truncated_with_zeros()
    beside = _may_be_wrong(chunk.kind) and not _was_needed(reader, chunk)
    if beside or chunk.kind in ANIMATION_CHUNKS:
        return None
    raise damaged("a part of it is not as it was when it was saved")


def _sums(reader: Reader, chunk: _Chunk) -> tuple[bytes, bool]:
    """Return a chunk's content unless it is picture data, and whether its check sum is right."""
    stop = chunk.start + chunk.length
    told = int.from_bytes(reader.exactly(stop, 4), "big")
    if chunk.kind in _PICTURE_DATA or chunk.length > MOST_METADATA_BYTES:
        content, total = b"", zlib.crc32(chunk.kind)
        for piece in reader.pieces(chunk.start, stop):
            total = zlib.crc32(piece, total)
    else:
        content = reader.exactly(chunk.start, chunk.length)
        total = zlib.crc32(content, zlib.crc32(chunk.kind))
    return content, total == told


def _was_needed(reader: Reader, chunk: _Chunk) -> bool:
    """Whether the check sum is right for a part of the picture: then the kind is what is wrong."""
    content, told = reader.exactly(chunk.start, chunk.length), reader.exactly(chunk.end - 4, 4)
    return any(
        zlib.crc32(content, zlib.crc32(kind)).to_bytes(4, "big") == told
        for kind in (b"tRNS", b"PLTE", b"IDAT", *ANIMATION_CHUNKS)
    )


def _may_be_wrong(kind: bytes) -> bool:
    """Whether a chunk stands beside the picture; transparency is a part of it."""
    return kind[:1].islower() and kind != b"tRNS" and kind not in ANIMATION_CHUNKS


def _passed_over(reader: Reader, chunk: _Chunk) -> bool:
    """Whether browsers pass over a chunk beside the picture, as it is not whole."""
    if not _may_be_wrong(chunk.kind):
        return False
    return not _sums(reader, chunk)[1] or _malformed(reader, chunk)


def _malformed(reader: Reader, chunk: _Chunk) -> bool:
    beside = _may_be_wrong(chunk.kind) and chunk.length <= MOST_METADATA_BYTES
    return beside and is_malformed(chunk.kind, reader.exactly(chunk.start, chunk.length))


def _text_bytes(reader: Reader, chunk: _Chunk) -> int:
    """Return how many bytes of text a chunk holds, unpacked; more than fits counts as too many."""
    if chunk.kind not in TEXTS:
        return 0
    if chunk.length > MOST_TEXT:
        return chunk.length
    return text_bytes(chunk.kind, reader.exactly(chunk.start, chunk.length))


def _has_long_profile(reader: Reader, chunk: _Chunk) -> bool:
    if chunk.kind != b"iCCP" or chunk.length > MOST_METADATA_BYTES:
        return False
    _, _, packed = reader.exactly(chunk.start, chunk.length).partition(b"\0")
    return len(unpacked(packed[1:]) or b"") > MOST_TEXT


def _is_still(reader: Reader) -> bool:
    """Whether there is something of an animation that is not whole."""
    found = _Found()
    for chunk in chunks(reader):
        if chunk.kind == b"IHDR":
            width, height = struct.unpack(">II", reader.exactly(chunk.start, 8))
            found.width, found.height = width, height
        if chunk.kind in ANIMATION_CHUNKS and not _sums(reader, chunk)[1]:
            return True
        found.read_sequence(reader, chunk)
    return found.sequence.broken


@dataclass(slots=True)
class _AncillaryChunks:
    """What a PNG says beside its picture, gathered chunk by chunk (section 11.3)."""

    exif: list[bytes] = field(default_factory=list)
    xmp: list[bytes] = field(default_factory=list)
    icc: bytes | None = None
    colours: Colours = field(default_factory=Colours)
    private: bool = False

    def read(self, kind: bytes, content: bytes) -> None:
        """Take in an ancillary chunk; one that cannot be read counts as private."""
        if kind == b"eXIf":
            self.exif.append(content.removeprefix(EXIF_MARK))
        elif kind == b"iCCP":
            _, _, packed = content.partition(b"\0")
            self.icc = unpacked(packed[1:]) or b""
            # It does not go up as it is: not every decoder of a shop unpacks so much.
            self.private |= len(self.icc) > MOST_TEXT
        elif kind in (b"tEXt", b"zTXt", b"iTXt"):
            self._read_text(kind, content)
        elif kind in Colours.KINDS:
            self.colours.read(kind, content)
        elif kind not in _HARMLESS:
            self.private = True

    def metadata(self, *, odd: bool) -> Metadata:
        return Metadata(
            exif=tuple(self.exif),
            xmp=tuple(self.xmp),
            icc=self.icc,
            profile=self.colours.profile(embedded=self.icc is not None),
            private=self.private or odd,
        )

    def _read_text(self, kind: bytes, content: bytes) -> None:
        key, _, rest = content.partition(b"\0")
        if key != _XMP_KEY:
            self.private |= _PRIVATE_KEY.search(key) is not None
            return
        if kind != b"iTXt":
            self.xmp.append(rest)
            return
        packet = rest[2:].split(b"\0", 2)[-1]
        if rest[:1] == b"\1":
            text = unpacked(packet)
            self.private |= text is None
            packet = text or b""
        self.xmp.append(packet)


@dataclass(slots=True)
class _Found:
    """What was gathered on the way."""

    width: int = 0
    height: int = 0
    depth: int = 0
    colour: int = 0
    palette: bool = False
    data_bytes: int = 0
    data_ended: bool = False
    declared_frames: int = 0
    frames: int = 0
    metadata_bytes: int = 0
    odd: bool = False
    text_bytes: int = 0
    ancillary: _AncillaryChunks = field(default_factory=_AncillaryChunks)
    sequence: Sequence = field(default_factory=Sequence)

    def oddities(self) -> tuple[Oddity, ...]:
        """Return over what decoders stumble that is not the picture."""
        notes = self.odd or self.text_bytes > MOST_TEXT
        told = ((Oddity.DAMAGED_NOTES, notes), (Oddity.BROKEN_ANIMATION, self.sequence.broken))
        return tuple(oddity for oddity, is_so in told if is_so)

    def read_sequence(self, reader: Reader, chunk: _Chunk, *, sound: bool = True) -> None:
        """Follow the animation; a chunk whose check sum is wrong breaks it."""
        head = b""
        if chunk.kind in ANIMATION_CHUNKS or chunk.kind == b"IHDR":
            head = reader.exactly(chunk.start, min(chunk.length, 27))
        self.sequence.read(chunk.kind, head, (self.width, self.height), sound=sound)
        if chunk.kind == b"fdAT":
            for piece in reader.pieces(chunk.start + 4, chunk.start + chunk.length):
                self.sequence.read_pixels(piece)


def _read_chunk(chunk: _Chunk, content: bytes | None, found: _Found, limits: Limits) -> None:
    if content is None:
        found.odd = True
        if chunk.kind == b"iCCP":
            found.ancillary.icc = b""
        return
    if chunk.kind == b"IDAT":
        if found.data_ended:
            raise damaged("something else stands in the middle of its picture data")
        found.data_bytes += chunk.length
        return
    found.data_ended |= found.data_bytes > 0
    if chunk.kind == b"fdAT":
        return
    found.metadata_bytes += chunk.length
    if found.metadata_bytes > MOST_METADATA_BYTES:
        raise damaged(Damage.METADATA_LARGE)
    _read_content(chunk.kind, content, found, limits)


def _read_content(kind: bytes, content: bytes, found: _Found, limits: Limits) -> None:
    """Read a chunk that is no picture data."""
    if kind == b"IHDR":
        _read_header(content, found, limits)
    elif kind == b"PLTE":
        found.palette = True
    elif kind == b"acTL":
        _read_animation(content, found)
    elif kind == b"fcTL":
        found.frames += 1
    elif kind not in (b"tRNS", b"IEND"):
        if kind[0] < ord("a"):
            raise damaged("it has a part that no program knows")
        found.ancillary.read(kind, content)


def _read_header(content: bytes, found: _Found, limits: Limits) -> None:
    if found.width:
        raise damaged(Damage.DESCRIPTION_TWICE)
    width, height, depth, colour, packing, filtering, lacing = struct.unpack(">IIBBBBB", content)
    if depth not in _DEPTHS.get(colour, ()) or packing or filtering or lacing > 1:
        raise damaged(Damage.DESCRIPTION_SENSELESS)
    found.width, found.height = checked_size(width, height, limits)
    found.depth, found.colour = depth, colour


def _read_animation(content: bytes, found: _Found) -> None:
    """Read how many frames are declared: twice, or behind the picture, it is a still (11.3.6.2)."""
    declared = int.from_bytes(content[:4], "big") if len(content) == 8 else 0
    once = not found.declared_frames and not found.data_bytes
    found.declared_frames = declared if once else 0
