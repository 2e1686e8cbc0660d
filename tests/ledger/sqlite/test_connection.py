"""The file itself: made and opened safely, and never another program's."""

from __future__ import annotations

import hashlib
import sqlite3
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any, cast

import pytest

from pipeline.errors import LedgerError
from pipeline.ledger import Ledger
from pipeline.ledger.database import Transaction
from pipeline.ledger.sqlite import open_ledger, open_reader
from pipeline.ledger.sqlite.connection import SqliteDatabase
from pipeline.ledger.sqlite.schema import APPLICATION_ID, VERSION
from pipeline.lifecycle import State
from tests.ledger.conftest import STORE
from tests.ledger.processes import another_process
from tests.makers import ManualClock, arrival, original
from tests.permissions import permissions_in_force

Opened = Callable[[], Ledger]


def digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def asked(inside: Transaction, pragma: str) -> Any:
    (answer,) = cast(Any, inside.row(f"PRAGMA {pragma}"))
    return answer


def test_the_pragmas_that_make_a_row_durable_are_in_force_on_every_connection(file: Path) -> None:
    for _ in range(2):
        connection = SqliteDatabase(file)
        with connection.writing() as inside:
            in_force = {
                name: asked(inside, name)
                for name in ("journal_mode", "synchronous", "fullfsync", "foreign_keys",
                             "trusted_schema", "mmap_size", "busy_timeout")
            }  # fmt: skip
        connection.close()
        assert in_force == {
            "journal_mode": "truncate",
            "synchronous": 2,
            "fullfsync": 1,
            "foreign_keys": 1,
            "trusted_schema": 0,
            "mmap_size": 0,
            "busy_timeout": 30_000,
        }


def test_a_transaction_takes_the_right_to_write_at_its_beginning(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = SqliteDatabase(file)
    monkeypatch.setattr("pipeline.ledger.sqlite.connection.BUSY_SECONDS", 0.05)
    other = SqliteDatabase(file)
    with one.writing(), pytest.raises(LedgerError, match="locked"), other.writing():
        pytest.fail("two may not write at once")
    one.close()
    other.close()


def test_a_new_file_is_marked_as_ours_with_its_version(file: Path, opened: Opened) -> None:
    opened()
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
        assert connection.execute("PRAGMA user_version").fetchone() == (VERSION,)
    assert APPLICATION_ID.to_bytes(4, "big") == b"PIPE"


def foreign(file: Path) -> None:
    file.parent.mkdir(parents=True)
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE invoices (number INTEGER)")
        connection.commit()


def marked_by_another(file: Path) -> None:
    file.parent.mkdir(parents=True)
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA application_id = 252006675")
        connection.commit()


@pytest.mark.parametrize("make", [foreign, marked_by_another])
def test_another_programs_file_is_refused_and_left_byte_for_byte_as_it_was(
    file: Path, make: Callable[[Path], None]
) -> None:
    make(file)
    before = digest(file)
    with pytest.raises(LedgerError, match="belongs to another program") as read:
        open_reader(file, STORE)
    with pytest.raises(LedgerError, match="belongs to another program") as held:
        open_ledger(file, STORE, "run", ManualClock().now)
    assert all(str(file) in str(error.value) for error in (read, held))
    assert digest(file) == before


def test_a_newer_versions_ledger_is_refused_and_left_as_it_was(file: Path, opened: Opened) -> None:
    opened().close()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    before = digest(file)
    with pytest.raises(LedgerError) as error:
        open_reader(file, STORE)
    for part in ("newer version", f"version {VERSION + 1}", f"knows {VERSION}", str(file)):
        assert part in str(error.value)
    assert digest(file) == before


@pytest.mark.parametrize(
    "content", [b"this is a text, and a long one" * 300, bytes(8192), b"SQLite format 3\0" * 512]
)
def test_a_file_that_is_no_database_is_refused_as_damaged(file: Path, content: bytes) -> None:
    file.parent.mkdir(parents=True)
    file.write_bytes(content)
    with pytest.raises(LedgerError, match=r"are damaged|belongs to another program"):
        open_reader(file, STORE)
    assert file.read_bytes() == content


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 0.7, 0.9])
def test_damage_in_the_middle_is_an_error_of_the_ledger_or_harmless(
    file: Path, opened: Opened, share: float
) -> None:
    ledger = opened()
    for number in range(300):
        path = f"/158/{number}.jpg"
        ledger.receive(arrival(path), original(path, path.encode()))
    ledger.close()
    content = bytearray(file.read_bytes())
    start = int(len(content) * share)
    content[start : start + 6000] = b"\xa5" * 6000
    file.write_bytes(content)
    try:
        reader = open_reader(file, STORE)
        try:
            assert reader.check() is not None, "what is damaged does not pass the check"
            list(reader.photos())
        finally:
            reader.close()
    except LedgerError as error:
        told = str(error)
    else:
        told = "damaged"
    assert "damaged" in told or "cannot be read" in told or "another program" in told


def test_a_ledger_that_another_process_keeps_locked_is_an_error_after_the_waiting_time(
    file: Path, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened().close()
    locking = """
connection = sqlite3.connect(file, isolation_level=None)
connection.execute("BEGIN EXCLUSIVE")
say("locked")
input()
"""
    monkeypatch.setattr("pipeline.ledger.sqlite.connection.BUSY_SECONDS", 0.2)
    with another_process(file, locking):
        with pytest.raises(LedgerError, match="locked by another program"):
            opened()
        with pytest.raises(LedgerError, match="locked by another program"):
            open_reader(file, STORE)
    opened()


def test_a_ledger_is_waited_for_while_another_process_writes(file: Path, opened: Opened) -> None:
    ledger = opened()
    locking = """
import time
connection = sqlite3.connect(file, isolation_level=None)
connection.execute("BEGIN EXCLUSIVE")
say("locked")
time.sleep(1)
connection.execute("COMMIT")
"""
    with another_process(file, locking):
        assert ledger.receive(arrival("/a.jpg"), original("/a.jpg")).state is State.RECEIVED


def test_a_folder_that_may_not_be_written_is_an_error_with_what_mends_it(file: Path) -> None:
    file.parent.mkdir(parents=True)
    file.parent.chmod(0o500)
    try:
        with permissions_in_force(), pytest.raises(LedgerError, match="can be written"):
            open_ledger(file, STORE, "run", ManualClock().now)
    finally:
        file.parent.chmod(0o700)


def test_a_ledger_that_may_only_be_read_answers_questions_and_takes_nothing_new(
    file: Path, opened: Opened
) -> None:
    opened().receive(arrival("/a.jpg"), original("/a.jpg"))
    file.chmod(0o400)
    (file.parent / "ledger.sqlite3-journal").unlink(missing_ok=True)
    file.parent.chmod(0o500)
    try:
        with permissions_in_force():
            reader = open_reader(file, STORE)
            assert len(list(reader.photos())) == 1
            reader.close()
            with pytest.raises(LedgerError, match=r"check its permissions|can be written"):
                open_ledger(file, STORE, "run", ManualClock().now)
    finally:
        file.parent.chmod(0o700)
        file.chmod(0o600)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_many_threads_share_one_ledger(ledger: Ledger) -> None:
    def one(number: int) -> str:
        path = f"/158/{number % 20}.jpg"
        return ledger.receive(arrival(path), original(path, path.encode())).id

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(one, range(200)))) == 20
    assert len(list(ledger.photos())) == 20
