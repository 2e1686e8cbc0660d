"""Migrations are only ever added; that they work is in `test_schema.py`."""

from __future__ import annotations

import hashlib

from pipeline.ledger.sqlite import schema
from pipeline.ledger.sqlite.migrations import MIGRATIONS

FROZEN = [
    "1ff984eb22c74815",
    "db6c21ab25e9e657",
    "894c038cc2cc1a37",
    "0896c9ea8a0a52ca",
    "47887ed12fca3ede",
    "f725abf24caab805",
    "0133b6b4c9271411",
    "7d9e664cc5ad8f28",
    "d381388c5efcf18a",
    "f5991991c0b95a38",
    "5b55e7e5fccadbad",
    "25557a21cdec4add",
    "294505982da847b3",
    "39acd8cafd8ebca9",
    "e689e1ff3584bf88",
]
"""The SHA-256 of every migration. A change of the tables is a new one at the end, never another
text of one that is here: ledgers in use have been made with these."""


def test_no_migration_was_changed_after_it_was_written() -> None:
    written = [hashlib.sha256(script.encode()).hexdigest()[:16] for script in MIGRATIONS]
    assert written[: len(FROZEN)] == FROZEN
    assert len(written) == len(FROZEN), "a new migration is entered here"
    assert len(written) == schema.VERSION
