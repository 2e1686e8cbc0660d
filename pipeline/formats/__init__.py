"""The formats that the shop takes, one file each, and the table in which all of them stand.

A format's file finds the parts of such a picture once, for all who ask: `walk` proves that the
file reaches its end and gathers what it says beside its picture, `strip_metadata` takes that out,
and `icc_from_metadata` makes a colour profile of it. No pixel is decoded here. `decoding` turns
what Pillow raises into refusals; importing this room teaches it WBMP, and XBM in black on white.

To add a format: its file beside the others, its row in `FORMATS`, its first bytes in
`pipeline/validate/sniff.py`, its name in `pipeline.values.ImageFormat`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Final, Protocol

from PIL import ExifTags, Image

from pipeline.errors import PhotoRefused
from pipeline.formats import bmp, gif, jpeg, png, wbmp, webp, xbm
from pipeline.formats.icc import ADOBE_RGB, matrix_profile
from pipeline.formats.notice import NO_NOTICE, Notice
from pipeline.formats.patched import Piece, patched
from pipeline.formats.reader import Reader, Structure
from pipeline.values import ImageFormat, Limits, Oddity

__all__ = [
    "FORMATS",
    "Format",
    "as_decoded",
    "icc_from_metadata",
    "shown",
    "strip_metadata",
    "unseen_notes",
]


class _IccFromMetadata(Protocol):
    def __call__(self, reader: Reader, *, embedded: bool) -> bytes: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """What can be done with the files of one format; they are of it by their first bytes.

    Attributes:
        walk: finds all parts up to the end, and what is said beside the picture.
        strip_metadata: takes that out, and puts a notice in; None for a format whose
            pictures are encoded anew in any case.
        icc_from_metadata: makes an ICC profile of what the format itself says of its colours;
            None where it has no way to say anything.
        decodable: the pieces of a file over which no decoder stumbles; None for a file, or a
            format, of which it may see everything.
        notes: finds EXIF (`exif`) and XMP (`xmp`) where Pillow does not look; None where it does.
        shown: the bytes that say what is shown and how, without what stands beside the picture;
            None for a format in which next to nothing stands beside it.
    """

    walk: Callable[[Reader, Limits], Structure]
    strip_metadata: Callable[[Reader, Notice], bytes | None] | None = None
    icc_from_metadata: _IccFromMetadata | None = None
    decodable: Callable[[Reader], Sequence[Piece] | None] | None = None
    notes: Callable[[Reader], dict[str, bytes]] | None = None
    shown: Callable[[Reader], Iterator[bytes]] | None = None


FORMATS: Final[Mapping[ImageFormat, Format]] = {
    ImageFormat.BMP: Format(
        walk=bmp.walk, icc_from_metadata=bmp.icc_from_metadata, decodable=bmp.decodable
    ),
    ImageFormat.GIF: Format(
        walk=gif.walk, strip_metadata=gif.strip_metadata, notes=gif.notes, shown=gif.shown
    ),
    ImageFormat.JPEG: Format(
        walk=jpeg.walk,
        strip_metadata=jpeg.strip_metadata,
        decodable=jpeg.decodable,
        shown=jpeg.shown,
    ),
    ImageFormat.PNG: Format(
        walk=png.walk,
        strip_metadata=png.strip_metadata,
        icc_from_metadata=png.icc_from_metadata,
        decodable=png.decodable,
        shown=png.shown,
    ),
    ImageFormat.WBMP: Format(walk=wbmp.walk),
    ImageFormat.WEBP: Format(
        walk=webp.walk,
        strip_metadata=webp.strip_metadata,
        notes=webp.notes,
        decodable=webp.decodable,
        shown=webp.shown,
    ),
    ImageFormat.XBM: Format(walk=xbm.walk),
}


def as_decoded(
    file: BinaryIO,
    format: ImageFormat,  # noqa: A002
    oddities: Sequence[Oddity] | None = None,
) -> BinaryIO:
    """Return a file as a decoder is to see it, from its start: without what it stumbles over.

    Args:
        file: the original, open for reading; its place is not kept.
        format: its format.
        oddities: what the walk along it found, None where it is not known; a JPEG in which there
            is none is not walked again.

    Raises:
        PhotoRefused: `truncated`, `damaged`.
    """
    choose = FORMATS[format].decodable
    known = format is ImageFormat.JPEG and oddities is not None and not oddities
    pieces = choose(Reader(file)) if choose and not known else None
    file.seek(0)
    return file if pieces is None else patched(file, pieces)


def unseen_notes(file: BinaryIO, format: ImageFormat) -> dict[str, bytes]:  # noqa: A002
    """Return EXIF (`exif`) and XMP (`xmp`) that stand in a file where Pillow does not look.

    Args:
        file: the original, open for reading; its place is not kept.
        format: its format.

    Raises:
        PhotoRefused: `truncated`, `damaged`.
    """
    find = FORMATS[format].notes
    return find(Reader(file)) if find else {}


def strip_metadata(
    file: BinaryIO,
    format: ImageFormat,  # noqa: A002
    notice: Notice = NO_NOTICE,
) -> bytes | None:
    """Return a file with nothing but its picture, whose pixels are not touched.

    Only what is known to be needed for showing the picture is copied; comments, EXIF, XMP, IPTC,
    maker notes, thumbnails, further pictures (MPO), what lies behind the end, and anything
    unknown stay behind.

    Args:
        file: the original, open for reading; its place is not kept.
        format: its format.
        notice: who made it and whose it is, to put in; may be empty.

    Returns:
        The new file's bytes; None where the format is encoded anew in any case, or the file's
        structure is not as usual: what is wrong with it is for others to say.
    """
    strip = FORMATS[format].strip_metadata
    if strip is None:
        return None
    try:
        return strip(Reader(file), notice)
    except PhotoRefused:
        return None


def shown(file: BinaryIO, format: ImageFormat) -> Iterator[bytes] | None:  # noqa: A002
    """Return the bytes of a file that say what it shows and how; None where nobody can tell.

    Files in which they are equal show the same, as far as orientation, mode and profile, which
    may stand in what was left out, are equal as well.

    Args:
        file: the original, open for reading; its place is not kept.
        format: its format.

    Raises:
        PhotoRefused: while they are read, `truncated`, `damaged` or `unreadable`.
    """
    choose = FORMATS[format].shown
    return None if choose is None else choose(Reader(file))


def icc_from_metadata(
    file: BinaryIO,
    image: Image.Image,
    format: ImageFormat,  # noqa: A002
    *,
    embedded: bool,
) -> bytes:
    """Return an ICC profile for the colour space that a file names without one.

    EXIF says Adobe RGB by the interoperability `R03` (DCF 2.0); a PNG has its primaries and gamma
    in cHRM and gAMA, or a code in cICP, which counts before all others (PNG, third edition, 4.3);
    a BMP carries a profile where Pillow does not look (BITMAPV5HEADER).

    Args:
        file: the original, open for reading; its place is left as it was.
        image: the opened original.
        format: its format.
        embedded: whether it has an ICC profile too; only what counts before it is given then.

    Returns:
        The profile; empty bytes where the file names no colour space, or none that is known.
    """
    at = file.tell()
    try:
        by_format = FORMATS[format].icc_from_metadata
        found = by_format(Reader(file), embedded=embedded) if by_format else b""
        if found or embedded:
            return found
        if image.getexif().get_ifd(ExifTags.IFD.Interop).get(1) == "R03":
            return matrix_profile(ADOBE_RGB)
    except MemoryError:
        raise
    except Exception:  # whatever is wrong with these notes, the picture is not
        return b""
    finally:
        file.seek(at)
    return b""
