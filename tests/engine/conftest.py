"""The engine with a real ledger; only the clock and the stages are made up."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.engine import Engine, RetryTimes, SilentObserver
from pipeline.ledger.sqlite import open_ledger
from tests.engine.fake_stages import SETTLE, FakeStages
from tests.makers import (
    ManualClock,
)


@pytest.fixture
def store() -> FakeStages:
    return FakeStages()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def engine(tmp_path: Path, store: FakeStages, clock: ManualClock) -> Iterator[Engine]:
    ledger = open_ledger(tmp_path / "ledger.sqlite3", "store", "run", clock.now)
    yield Engine(ledger, store.stages(), clock, RetryTimes(confirm_after=SETTLE), SilentObserver())
    ledger.close()
