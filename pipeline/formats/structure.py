"""What a walk along a file's structure finds, in one shape for all seven formats.

Every walk is a function from a `Source` and the `Limits` to a `Structure`. It goes from the first
byte to the last that belongs to the picture, reads in bounded pieces, decodes no pixels, and
raises `PhotoRefused` where the file ends early or contradicts itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pipeline.values import Profile

__all__ = ["MOST_NOTES_BYTES", "Notes", "Structure"]

MOST_NOTES_BYTES: Final = 32 << 20
"""Bytes of metadata in a picture. Photoshop's history reaches some ten megabytes; what is larger
is no note, and Pillow would hold all of it in memory, several times."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notes:
    """Metadata blocks as they lie in the file, not understood yet.

    Attributes:
        exif: TIFF-shaped EXIF blocks without the `Exif` mark before them.
        xmp: XMP packets.
        photoshop: Photoshop resource blocks (with IPTC, thumbnails), without the mark.
        icc: the embedded ICC profile; empty bytes where there is one that cannot be read.
        colours: what the file says of its colours otherwise, where it does.
        private: something was seen whose very presence may give people or places away.
    """

    exif: tuple[bytes, ...] = ()
    xmp: tuple[bytes, ...] = ()
    photoshop: tuple[bytes, ...] = ()
    icc: bytes | None = None
    colours: Profile | None = None
    private: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Structure:
    """A picture whose structure reaches its end.

    Attributes:
        width: pixels as stored; a decoder must see the same.
        height: pixels as stored; a decoder must see the same.
        bit_depth: bits a sample; for a palette, bits of an index.
        frames: pictures in an animation, 1 for a still.
        trailing: bytes lie behind the end.
        notes: its metadata.
    """

    width: int
    height: int
    bit_depth: int
    frames: int = 1
    trailing: bool = False
    notes: Notes = Notes()
