"""What a picture's metadata say of it in words, as programs write them, and when it was taken."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from pipeline.alt_text import spoken

__all__ = [
    "MOST_KEYWORDS",
    "MOST_SIGNS",
    "NO_CAPTIONS",
    "Captions",
    "ProductField",
    "captions",
    "filled_up",
]

MOST_SIGNS: Final = 1_000
"""Characters of one of them that are kept; an alternative text has some 255."""

MOST_KEYWORDS: Final = 40
"""Keywords that are kept: agencies advise 5 to 50, and a product's is among the first."""

MOST_OF_KEYWORD: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Captions:
    """What is said in words; each is empty where nothing is.

    Attributes:
        title: XMP `dc:title`, IPTC "object name", EXIF `XPTitle`.
        headline: XMP `photoshop:Headline`, IPTC "headline".
        caption: XMP `Iptc4xmpCore:AltTextAccessibility` or `dc:description`, IPTC "caption",
            EXIF `ImageDescription`.
        keywords: XMP `dc:subject`, IPTC "keywords", EXIF `XPKeywords`.
        taken: when the camera took it, EXIF `DateTimeOriginal` with `SubSecTimeOriginal` and
            `OffsetTimeOriginal`, as in `2026-11-27T10:15:00.120+01:00`.
    """

    title: str = ""
    headline: str = ""
    caption: str = ""
    keywords: tuple[str, ...] = ()
    taken: str = ""


NO_CAPTIONS: Final = Captions()


class ProductField(StrEnum):
    """A field of the metadata that may name a product."""

    TITLE = "title"
    HEADLINE = "headline"
    KEYWORDS = "keywords"
    DESCRIPTION = "description"


def captions(
    *, title: str = "", headline: str = "", caption: str = "", keywords: tuple[str, ...] = ()
) -> Captions:
    """Return what is said, each as far as it is kept, in signs that can be shown."""
    words = (spoken(spoken(one)[:MOST_OF_KEYWORD]) for one in keywords[: 4 * MOST_KEYWORDS])
    return Captions(
        title=_kept(title),
        headline=_kept(headline),
        caption=_kept(caption),
        keywords=tuple(dict.fromkeys(one for one in words if one))[:MOST_KEYWORDS],
    )


def filled_up(*several: Captions) -> Captions:
    """Return what the first says, and where it says nothing, what the next one does."""
    return Captions(
        title=next((one.title for one in several if one.title), ""),
        headline=next((one.headline for one in several if one.headline), ""),
        caption=next((one.caption for one in several if one.caption), ""),
        keywords=next((one.keywords for one in several if one.keywords), ()),
        taken=next((one.taken for one in several if one.taken), ""),
    )


def _kept(text: str) -> str:
    return spoken(spoken(text[: 8 * MOST_SIGNS])[:MOST_SIGNS])
