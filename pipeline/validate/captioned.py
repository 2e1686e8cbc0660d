"""What a picture's metadata say of it in words: XMP before IPTC before EXIF.

Metadata Working Group's guidance is to write all three alike; where they differ, XMP is what
programs of today write first.
"""

from __future__ import annotations

import codecs
from typing import Final

from pipeline.captions import NO_CAPTIONS, Captions, captions, filled_up
from pipeline.formats.exif import Exif, first_tags
from pipeline.formats.iptc import captions_in_iptc
from pipeline.formats.reader import Metadata
from pipeline.xmp import captions_in_xmp

__all__ = ["captions_of"]

_DESCRIPTION, _XP_TITLE, _XP_COMMENT, _XP_KEYWORDS = 0x010E, 0x9C9B, 0x9C9C, 0x9C9E
"""The `XP` tags are Windows Explorer's, in UTF-16."""

_MOST_BYTES: Final = 8_000

# A worker may open no file: what decodes is loaded beforehand.
codecs.lookup("cp1252")
codecs.lookup("utf-16-le")


def captions_of(metadata: Metadata, exif: tuple[Exif, ...]) -> Captions | None:
    """Return what is said in words, None where nothing is.

    Args:
        metadata: the blocks as they lie in the file.
        exif: its EXIF blocks, read.
    """
    found = filled_up(
        *(captions_in_xmp(packet) for packet in (*metadata.xmp, *(one.xmp for one in exif))),
        *(
            captions_in_iptc(block)
            for block in (*metadata.photoshop, *(one.photoshop for one in exif))
        ),
        *(_in_exif(block) for block in metadata.exif),
        *(Captions(taken=one.taken) for one in exif),
    )
    return None if found == NO_CAPTIONS else found


def _in_exif(block: bytes) -> Captions:
    tags = first_tags(block)
    return captions(
        title=_wide(tags.get(_XP_TITLE, b"")),
        caption=_narrow(tags.get(_DESCRIPTION, b"")) or _wide(tags.get(_XP_COMMENT, b"")),
        keywords=tuple(_wide(tags.get(_XP_KEYWORDS, b"")).split(";")),
    )


def _narrow(value: bytes) -> str:
    # Said to be ASCII; programs write UTF-8, or what their machine has.
    text = value[:_MOST_BYTES].partition(b"\0")[0]
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError:
        return text.decode("cp1252", "replace")


def _wide(value: bytes) -> str:
    return value[:_MOST_BYTES].decode("utf-16-le", "replace").partition("\0")[0]
