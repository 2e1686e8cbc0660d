"""SKUs that hold what no file name can: `ABC/D`, and how a file of it may be called.

A slash is written `_`, `-` or, as addresses have it, `%2F`. Nothing here asks anybody: which of
the readings is a SKU says the catalogue, and only where it is exactly one that is believed.
"""

from __future__ import annotations

import re
from typing import Final

from pipeline.intake.name_rules import spelt_id

__all__ = ["SLASH", "read_as", "written_as"]

SLASH: Final = "/"
WRITTEN: Final = ("_", "-", "%2F")

MOST: Final = 8
"""Readings of one name."""


def read_as(name: str) -> tuple[str, ...]:
    """Return which SKUs with slashes a name may stand for; none where it may stand for none.

    `ABC_D-2` gives `ABC/D-2` and `ABC_D/2`; `A_B_C` gives `A/B_C`, `A_B/C` and `A/B/C`. In an
    address's way it is plain: `ABC%2FD_2` gives `ABC/D_2` alone.
    """
    plain = re.sub("%2f", SLASH, name, flags=re.IGNORECASE)
    if plain != name:
        return (plain,)
    if spelt_id(name):
        return ()
    readings: dict[str, None] = {}
    for sign in ("_", "-"):
        places = [at for at in range(1, len(name) - 1) if name[at] == sign]
        readings.update((f"{name[:at]}{SLASH}{name[at + 1 :]}", None) for at in places)
        if len(places) > 1:
            readings[name[0] + name[1:-1].replace(sign, SLASH) + name[-1]] = None
    return tuple(readings)[:MOST]


def written_as(sku: str) -> frozenset[str]:
    """Return how a file of a SKU that holds slashes may be called: what is read as it."""
    return frozenset(sku.replace(SLASH, sign) for sign in WRITTEN if SLASH in sku)
