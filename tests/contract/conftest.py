"""The ledgers that are held to the contract, opened by a factory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from pipeline.ledger import Ledger
from tests.contract.ledgers import KINDS, Opener
from tests.makers import ManualClock


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture(params=KINDS)
def opener(request: pytest.FixtureRequest, tmp_path: Path) -> Opener:
    """Open an empty ledger, of each kind in turn, also in another process."""
    return KINDS[request.param](tmp_path)


@pytest.fixture
def make_ledger(opener: Opener, clock: ManualClock) -> Iterator[Callable[[], Ledger]]:
    """Open the ledger, as often as wanted, each as another process would; all are closed.

    It contradicts itself in nothing at the end of any test.
    """
    with ExitStack() as stack:

        def open_one() -> Ledger:
            ledger = opener(clock)
            stack.callback(ledger.close)
            return ledger

        yield open_one
    assert opener.problems() == []


@pytest.fixture
def ledger(make_ledger: Callable[[], Ledger]) -> Ledger:
    return make_ledger()
