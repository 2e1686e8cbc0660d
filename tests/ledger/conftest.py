"""A ledger in a file of its own, and what tests of it ask for again and again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from pipeline.ledger import Ledger
from pipeline.ledger.sqlite import open_ledger
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
