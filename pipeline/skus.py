"""How SKUs compare: as stores are used by people."""

from __future__ import annotations

import unicodedata

__all__ = ["alike"]


def alike(value: str) -> str:
    """Return a value as a store may compare it: without case, accents and blanks at its ends."""
    plain = unicodedata.normalize("NFKD", value.casefold().strip())
    return "".join(sign for sign in plain if not unicodedata.combining(sign))
