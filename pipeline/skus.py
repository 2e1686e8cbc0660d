"""How SKUs compare, what a barcode's number is, how MPNs are kept, and how old what is kept is."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

__all__ = [
    "MPN",
    "CatalogueAge",
    "SkuPage",
    "alike",
    "compared",
    "gtin_forms",
    "is_gtin",
    "is_mpn",
    "mpn_kept",
    "name_kept",
    "skus_in",
]

MPN: Final = "\U0010ffffmpn:"
"""Stands before an MPN where it is kept among SKUs: no SKU begins so, and it comes behind all."""

GTIN_DIGITS: Final = (8, 12, 13, 14)
"""Of a GTIN (GS1 General Specifications, 3): GTIN-8, UPC, EAN and GTIN-14."""


def alike(value: str) -> str:
    """Return a value as a store may compare it: without case, accents and blanks at its ends."""
    plain = unicodedata.normalize("NFKD", value.casefold().strip())
    return "".join(sign for sign in plain if not unicodedata.combining(sign))


def compared(sku: str) -> str:
    """Return a SKU as we compare it: two that differ by case alone are one."""
    return sku.casefold()


def skus_in(text: str) -> tuple[str, ...]:
    """Return the SKUs that a text names, with commas between them; none where there is no comma."""
    parts = tuple(dict.fromkeys(part.strip() for part in text.split(",")))
    return parts if len(parts) > 1 and all(parts) else ()


def mpn_kept(mpn: str) -> str:
    """Return an MPN (manufacturer part number) as it is kept among SKUs, and is none of them."""
    return MPN + mpn


def is_mpn(kept: str) -> bool:
    """Whether what is kept among SKUs is an MPN."""
    return kept.startswith(MPN)


def name_kept(kept: str) -> str:
    """Return the name itself, SKU or MPN, of what is kept among SKUs."""
    return kept.removeprefix(MPN)


def is_gtin(text: str) -> bool:
    """Whether it is a barcode's number: of the right length, with the right check digit."""
    if len(text) not in GTIN_DIGITS or not (text.isascii() and text.isdecimal()):
        return False
    # From the right, each second digit counts thrice (GS1 General Specifications, 7.9).
    return sum(int(digit) * (3 if at % 2 else 1) for at, digit in enumerate(text[::-1])) % 10 == 0


def gtin_forms(code: str) -> tuple[str, ...]:
    """Return how the same GTIN may be written: with and without the zeros before it."""
    digits = code.lstrip("0")
    return tuple(digits.zfill(length) for length in GTIN_DIGITS if len(digits) <= length)


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueAge:
    """How old the SKUs are that are kept of a store, and what it took to ask without them.

    Attributes:
        read_at: when a reading of all of them began that came to its end; None: never.
        brought_at: up to when what changed since is in it, by our clock.
        shown_at: the same, by the store's clock.
        questions: how many it takes to read all; 0 where that is not known.
        asked: how many were asked by name since all were read, or since it was begun to count.
    """

    read_at: datetime | None = None
    brought_at: datetime | None = None
    shown_at: datetime | None = None
    questions: int = 0
    asked: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SkuPage:
    """The SKUs of some products and of their variants, in a reading of all in order of their ids.

    Attributes:
        skus: by the product's id; its MPNs are among them, as `mpn_kept` gives them.
        last: the highest of the ids.
        left: how many pages come behind this one, as the store counts them.
    """

    skus: Mapping[int, frozenset[str]]
    last: int
    left: int
