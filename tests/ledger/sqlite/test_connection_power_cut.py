"""The power fails at every write and every force of the ledger: what it acknowledged is there.

The real ledger runs on a recording SQLite (apsw's own, which is newer than the one Python links);
what a cut leaves is opened with Python's.
"""

from __future__ import annotations

import random
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing as closing_of
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from pipeline.claimable import ANYBODYS
from pipeline.ledger import Ledger
from pipeline.ledger.sqlite import open_ledger
from pipeline.ledger.sqlite.connection import SqliteDatabase
from pipeline.lifecycle import Reason, State
from pipeline.values import Claim, Step
from tests.ledger.sqlite.power_cut import Cut, Recorded, Recorder, contents
from tests.makers import (
    ManualClock,
    arrival,
    inspection,
    original,
    picture,
    stored_image,
)

SURVIVALS = [(0.0, False), (1.0, False), (0.5, False), (0.5, True), (1.0, True)]
"""How much of what was not forced is left, and whether writes may be left in part."""

TELLING = [("alone", (0.0, False)), ("alone", (0.5, True)), ("together", (0.0, False))]
"""Lives, each with how much survives, that find the most."""


@pytest.fixture
def recorder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Recorder]:
    recorder = Recorder()
    stand_in = SimpleNamespace(**{**vars(sqlite3), "connect": recorder.connect})
    monkeypatch.setattr("pipeline.ledger.sqlite.connection.sqlite3", stand_in)
    # What is deferred is committed by what comes next alone, so that each log is the same.
    monkeypatch.setattr("pipeline.ledger.sqlite.connection.LEAST_LINGER", 60.0)
    monkeypatch.setattr("pipeline.ledger.sqlite.connection.MOST_LINGER", 60.0)
    yield recorder
    monkeypatch.undo()
    recorder.unregister()


@dataclass(frozen=True)
class Told:
    """What had been told to anybody when the power failed, and what the ledger held by then.

    `contents` is None where that is not known: several threads were at work.
    """

    contents: Any
    sent: frozenset[str]
    """The photographs of which a request has left."""
    said: frozenset[str]
    """The photographs that somebody was told to be stored, and whose pictures are gone."""


class World:
    """Whoever hears of what the ledger has written down."""

    def __init__(self, recorder: Recorder, file: Path, *, alone: bool = True) -> None:
        self._recorder = recorder
        self._file = file
        self._alone = alone
        self._sent: frozenset[str] = frozenset()
        self._said: frozenset[str] = frozenset()
        self._lock = threading.Lock()

    def told(self) -> None:
        held = contents(self._file) if self._alone else None
        self._recorder.note(Told(held, self._sent, self._said))

    def send(self, claim: Claim) -> None:
        with self._lock:
            self._sent |= {claim.photo.id}
            self.told()

    def say(self, claim: Claim) -> None:
        with self._lock:
            self._said |= {claim.photo.id}
            self.told()


def taken(ledger: Ledger, step: Step) -> Claim:
    claim = ledger.claim_next(step, ANYBODYS)
    assert claim is not None
    return claim


def prepare(ledger: Ledger, names: str, products: Iterable[int], world: World) -> None:
    """Take photographs to PREPARED; nothing of that is awaited but their arrival."""
    for name, product in zip(names, products, strict=True):
        path = f"/{product}/{name}.jpg"
        ledger.receive(arrival(path), original(path, name.encode(), product_id=product))
        world.told()
    for _ in names:
        claim = taken(ledger, Step.PREPARE)
        assert claim.photo.placement is not None
        ledger.validated(claim, inspection(), claim.photo.placement, "checked")
    for name in names:
        ledger.prepared(taken(ledger, Step.PREPARE), picture(name.encode()), "prepared")


def live(recorder: Recorder, file: Path) -> None:
    """Take photographs through all that may happen to them; note what each call acknowledged."""
    clock = ManualClock()
    world = World(recorder, file)
    ledger = open_ledger(file, "store", "run", clock.now)
    world.told()

    def sent() -> Claim:
        claim = ledger.intend(taken(ledger, Step.UPLOAD))
        world.send(claim)
        return claim

    def stored(claim: Claim, number: int) -> None:
        ledger.stored(claim, stored_image(number), "stored")
        ledger.when_durable(partial(world.say, claim))

    prepare(ledger, "abcdefg", [158] * 7, world)
    claim = sent()
    stored(claim, 1)
    # What it was is durable with the intent to send the next.
    claim = sent()
    ledger.doubt(claim, "lost", ended_at=clock.now(), missing_since=None, not_before=clock.now())
    world.told()
    ledger.not_sent(taken(ledger, Step.UPLOAD), "not there", not_before=None, attempts=1)
    world.told()
    stored(sent(), 2)
    # Or by itself.
    ledger.make_durable()
    ledger.release(taken(ledger, Step.UPLOAD))
    ledger.unprepared(taken(ledger, Step.UPLOAD), "gone")
    ledger.prepared(taken(ledger, Step.PREPARE), picture(b"c"), "prepared")
    later = clock.now() + timedelta(seconds=5)
    ledger.postpone(taken(ledger, Step.UPLOAD), "away", not_before=later, attempts=1)
    world.told()
    clock.forward(10)
    ledger.fail(taken(ledger, Step.UPLOAD), Reason.STORE_REJECTED, "no", retry_from=State.PREPARED)
    world.told()
    for number in range(3, 6):
        stored(sent(), number)
    stored(sent(), 6)
    ledger.close()


