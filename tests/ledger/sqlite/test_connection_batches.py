"""Transactions that share a commit: what is durable when, what is undone, and who is told."""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from pipeline import faultpoints
from pipeline.claimable import ANYBODYS
from pipeline.errors import LedgerError
from pipeline.ledger import Ledger
from pipeline.ledger.sqlite import open_ledger
from pipeline.ledger.sqlite.connection import SqliteDatabase
from pipeline.lifecycle import State
from pipeline.values import Step
from tests.contract.steps import take, to_prepared
from tests.ledger.conftest import STORE
from tests.makers import ManualClock, arrival, original, stored_image

CONNECTION = "pipeline.ledger.sqlite.connection"
INSERT = "INSERT INTO owners (id, pid, host, door, started_at) VALUES (:id, 1, '', '', '')"


@pytest.fixture
def lingering(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is deferred waits for the next one that is awaited."""
    monkeypatch.setattr(f"{CONNECTION}.LEAST_LINGER", 60.0)
    monkeypatch.setattr(f"{CONNECTION}.MOST_LINGER", 60.0)


@pytest.fixture
def commits(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every commit that SQLite is asked for."""
    asked: list[str] = []

    def connect(*given: Any, **named: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = sqlite3.connect(*given, **named)
        connection.set_trace_callback(
            lambda statement: asked.append(statement) if statement == "COMMIT" else None
        )
        return connection

    stand_in = SimpleNamespace(**{**vars(sqlite3), "connect": connect})
    monkeypatch.setattr(f"{CONNECTION}.sqlite3", stand_in)
    return asked


@pytest.fixture
def database(file: Path, commits: list[str], lingering: None) -> Iterator[SqliteDatabase]:
    with closing(SqliteDatabase(file)) as database:
        commits.clear()
        yield database


def write(database: SqliteDatabase, name: str, *, deferred: bool = False) -> None:
    with database.writing(deferred=deferred) as transaction:
        transaction.run(INSERT, id=name)


def durable(file: Path) -> set[str]:
    with closing(sqlite3.connect(file)) as connection:
        return {name for (name,) in connection.execute("SELECT id FROM owners")}


def seen(database: SqliteDatabase) -> set[str]:
    with database.reading() as transaction:
        return {row["id"] for row in transaction.rows("SELECT id FROM owners")}


def at_once(database: SqliteDatabase, number: int, one: Callable[[str], Any]) -> list[Future[Any]]:
    """Do it so often, in threads that come while somebody has the connection."""
    coming = threading.Semaphore(0)

    def come(name: str) -> Any:
        coming.release()
        return one(name)

    with ThreadPoolExecutor(number) as pool:
        with database.reading():
            all_ = [pool.submit(come, str(name)) for name in range(number)]
            for _ in all_:
                coming.acquire()
            # From here to the connection it is not far, and cannot be seen.
            time.sleep(0.2)
        return all_


def by_another_write(database: SqliteDatabase) -> None:
    with database.writing():
        pass


@pytest.mark.parametrize(
    "settle", [by_another_write, SqliteDatabase.make_durable, SqliteDatabase.close]
)
def test_what_is_deferred_is_seen_here_and_durable_with_what_follows(
    file: Path, database: SqliteDatabase, settle: Callable[[SqliteDatabase], None]
) -> None:
    write(database, "a", deferred=True)
    write(database, "b", deferred=True)
    assert seen(database) == {"a", "b"}
    assert durable(file) == set()
    settle(database)
    assert durable(file) == {"a", "b"}


def test_what_is_deferred_is_durable_soon_where_nothing_follows(file: Path) -> None:
    with closing(SqliteDatabase(file)) as database:
        told = threading.Event()
        for name in ("a", "b"):
            write(database, name, deferred=True)
            database.when_durable(told.set)
            assert told.wait(20)
            assert name in durable(file)
            told.clear()


def test_many_deferred_and_one_awaited_share_a_commit(
    file: Path, database: SqliteDatabase, commits: list[str]
) -> None:
    for number in range(20):
        write(database, str(number), deferred=True)
    write(database, "awaited")
    assert len(durable(file)) == 21
    assert len(commits) == 1


def test_those_who_come_at_the_same_time_share_a_commit_and_each_is_durable_when_it_returns(
    file: Path, database: SqliteDatabase, commits: list[str]
) -> None:
    def one(name: str) -> bool:
        write(database, name)
        return name in durable(file)

    assert all(future.result() for future in at_once(database, 8, one))
    assert len(commits) < 8


@pytest.mark.parametrize("others", [2, 7])
def test_those_who_wait_while_a_slow_disk_commits_share_the_next_commit(
    file: Path, monkeypatch: pytest.MonkeyPatch, lingering: None, others: int
) -> None:
    """However long each is under way: the clock says that the disk is slow, and nobody hurries."""
    commits: list[str] = []
    opened, committing = threading.Event(), threading.Event()
    clock = ManualClock()

    def commit_slowly(statement: str) -> None:
        if statement == "COMMIT" and opened.is_set():
            commits.append(statement)
            committing.set()
            while len(commits) == 1 and shared._coming < others:
                time.sleep(0.001)
            clock.forward(600)

    def connect(*given: Any, **named: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = sqlite3.connect(*given, **named)
        connection.set_trace_callback(commit_slowly)
        return connection

    stand_in = SimpleNamespace(**{**vars(sqlite3), "connect": connect})
    monkeypatch.setattr(f"{CONNECTION}.sqlite3", stand_in)
    monkeypatch.setattr(f"{CONNECTION}.time", SimpleNamespace(monotonic=clock.monotonic))
    monkeypatch.setattr(f"{CONNECTION}.MOST_PAUSE", 120.0)

    def one(name: str) -> None:
        # As an upload does: it asks, takes a photograph, asks again, and says what it does.
        seen(shared)
        write(shared, f"{name}, taken", deferred=True)
        seen(shared)
        write(shared, name)

    with closing(SqliteDatabase(file)) as shared, ThreadPoolExecutor(others + 1) as pool:
        opened.set()
        first = pool.submit(write, shared, "first")
        committing.wait()
        all_ = [pool.submit(one, str(name)) for name in range(others)]
        for future in (first, *all_):
            future.result()
        assert len(durable(file)) == 1 + 2 * others
    assert len(commits) == 2


@pytest.mark.parametrize("deferred", [True, False])
def test_what_raises_is_undone_alone(
    file: Path, database: SqliteDatabase, *, deferred: bool
) -> None:
    def fail() -> None:
        with database.writing(deferred=deferred) as transaction:
            transaction.run(INSERT, id="undone")
            raise KeyError("undone")

    with pytest.raises(KeyError):
        fail()
    write(database, "before", deferred=True)
    with pytest.raises(KeyError):
        fail()
    write(database, "after")
    assert durable(file) == {"before", "after"}


def test_one_change_that_fails_leaves_what_it_shares_a_commit_with(
    file: Path, database: SqliteDatabase
) -> None:
    def one(name: str) -> None:
        with database.writing(deferred=True, one_change=True) as transaction:
            transaction.run(INSERT, id=name)

    write(database, "before", deferred=True)
    one("alone")
    for again in ("before", "alone"):
        with pytest.raises(sqlite3.IntegrityError):
            one(again)
    write(database, "after")
    assert durable(file) == {"before", "alone", "after"}


def test_of_those_who_share_a_commit_one_may_fail_and_the_others_are_kept(
    file: Path, database: SqliteDatabase
) -> None:
    def one(name: str) -> None:
        with database.writing() as transaction:
            transaction.run(INSERT, id=name)
            if name in "135":
                raise KeyError(name)

    futures = at_once(database, 6, one)
    assert [number for number, future in enumerate(futures) if future.exception()] == [1, 3, 5]
    assert durable(file) == {"0", "2", "4"}


def test_no_other_process_writes_while_something_is_deferred(
    file: Path, database: SqliteDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"{CONNECTION}.BUSY_SECONDS", 0.05)
    with closing(SqliteDatabase(file)) as other:
        write(database, "a", deferred=True)
        with pytest.raises(LedgerError, match="locked"):
            write(other, "b")
        database.make_durable()
        write(other, "b")
    assert durable(file) == {"a", "b"}


def test_who_waits_for_it_to_be_durable_is_told_then_once_and_in_order(
    file: Path, database: SqliteDatabase
) -> None:
    told: list[tuple[str, set[str]]] = []

    def tell(name: str) -> Callable[[], None]:
        return lambda: told.append((name, durable(file)))

    database.when_durable(tell("at once"))
    assert told == [("at once", set())]
    for name in ("a", "b"):
        write(database, name, deferred=True)
        database.when_durable(tell(name))
    assert len(told) == 1
    write(database, "c")
    assert told[1:] == [("a", {"a", "b", "c"}), ("b", {"a", "b", "c"})]
    database.make_durable()
    assert len(told) == 3


def test_what_goes_wrong_with_being_told_concerns_nobody_else(
    database: SqliteDatabase, caplog: pytest.LogCaptureFixture
) -> None:
    told: list[str] = []

    def wrong() -> None:
        raise OSError("no such thing")

    write(database, "a", deferred=True)
    database.when_durable(wrong)
    database.when_durable(lambda: told.append("a"))
    with caplog.at_level(logging.ERROR):
        database.make_durable()
    assert told == ["a"]
    assert "no such thing" in caplog.text


@pytest.fixture
def failing() -> Iterator[Callable[[], None]]:
    """Have the next commit fail."""
    yield lambda: faultpoints.arm("fail:before commit@1")
    faultpoints.arm(None)


def test_where_what_is_deferred_is_lost_nothing_is_written_any_more(
    file: Path, database: SqliteDatabase, failing: Callable[[], None]
) -> None:
    told: list[str] = []
    write(database, "a", deferred=True)
    database.when_durable(lambda: told.append("a"))
    failing()
    attempts: list[Callable[[], None]] = [
        partial(write, database, "b"),
        partial(write, database, "c", deferred=True),
        database.make_durable,
        partial(database.when_durable, lambda: told.append("d")),
        database.assure,
    ]
    for attempt in attempts:
        with pytest.raises(LedgerError, match="before commit"):
            attempt()
    # What is there can be asked for: a run still says how far it came.
    assert seen(database) == durable(file) == set()
    assert told == []


def test_where_a_commit_fails_that_nobody_shares_the_next_may_succeed(
    file: Path, database: SqliteDatabase, failing: Callable[[], None]
) -> None:
    failing()
    with pytest.raises(LedgerError, match="before commit"):
        write(database, "a")
    write(database, "b")
    assert durable(file) == {"b"}


def test_all_who_share_a_commit_that_fails_are_told_so(
    file: Path, database: SqliteDatabase, failing: Callable[[], None]
) -> None:
    failing()
    ended = [future.exception() for future in at_once(database, 5, partial(write, database))]
    failed = [error for error in ended if error is not None]
    assert failed
    assert all(isinstance(error, LedgerError) for error in failed)
    assert len(set(map(id, failed))) == len(failed), "each has its own, to be raised"
    # One that came too late to share it was committed by itself.
    assert durable(file) == {str(number) for number, error in enumerate(ended) if error is None}


def test_what_was_lost_ends_the_work_and_the_claims_come_free(
    file: Path, ledger: Ledger, lingering: None, failing: Callable[[], None]
) -> None:
    ledger.receive(arrival("/158/a.jpg"), original("/158/a.jpg"))
    to_prepared(ledger)
    claim = ledger.intend(take(ledger, Step.UPLOAD))
    assert ledger.stored(claim, stored_image(), "stored")
    failing()
    with pytest.raises(LedgerError):
        ledger.make_durable()
    for step in Step:
        with pytest.raises(LedgerError):
            ledger.claim_next(step, ANYBODYS)
    for question in (ledger.unfinished, ledger.any_unfinished):
        with pytest.raises(LedgerError):
            question(any_owner=True, step=None)
    (line,) = ledger.run_report().lines
    assert line.photo.state is State.UPLOADING
    ledger.close()
    later = open_ledger(file, STORE, "run", ManualClock().now)
    assert later.recover() == 1
    found = later.claim_next(Step.UPLOAD, ANYBODYS)
    assert found is not None
    assert found.photo.state is State.UPLOADING
    later.close()
