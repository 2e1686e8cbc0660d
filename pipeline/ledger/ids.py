"""Names that nobody else ever gives: of photographs, of processes, of claims."""

from __future__ import annotations

import os
from base64 import b32encode

__all__ = ["new_id"]

RANDOM_BYTES = 10
"""80 bits: of a million names two are alike once in two million million times, and a table that
takes each name once would say so."""


def new_id() -> str:
    """Return sixteen small letters and digits, by chance.

    A ledger writes a photograph's name sixteen times: it is as short as is safe. It is part of the
    names of files, also where capitals are the same as small letters.
    """
    return b32encode(os.urandom(RANDOM_BYTES)).decode().lower()
