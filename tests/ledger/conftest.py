"""A ledger in a file of its own, and what tests of it ask for again and again."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from pipeline.ledger import Ledger
from pipeline.ledger.sqlite import open_ledger
from tests.ledger.counting import Counter, fill
from tests.makers import ManualClock

STORE = "api.example.com/stores/abc/v3"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "home" / "ledger.sqlite3"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def opened(file: Path, clock: ManualClock) -> Iterator[Callable[[], Ledger]]:
    """Open the ledger, as often as wanted, each as another process would; all are closed."""
    with ExitStack() as stack:

        def open_one() -> Ledger:
            ledger = open_ledger(file, STORE, "run", clock.now)
            stack.callback(ledger.close)
            return ledger

        yield open_one


@pytest.fixture
def ledger(opened: Callable[[], Ledger]) -> Ledger:
    return opened()


@pytest.fixture
def counter(monkeypatch: pytest.MonkeyPatch) -> Counter:
    return Counter(monkeypatch)


@pytest.fixture
def full(file: Path, counter: Counter, opened: Callable[[], Ledger]) -> Ledger:
    """A ledger with 20,000 stored photographs and 3,000 that wait to go up, of one product."""
    ledger = opened()
    assert counter.steps(lambda: list(ledger.photos())) < counter.steps(ledger.check), "it counts"
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        fill(connection, STORE, stored=20_000, prepared=3_000)
    return ledger
