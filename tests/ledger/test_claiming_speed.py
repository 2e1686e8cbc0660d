"""What a claim reads does not grow with the ledger: a watcher asks for months, twice a second."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from pipeline.ledger import queue as claiming
from pipeline.ledger.reading import LedgerReader
from pipeline.values import Step

NOW = "2026-11-25T09:00:00.000000+00:00"
MOST_STEPS = 60_000
"""Of SQLite's machine for one question; what grows with the square takes millions."""


@pytest.fixture
def full(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """A ledger with 20,000 stored photographs and 3,000 that wait to go up, of one product."""
    file = tmp_path / "ledger.sqlite3"
    LedgerReader(file, None).close()
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.row_factory = sqlite3.Row
        connection.execute("BEGIN")
        for number in range(23_000):
            state = "stored" if number < 20_000 else "prepared"
            connection.execute(
                "INSERT INTO photos (id, store, product_id, sha256, size, path, root, rank, state, "
                "sentence, picture, image_id, received_at, changed_at) "
                "VALUES (?, 'shop', 158, ?, 3, ?, ?, ?, ?, '', '{}', ?, ?, ?)",
                (
                    *[str(number)] * 2,
                    b"p%d" % number,
                    b"/",
                    f"{number:09d}",
                    state,
                    number,
                    NOW,
                    NOW,
                ),
            )
        connection.execute("COMMIT")
        yield connection


def steps(connection: sqlite3.Connection, step: Step) -> tuple[int, int | None]:
    """Give how many steps of SQLite's machine, in thousands, a question for work takes."""
    taken = 0

    def count() -> int:
        nonlocal taken
        taken += 1000
        return 0

    connection.set_progress_handler(count, 1000)
    row = claiming.next_due(connection, step, "shop", "me", NOW, any_owner=True)
    connection.set_progress_handler(None, 0)
    return taken, None if row is None else int(row["id"])


def test_the_next_upload_is_found_at_once(full: sqlite3.Connection) -> None:
    taken, found = steps(full, Step.UPLOAD)
    assert found == 20_000
    assert taken <= 2_000


def test_that_nothing_is_to_be_prepared_is_known_at_once(full: sqlite3.Connection) -> None:
    assert steps(full, Step.PREPARE) == (0, None)


def test_while_one_of_the_product_is_on_its_way_no_other_is_looked_for_long(
    full: sqlite3.Connection,
) -> None:
    full.execute("UPDATE photos SET lease = 'l', owner = 'me' WHERE id = '20000'")
    taken, found = steps(full, Step.UPLOAD)
    assert found is None
    assert taken <= MOST_STEPS
