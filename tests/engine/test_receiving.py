"""Arrivals are taken in many at a time, and over one of them at most that one fails."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.claimable import ANYBODYS
from pipeline.engine import Engine
from pipeline.errors import LedgerError, NotReady, PhotoRefused
from pipeline.lifecycle import Reason, State
from pipeline.values import Arrival, KnownFile, Original, Photo, Receipt, Step
from tests.engine.fake_stages import FakeStages
from tests.makers import arrival, original

NAMES = ("a", "b", "c", "d")


def arrivals(folder: str = "/158", names: tuple[str, ...] = NAMES) -> list[Arrival]:
    return [arrival(f"{folder}/{name}.jpg") for name in names]


def states(taken: object) -> list[State | None]:
    assert isinstance(taken, list)
    return [one and one.state for one in taken]


def transactions(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list in which every transaction that writes is noted from now on."""
    seen: list[str] = []

    def noted(name: str, error: object = OSError) -> None:
        if name == "before commit":
            seen.append(name)

    monkeypatch.setattr("pipeline.ledger.sqlite.connection.reach", noted)
    return seen


def test_many_are_written_down_in_one_transaction(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = transactions(monkeypatch)
    taken = engine.submit_many(arrivals())
    assert states(taken) == [State.RECEIVED] * 4
    assert len(written) == 1
    assert [photo.path.stem for photo in engine.ledger.photos()] == list(NAMES)


def test_what_takes_long_to_read_is_written_down_meanwhile(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = transactions(monkeypatch)
    told: list[int] = []
    monkeypatch.setattr("pipeline.engine.receiving.WRITE_SECONDS", 0.0)
    engine.submit_many(arrivals(), written=lambda: told.append(len(written)))
    assert told == [1, 2, 3, 4]


def test_one_that_is_refused_is_told_and_stops_no_other(engine: Engine, store: FakeStages) -> None:
    store.trouble("accept", PhotoRefused(Reason.EMPTY, "it is empty"))
    taken = engine.submit_many(arrivals())
    assert states(taken) == [State.REFUSED, *[State.RECEIVED] * 3]


def test_the_later_ones_of_a_folder_wait_for_one_that_is_not_ready(
    engine: Engine, store: FakeStages
) -> None:
    store.trouble("accept", NotReady("it is being written"))
    held_up: set[Path] = set()
    taken = engine.submit_many([*arrivals(), *arrivals("/159")], held_up=held_up)
    assert states(taken) == [*[None] * 4, *[State.RECEIVED] * 4]
    assert held_up == {Path("/158")}
    assert states(engine.submit_many(arrivals(), held_up=held_up)) == [None] * 4


def test_nobody_waits_for_one_that_is_not_ready_where_that_is_not_wanted(
    engine: Engine, store: FakeStages
) -> None:
    store.trouble("accept", NotReady("it is being written"))
    assert states(engine.submit_many(arrivals())) == [None, *[State.RECEIVED] * 3]


def test_the_ledger_too_may_say_that_one_is_not_ready(engine: Engine, store: FakeStages) -> None:
    held = Path("/158/b.jpg")
    engine.ledger.receive(arrival(held, sku="AAA"), original(held, str(held).encode(), sku="AAA"))
    assert engine.ledger.claim_next(Step.PREPARE, ANYBODYS) is not None

    def accept(one: Arrival) -> Original:
        return original(one.path, str(one.path).encode(), sku="BBB")

    changed = replace(store.stages(), accept=accept)
    other = Engine(engine.ledger, changed, engine.clock, engine.retry_times, engine.observer)
    taken = other.submit_many([*arrivals(), *arrivals("/159")], held_up=set())
    assert states(taken) == [State.RECEIVED, *[None] * 3, *[State.RECEIVED] * 4]


def test_a_defect_at_one_arrival_fails_that_one_alone(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    receive_all, receive = engine.ledger.receive_all, engine.ledger.receive

    def stumbles(receipts: list[Receipt]) -> object:
        if any(receipt.arrival.path.stem == "c" for receipt in receipts):
            raise ZeroDivisionError
        return receive_all(receipts)

    def stumbles_alone(one: Arrival, what: object) -> object:
        if one.path.stem == "c":
            raise ZeroDivisionError
        return receive(one, what)  # type: ignore[arg-type]

    monkeypatch.setattr(engine.ledger, "receive_all", stumbles)
    monkeypatch.setattr(engine.ledger, "receive", stumbles_alone)
    taken = engine.submit_many(arrivals())
    assert states(taken) == [State.RECEIVED, State.RECEIVED, State.FAILED, State.RECEIVED]


def test_a_ledger_that_cannot_be_written_ends_it(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(receipts: object) -> object:
        raise LedgerError("the disk is full")

    monkeypatch.setattr(engine.ledger, "receive_all", full)
    with pytest.raises(LedgerError):
        engine.submit_many(arrivals())


def test_what_is_left_when_it_is_over_is_not_told_of(engine: Engine) -> None:
    asked = iter([False, False, True])
    taken = engine.submit_many(arrivals(), over=lambda: next(asked))
    assert states(taken) == [State.RECEIVED] * 2


def test_what_is_stored_and_known_is_not_read_and_written_down_only_where_it_is_listed(
    engine: Engine, store: FakeStages, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = arrival("/158/a.jpg", product_id=158)
    content = replace(original(one.path, product_id=158), stamp="1:2:3:4")
    photo = engine.ledger.receive(one, content)
    for step in (Step.PREPARE, Step.PREPARE, Step.UPLOAD):
        claim = engine.ledger.claim_next(step, ANYBODYS)
        assert claim is not None
        engine.advance(claim)
    store.trouble("accept", AssertionError("it was read"))
    engine.ledger.make_durable()  # what is still to be committed is none of what is counted
    written = transactions(monkeypatch)
    again = replace(one, stamp="1:2:3:4")
    (known,) = engine.submit_many([again])
    assert known == KnownFile(photo_id=photo.id, state=State.STORED)
    assert written == []
    (listed,) = engine.submit_many([again], list_known=True)
    assert listed == KnownFile(photo_id=photo.id, state=State.STORED, listed=True)
    assert len(written) == 1


def test_one_that_is_known_and_refused_is_written_down_for_the_report(
    engine: Engine, store: FakeStages
) -> None:
    one = arrival("/158/a.jpg")
    engine.ledger.receive(one, replace(original(one.path), stamp="1:2:3:4"))
    claim = engine.ledger.claim_next(Step.PREPARE, ANYBODYS)
    assert claim is not None
    engine.ledger.refuse(claim, Reason.TRUNCATED, "it is cut off")
    store.trouble("accept", AssertionError("it was read"))
    (known,) = engine.submit_many([replace(one, stamp="1:2:3:4")])
    assert isinstance(known, KnownFile)
    assert known.listed
    assert not isinstance(known, Photo)
