"""The words for a picture (the shop's `description`), from what somebody wrote or from a form.

They are read aloud and shown on one line: blanks are single, signs that do something to a text
instead of being read are gone, and what is too long ends with a whole word.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from enum import StrEnum
from string import Formatter
from typing import Final

__all__ = [
    "CUSTOMARY_WORDS",
    "FIELDS",
    "WordsFrom",
    "alt_text",
    "fields_of",
    "filled_in",
    "is_by_machine",
    "spoken",
    "unknown_fields",
]


class WordsFrom(StrEnum):
    """Who may have words for a photograph."""

    MAP = "map"
    TEXT_FILE = "txt"
    CAPTION = "caption"


CUSTOMARY_WORDS: Final = (WordsFrom.MAP, WordsFrom.TEXT_FILE)
"""Somebody wrote these for the shop. A caption may be a note of the studio's own."""

FIELDS: Final = ("product_name", "sku", "view")
"""What a form may name."""

_JOINERS: Final = "\u200c\u200d"
"""Without them words of Persian and of Indian languages, and signs for families, fall apart."""

_INVISIBLE: Final = "\u00ad\ufeff\u200b\u2060"
"""Hyphens that may be, marks of encodings, places where a line may break: they stand in words."""

_UNSPOKEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})

_BY_MACHINE: Final = re.compile(
    r"""
    (?:[\w.+-]+[ ])*(?:digital|camera|still|dsc|pictures|picture|jpeg|photo|image)
        (?:[ ](?:digital|camera|still|stillcamera|dsc|pictures|picture|jpeg|photo|image))*
    | [a-z]{2,5} | exif[_ ]?jpeg(?:[_ ]picture)? | digital[ ]still\w*
    | (?:processed|created|edited|made|shot|captured|taken)[ ](?:with|by|using|on)[ ].*
    | lead[ ]technologies.* | default | untitled.* | unbenannt.* | image[ ]?description
    | binary[ ]comment | user[ ]comments? | screen[ ]?shot.* | dcim | ascii | charset=.*
    | (?:[\w-]+\.)?(?:jpe?g|png|tiff?|webp|gif|cr2|nef|arw) | [\W\d_]*
    | (?:img|dsc[fn_]?|_?dsc|pict|p|mvimg|pxl|image|photo|pic)[_ -]?\d[\d_ -]*\w?
    """,
    re.VERBOSE | re.IGNORECASE,
)
"""What cameras, telephones and converters write by themselves where a caption stands (seen in
pictures: `OLYMPUS DIGITAL CAMERA`, `SONY DSC`, `SAMSUNG CAMERA PICTURES`, `Exif_JPEG_PICTURE`,
`Processed with VSCO with a6 preset`, Huawei's `cof` and `rhdr`)."""


def spoken(text: str) -> str:
    """Return a text in one line, composed (NFC), of signs that are read, with single blanks."""
    read = (
        sign if sign in _JOINERS or unicodedata.category(sign) not in _UNSPOKEN else " "
        for sign in text
        if sign not in _INVISIBLE
    )
    plain = unicodedata.normalize("NFC", "".join(read))
    return " ".join(plain.split()).strip(_JOINERS + " ")


def alt_text(text: str, most: int) -> str:
    """Return a text as it goes to the shop.

    Args:
        text: as somebody wrote it.
        most: characters, at most. What is longer ends with a whole word, or, where there is none
            in its second half, as in Chinese, with a whole sign.
    """
    plain = spoken(text)
    if len(plain) <= most:
        return plain
    end = plain.rfind(" ", most // 2, most + 1)
    if end < 0:
        end = most
        while end > 0 and _goes_on(plain, end):
            end -= 1
    return plain[:end].rstrip(" ,;:-–—(" + _JOINERS)


def is_by_machine(text: str, stem: str = "") -> bool:
    """Whether nobody wrote a caption: a camera did, or it is the file's own name.

    Args:
        text: of the caption.
        stem: the file's name without its suffix.
    """
    plain = spoken(text)
    return _BY_MACHINE.fullmatch(plain) is not None or (plain.casefold() == spoken(stem).casefold())


def fields_of(form: str) -> Iterator[str]:
    """Yield the fields that a form names.

    Raises:
        ValueError: its braces do not belong together, or hold more than a name.
    """
    for _, name, way, conversion in Formatter().parse(form):
        if name is not None:
            if way or conversion:
                raise ValueError("a field is a name in braces, and nothing else")
            yield name


def filled_in(form: str, values: Mapping[str, str]) -> str:
    """Return a form with its fields filled in; what joins an empty one to the others goes with it.

    `{product_name}, {view}` without a view is the name alone; without any value it is nothing.

    Args:
        form: with fields of `FIELDS`.
        values: by field; a missing one is empty.
    """
    text, joint = "", ""
    is_first = goes_on = True
    for literal, name, _, _ in Formatter().parse(form):
        joint += literal
        if name is None:
            continue
        value = values.get(name, "").strip()
        if value:
            text += (joint if text or is_first else "") + value
        joint, is_first, goes_on = "", False, bool(value)
    return (text + joint if goes_on else text).strip()


def unknown_fields(form: str, known: Collection[str] = FIELDS) -> list[str]:
    """Return the fields of a form that there are not, each once.

    Raises:
        ValueError: it is no form.
    """
    return list(dict.fromkeys(name for name in fields_of(form) if name not in known))


def _goes_on(text: str, end: int) -> bool:
    """Whether a sign that people see as one would be cut at this place."""
    after, before = text[end], text[end - 1]
    return (
        unicodedata.category(after).startswith("M")
        or after in _JOINERS
        or before in _JOINERS
        or "\U0001f3fb" <= after <= "\U0001f3ff"
        or (_is_flag(after) and _is_flag(before) and _flags_before(text, end) % 2 == 1)
    )


def _is_flag(sign: str) -> bool:
    return "\U0001f1e6" <= sign <= "\U0001f1ff"


def _flags_before(text: str, end: int) -> int:
    begin = end
    while begin > 0 and _is_flag(text[begin - 1]):
        begin -= 1
    return end - begin