def live_together(recorder: Recorder, file: Path) -> None:
    """Have several threads send photographs of different products at the same moments."""
    world = World(recorder, file, alone=False)
    ledger = open_ledger(file, "store", "run", ManualClock().now)
    world.told()
    prepare(ledger, "abcdef", range(1, 7), world)
    together = threading.Barrier(3)

    def send(number: int) -> None:
        for round_ in (0, 1):
            together.wait()
            claim = ledger.intend(taken(ledger, Step.UPLOAD))
            world.send(claim)
            together.wait()
            ledger.stored(claim, stored_image(10 * round_ + number), "stored")
            ledger.when_durable(partial(world.say, claim))

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(send, (1, 2, 3)))
    ledger.close()


def losses(log: list[Any], folder: Path, survivals: list[tuple[float, bool]]) -> list[str]:
    """Return what is wrong after a cut at each place, in each way of surviving."""
    wrong: list[str] = []
    dice = random.Random(158)
    first = next(place for place, operation in enumerate(log) if operation[0] == "told")
    told: list[Told] = [operation[1] for operation in log if operation[0] == "told"]
    cut = Cut()
    for place, operation in enumerate(log, start=1):
        cut.take(operation)
        if place <= first + 1:
            continue
        for keep, torn in survivals:
            if keep == 0.0 and operation[0] in ("write", "truncate"):
                continue  # of which nothing is left, as if it had not been
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


def _wrong(file: Path, allowed: Sequence[Told], *, closing: bool) -> str | None:
    # Here nothing needs to be durable any more: half the time goes into forcing otherwise.
    with closing_of(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        (problem,) = connection.execute("PRAGMA integrity_check").fetchone()
        if problem != "ok":
            return f"damaged: {problem}"
        try:
            sent = {row[0] for row in connection.execute("SELECT photo FROM attempts")}
            stored = {
                row[0] for row in connection.execute("SELECT id FROM photos WHERE state = 'stored'")
            }
            found = contents(file)
        except sqlite3.DatabaseError as error:
            return f"damaged: {error}"
    if not allowed[0].sent <= sent:
        return "a request has left of which the ledger knows nothing"
    if not allowed[0].said <= stored:
        return "somebody was told that a photograph is stored, and the ledger does not know it"
    if allowed[0].contents is not None and found not in [one.contents for one in allowed]:
        return None if closing else "an acknowledged change is not there"
    return None


LIVES = {"alone": live, "together": live_together}


def lived(recorder: Recorder, tmp_path: Path, live: Callable[[Recorder, Path], None]) -> None:
    (tmp_path / "live").mkdir()
    live(recorder, tmp_path / "live" / "ledger.sqlite3")
    (tmp_path / "cuts").mkdir()


@pytest.mark.parametrize(
    ("life", "keep", "torn"),
    [
        pytest.param(life, *one, marks=[] if (life, one) in TELLING else pytest.mark.long)
        for life in LIVES
        for one in SURVIVALS
    ],
)
def test_no_acknowledged_change_is_lost_wherever_the_power_fails(
    tmp_path: Path,
    recorder: Recorder,
    monkeypatch: pytest.MonkeyPatch,
    life: str,
    keep: float,
    torn: bool,
) -> None:
    lived(recorder, tmp_path, LIVES[life])
    monkeypatch.undo()
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
    lived(recorder, tmp_path, live)
    monkeypatch.undo()
    assert losses(recorder.log, tmp_path / "cuts", [(0.0, False)])


def all_deferred(monkeypatch: pytest.MonkeyPatch) -> None:
    writing = SqliteDatabase.writing
    monkeypatch.setattr(SqliteDatabase, "writing", lambda self, **_: writing(self, deferred=True))
    # On a slow machine it would be durable by then, late as it is.
    for linger in ("LEAST_LINGER", "MOST_LINGER"):
        monkeypatch.setattr(f"pipeline.ledger.sqlite.connection.{linger}", 60.0)


def told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SqliteDatabase, "when_durable", lambda self, then: then())


def not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    class Hasty(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            return True

    hasty = SimpleNamespace(**{**vars(threading), "Event": Hasty})
    monkeypatch.setattr("pipeline.ledger.sqlite.connection.threading", hasty)


@pytest.mark.parametrize(
    ("mutant", "life", "found_out"),
    [
        (all_deferred, "alone", "a request has left"),
        (told_at_once, "alone", "somebody was told"),
        (not_waited_for, "together", "a request has left"),
    ],
)
def test_a_ledger_that_tells_of_what_is_not_durable_is_found_out(
    tmp_path: Path,
    recorder: Recorder,
    monkeypatch: pytest.MonkeyPatch,
    mutant: Callable[[pytest.MonkeyPatch], None],
    life: str,
    found_out: str,
) -> None:
    mutant(monkeypatch)
    lived(recorder, tmp_path, LIVES[life])
    monkeypatch.undo()
    wrong = losses(recorder.log, tmp_path / "cuts", [(0.0, False)])
    assert any(found_out in sentence for sentence in wrong)
