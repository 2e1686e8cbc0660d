"""The ledgers that are held to the contract."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.ledger.transitions import SqliteLedger
from tests.contract.steps import STORE
from tests.makers import (
    ManualClock,
)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def ledger(tmp_path: Path, clock: ManualClock) -> Iterator[SqliteLedger]:
    ledger = SqliteLedger(tmp_path / "ledger.sqlite3", STORE, "run", clock.now)
    yield ledger
    ledger.close()
