"""What a question for work reads does not grow with the ledger: a watcher asks for months."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from pipeline.claimable import ANYBODYS, Claimable
from pipeline.ledger import Ledger
from pipeline.values import Claim, Step
from tests.ledger.counting import Counter
from tests.makers import ManualClock, arrival, original

MOST_STEPS = 60_000
"""Of SQLite's machine for one question; what looks at all that wait takes a hundred thousand, what
grows with the square takes millions."""


def test_that_nothing_is_to_be_prepared_is_known_at_once(full: Ledger, counter: Counter) -> None:
    assert counter.steps(lambda: full.claim_next(Step.PREPARE, ANYBODYS)) <= 200
    assert full.claim_next(Step.PREPARE, ANYBODYS) is None


def test_the_next_upload_is_found_at_once_and_while_it_is_on_its_way_no_other_is_looked_for_long(
    full: Ledger, counter: Counter
) -> None:
    claims: list[Claim | None] = []

    def ask() -> None:
        claims.append(full.claim_next(Step.UPLOAD, ANYBODYS))

    assert counter.steps(ask) <= 3_000
    assert counter.steps(ask) <= MOST_STEPS
    assert [claim and claim.photo.id for claim in claims] == ["20000", None]


def test_while_a_products_first_is_postponed_no_other_of_it_is_looked_for_long(
    full: Ledger, counter: Counter, clock: ManualClock
) -> None:
    first = full.claim_next(Step.UPLOAD, ANYBODYS)
    assert first is not None
    later = clock.now() + timedelta(seconds=300)
    full.postpone(first, "the shop has trouble", not_before=later, attempts=3)
    for any_owner in (True, False):
        ask = partial(full.claim_next, Step.UPLOAD, Claimable(any_owner=any_owner))
        assert counter.steps(ask) <= MOST_STEPS
        assert ask() is None


def test_where_few_are_prepared_nothing_else_that_is_on_its_way_is_looked_at(
    full: Ledger, file: Path, counter: Counter
) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute(
            "UPDATE photos SET product_id = 1 + seq % 1000, "
            "state = CASE WHEN seq > 22950 AND seq % 1000 > 0 THEN 'prepared' ELSE 'validated' END "
            "WHERE state = 'prepared'"
        )
    assert counter.steps(lambda: full.claim_next(Step.UPLOAD, ANYBODYS)) <= MOST_STEPS / 10
    assert full.claim_next(Step.UPLOAD, ANYBODYS) is None, "earlier ones are to come"


def test_whether_anything_is_left_for_one_kind_of_work_is_known_without_reading_the_others(
    full: Ledger, counter: Counter
) -> None:
    for any_owner, most in ((True, 1_000), (False, MOST_STEPS)):
        ask = partial(full.any_unfinished, any_owner=any_owner, step=Step.PREPARE)
        assert counter.steps(ask) <= 1_000
        assert ask() is False
        ask = partial(full.any_unfinished, any_owner=any_owner, step=Step.UPLOAD)
        assert counter.steps(ask) <= most
        assert ask() is any_owner, "those of another process are not waited for"


def test_a_process_that_writes_already_asks_once_which_is_next(
    file: Path, opened: Callable[[], Ledger], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def connect(*given: Any, **named: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = sqlite3.connect(*given, **named)
        connection.set_trace_callback(asked.append)
        return connection

    connection = "pipeline.ledger.sqlite.connection"
    for linger in ("LEAST_LINGER", "MOST_LINGER"):
        monkeypatch.setattr(f"{connection}.{linger}", 60.0)
    stand_in = SimpleNamespace(**{**vars(sqlite3), "connect": connect})
    monkeypatch.setattr(f"{connection}.sqlite3", stand_in)
    ledger = opened()
    for number in range(2):
        ledger.receive(
            arrival(f"/158/{number}.jpg"), original(f"/158/{number}.jpg", b"%d" % number)
        )

    def claims() -> int:
        asked.clear()
        assert ledger.claim_next(Step.PREPARE, ANYBODYS) is not None
        return sum(statement.lstrip().startswith("SELECT p.*") for statement in asked)

    ledger.make_durable()
    alone = claims()
    assert claims() * 2 == alone, "what the first has written is not committed yet"
