"""The whole ledger: its parts together are the contract, and its fault points are its methods."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipeline import faultpoints
from pipeline.errors import LedgerError
from pipeline.home import OWNERS_FOLDER
from pipeline.ledger import Ledger, port
from pipeline.ledger.ledger import SqlLedger
from pipeline.ledger.sqlite import open_ledger
from tests.ledger.conftest import STORE
from tests.makers import ManualClock, arrival, original

ROLES = (
    port.Durability,
    port.Arrivals,
    port.Assigning,
    port.Beside,
    port.KnownFiles,
    port.Queue,
    port.Owners,
    port.Parking,
    port.Holding,
    port.Catalogue,
    port.Transitions,
    port.Meetings,
    port.Journal,
    port.Arranging,
    port.Reports,
    port.JournalReader,
)


def methods(kind: type) -> set[str]:
    return {name for name, _ in inspect.getmembers(kind, inspect.isfunction) if name[0] != "_"}


def test_no_promise_belongs_to_two_roles_and_the_ledger_keeps_all_and_no_more() -> None:
    of_roles = [methods(role) for role in ROLES]
    promised = set().union(*of_roles)
    assert sum(map(len, of_roles)) == len(promised)
    assert methods(port.Ledger) == methods(SqlLedger) == promised | {"close"}


@pytest.fixture
def wrapped(
    opened: Callable[[], Ledger], tmp_path: Path
) -> Iterator[tuple[Ledger, Callable[[], list[str]]]]:
    trace = tmp_path / "trace"
    faultpoints.arm(f"trace:{trace};fail:before ledger.claim@1;fail:after ledger.photos@2")
    yield (
        faultpoints.wrapped("ledger", opened(), LedgerError),
        lambda: [line for line in trace.read_text().splitlines() if "ledger." in line],
    )
    faultpoints.arm(None)


def test_every_method_has_a_fault_point_before_and_after_it(
    wrapped: tuple[Ledger, Callable[[], list[str]]],
) -> None:
    ledger, reached = wrapped
    photo = ledger.receive(arrival("/a.jpg"), original("/a.jpg"))
    assert [one.id for one in ledger.photos()] == [photo.id]
    with pytest.raises(LedgerError, match=r"before ledger\.claim"):
        ledger.claim(photo.id)
    with pytest.raises(LedgerError, match=r"after ledger\.photos"):
        ledger.photos()
    assert ledger.claim(photo.id) is not None
    assert reached()[:4] == [
        "before ledger.receive@1",
        "after ledger.receive@1",
        "before ledger.photos@1",
        "after ledger.photos@1",
    ]


def test_a_ledger_that_cannot_be_begun_leaves_no_process_behind(file: Path) -> None:
    open_ledger(file, STORE, "run", ManualClock().now).close()

    def no_clock() -> object:
        raise LedgerError("the clock stands")

    with pytest.raises(LedgerError, match="the clock stands"):
        open_ledger(file, STORE, "run", no_clock)  # type: ignore[arg-type]
    assert list((file.parent / OWNERS_FOLDER).iterdir()) == []
