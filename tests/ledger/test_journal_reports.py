"""What is asked of the journal; what every ledger answers is in `tests/contract`."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from pipeline.batches import ChangeKind, PlannedChange
from pipeline.errors import LedgerError
from pipeline.ledger import Ledger
from pipeline.ledger.sqlite import open_reader
from tests.ledger.conftest import STORE
from tests.makers import stored_image

DELETED = PlannedChange(kind=ChangeKind.DELETE, image=stored_image())


def test_who_asks_about_every_shop_is_told_of_every_shops_batches(
    file: Path, opened: Callable[[], Ledger]
) -> None:
    ledger = opened()
    ledger.plan([DELETED] * 1200)
    for store in (STORE, None):
        with closing(open_reader(file, store)) as reader:
            (batch,) = reader.batches(5)
            assert len(list(reader.changes_of(batch.number))) == 1200, "page by page"
    with closing(open_reader(file, "another shop")) as reader:
        assert reader.batches(5) == []
        assert reader.batch(batch.number) is None
        assert reader.changes_of_product(158) == []


def test_a_row_that_makes_no_sense_is_said_to_be_one(file: Path, ledger: Ledger) -> None:
    ledger.plan([DELETED])
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("UPDATE changes SET facts = 'nonsense'")
        connection.commit()
    with pytest.raises(LedgerError, match="change 1 in our records cannot be read"):
        ledger.changes_in(ledger.own_batch(), 158)
