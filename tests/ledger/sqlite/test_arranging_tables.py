"""The tables hold a product once, and of an image only what a person can have decided."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from pipeline.ledger.port import Decision
from pipeline.ledger.sqlite.arranging_tables import ARRANGING


def test_an_image_has_each_decision_once_and_no_other() -> None:
    insert = "INSERT INTO by_hand VALUES ('shop', 158, 7, ?)"
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(ARRANGING)
        for decision in Decision:
            connection.execute(insert, (decision.value,))
        for wrong in ("place", "moved"):
            with pytest.raises(sqlite3.IntegrityError):
                connection.execute(insert, (wrong,))
