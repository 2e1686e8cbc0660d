"""Counts how much SQLite's machine has to do for a question, on a ledger that is full."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from pipeline.ledger.records import picture_record
from tests.makers import picture

__all__ = ["Counter", "fill"]

NOW = "2026-11-25T09:00:00.000000+00:00"


class Counter:
    """Opens SQLite's connections for the ledger, and counts the steps that each makes."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.taken = 0
        stand_in = SimpleNamespace(**{**vars(sqlite3), "connect": self._connect})
        monkeypatch.setattr("pipeline.ledger.sqlite.connection.sqlite3", stand_in)

    def steps(self, question: Callable[[], object]) -> int:
        """Return how many steps of SQLite's machine a question takes, to the hundred."""
        self.taken = 0
        question()
        return self.taken

    def _connect(self, file: Path, **given: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = sqlite3.connect(file, **given)
        connection.set_progress_handler(self._count, 100)
        return connection

    def _count(self) -> int:
        self.taken += 100
        return 0


def fill(connection: sqlite3.Connection, store: str, *, stored: int, prepared: int) -> None:
    """Write so many photographs of one product, each with its arrival, whose ids are numbers."""
    made = picture_record(picture(), photo_id="", sha256="", likeness=None)
    connection.execute("BEGIN")
    for number in range(stored + prepared):
        state = "stored" if number < stored else "prepared"
        path = b"/158/%d.jpg" % number
        connection.execute(
            "INSERT INTO photos (id, store, product_id, sha256, size, path, root, rank, state, "
            "sentence, picture, image_id, received_at, changed_at) "
            "VALUES (?, ?, 158, ?, 3, ?, ?, ?, ?, '', ?, ?, ?, ?)",
            (
                str(number),
                store,
                str(number),
                path,
                b"/158",
                f"{number:09d}",
                state,
                made,
                number,
                NOW,
                NOW,
            ),
        )
        connection.execute(
            "INSERT INTO arrivals (owner, photo, path, door, seen_at) "
            "VALUES ('before', ?, ?, 'run', ?)",
            (str(number), path, NOW),
        )
    connection.execute("COMMIT")
