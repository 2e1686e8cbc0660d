"""The power fails at every write and every force of the ledger: what it acknowledged is there.

The real ledger runs on a recording SQLite (apsw's own, which is newer than the one Python links);
what a cut leaves is opened with Python's.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing as closing_of
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from pipeline.ledger.sqlite import open_ledger
from pipeline.lifecycle import Reason, State
from pipeline.values import Claim, Step
from tests.ledger.sqlite.power_cut import Cut, Recorded, Recorder, contents
from tests.makers import (
    ManualClock,
    arrival,
    inspection,
    original,
    picture,
    placement,
    stored_image,
)

SURVIVALS = [(0.0, False), (1.0, False), (0.5, False), (0.5, True), (1.0, True)]
"""How much of what was not forced is left, and whether writes may be left in part."""

TELLING = [(0.0, False), (0.5, True)]
"""Those that find the most."""


@pytest.fixture
def recorder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Recorder]:
    recorder = Recorder()
    stand_in = SimpleNamespace(**{**vars(sqlite3), "connect": recorder.connect})
    monkeypatch.setattr("pipeline.ledger.sqlite.connection.sqlite3", stand_in)
    yield recorder
    monkeypatch.undo()
    recorder.unregister()


def live(recorder: Recorder, file: Path) -> None:
    """Take photographs through all that may happen to them; note what each call acknowledged."""
    clock = ManualClock()

    def told() -> None:
        recorder.note(contents(file))

    ledger = open_ledger(file, "store", "run", clock.now)
    told()

    def take(step: Step) -> Claim:
        claim = ledger.claim_next(step, any_owner=True)
        assert claim is not None
        told()
        return claim

    for name in ("a", "b", "c"):
        ledger.receive(
            arrival(f"/158/{name}.jpg"), original(f"/158/{name}.jpg", name.encode(), product_id=158)
        )
        told()
    for _ in range(3):
        ledger.validated(take(Step.PREPARE), inspection(), placement(), "checked")
        told()
    for name in ("a", "b", "c"):
        ledger.prepared(take(Step.PREPARE), picture(name.encode()), "prepared")
        told()
    claim = ledger.intend(take(Step.UPLOAD))
    told()
    ledger.stored(claim, stored_image(1), "stored")
    told()
    claim = ledger.intend(take(Step.UPLOAD))
    told()
    ledger.doubt(claim, "lost", ended_at=clock.now(), missing_since=None, not_before=clock.now())
    told()
    ledger.not_sent(take(Step.UPLOAD), "not there", not_before=None, attempts=1)
    told()
    claim = ledger.intend(take(Step.UPLOAD))
    told()
    ledger.stored(claim, stored_image(2), "stored")
    told()
    later = clock.now() + timedelta(seconds=5)
    ledger.postpone(take(Step.UPLOAD), "away", not_before=later, attempts=1)
    told()
    clock.forward(10)
    ledger.fail(take(Step.UPLOAD), Reason.STORE_REJECTED, "no", retry_from=State.PREPARED)
    told()
    ledger.close()


def losses(log: list[Any], folder: Path, survivals: list[tuple[float, bool]]) -> list[str]:
    """Return what is wrong after a cut at each place, in each way of surviving."""
    wrong: list[str] = []
    dice = random.Random(158)
    first = next(place for place, operation in enumerate(log) if operation[0] == "told")
    told = [operation[1] for operation in log if operation[0] == "told"]
    for place in range(first + 1, len(log) + 1):
        cut = Cut(log, place)
        for keep, torn in survivals:
            disk = folder / f"{place}-{keep}-{torn}"
            disk.mkdir()
            cut.disk(disk, keep, dice, torn=torn)
            known = len(cut.told)
            allowed = told[known - 1 : known + 1]
            problem = _wrong(disk / "ledger.sqlite3", allowed, closing=known == len(told))
            if problem is not None:
                wrong.append(f"cut at {place} of {len(log)}, keeping {keep}: {problem}")
            for file in disk.iterdir():
                file.unlink()
            disk.rmdir()
    return wrong


def _wrong(file: Path, allowed: list[Any], *, closing: bool) -> str | None:
    # Here nothing needs to be durable any more: half the time goes into forcing otherwise.
    with closing_of(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        (problem,) = connection.execute("PRAGMA integrity_check").fetchone()
    if problem != "ok":
        return f"damaged: {problem}"
    try:
        found = contents(file)
    except sqlite3.DatabaseError as error:
        return f"damaged: {error}"
    if found not in allowed and not closing:
        return "an acknowledged change is not there"
    return None


@pytest.mark.parametrize(
    ("keep", "torn"),
    [pytest.param(*one, marks=[] if one in TELLING else pytest.mark.long) for one in SURVIVALS],
)
def test_no_acknowledged_change_is_lost_wherever_the_power_fails(
    tmp_path: Path, recorder: Recorder, monkeypatch: pytest.MonkeyPatch, keep: float, torn: bool
) -> None:
    (tmp_path / "live").mkdir()
    live(recorder, tmp_path / "live" / "ledger.sqlite3")
    monkeypatch.undo()
    (tmp_path / "cuts").mkdir()
    assert len(recorder.log) > 300
    assert losses(recorder.log, tmp_path / "cuts", [(keep, torn)]) == []


@pytest.mark.parametrize(
    "weaker", [pytest.param("synchronous = NORMAL", marks=pytest.mark.long), "synchronous = OFF"]
)
def test_a_ledger_that_does_not_force_its_writes_is_found_out(
    tmp_path: Path, recorder: Recorder, monkeypatch: pytest.MonkeyPatch, weaker: str
) -> None:
    execute = Recorded.execute

    def careless(self: Recorded, question: str, given: Any = ()) -> Any:
        if question == "PRAGMA synchronous = FULL":
            question = f"PRAGMA {weaker}"
        return execute(self, question, given)

    monkeypatch.setattr(Recorded, "execute", careless)
    (tmp_path / "live").mkdir()
    live(recorder, tmp_path / "live" / "ledger.sqlite3")
    monkeypatch.undo()
    (tmp_path / "cuts").mkdir()
    assert losses(recorder.log, tmp_path / "cuts", [(0.0, False)])
