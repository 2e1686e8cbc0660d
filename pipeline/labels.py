"""Labels: a photograph of a bar code that says what is on the table from then on.

A code in a photograph is a label's only where it is meant as one, for packaging carries codes, too.
Where the studio's labels begin with words of their own (`label_prefix`), those tell them. Else the
code has to be large: somebody held it before the camera. The retail code of a product (EAN, UPC) on
a picture of its packaging takes a tenth of the picture's longer side, on one of a label half of it;
what only studios print (QR, Code 128, Data Matrix …) may be smaller.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

__all__ = ["LEAST_SHARE", "LONGEST_CODE", "MOST_CODES", "RETAIL_SHARE", "Code", "label_in"]

LONGEST_CODE: Final = 255
"""Characters of a SKU, at most; a code with more is none."""

MOST_CODES: Final = 20
"""Codes of one photograph that are looked at."""

LEAST_SHARE: Final = 0.2
"""Of the picture's longer side that a code of a label has to take, at least."""

RETAIL_SHARE: Final = 0.5
"""The same of a code as it is printed on goods for the till."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """A bar code or QR code in a photograph.

    Attributes:
        text: what it says.
        retail: it is one of those that are printed on goods for the till (EAN, UPC).
        share: of the picture's longer side that its longer side takes.
    """

    text: str
    retail: bool
    share: float


def label_in(codes: Sequence[Code], prefix: str = "") -> str | None:
    """Return what the label in a photograph says; None where there is none, or more than one.

    The same said twice (a QR code, and a bar code for the scanner) is one label.

    Args:
        codes: in the photograph.
        prefix: what the studio's labels begin with, which is no part of the SKU; empty: nothing,
            and then only a large code is a label's.
    """
    said = {text for code in codes if (text := _said(code, prefix)) is not None}
    return next(iter(said)) if len(said) == 1 else None


def _said(code: Code, prefix: str) -> str | None:
    text = code.text.strip()
    if prefix:
        if not text.startswith(prefix):
            return None
        text = text[len(prefix) :].strip()
    elif code.share < (RETAIL_SHARE if code.retail else LEAST_SHARE):
        return None
    is_address = "://" in text or text.casefold().startswith(("www.", "mailto:", "tel:"))
    return text if 0 < len(text) <= LONGEST_CODE and text.isprintable() and not is_address else None
