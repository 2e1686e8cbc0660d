"""What is small is claimed several at a time, and any thread that is free works on it."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest

from pipeline.claimable import OWN
from pipeline.engine import Engine, work
from pipeline.engine.ahead import MOST, SMALL_BYTES, Ahead
from pipeline.errors import LedgerError, StoreDenied
from pipeline.lifecycle import State
from pipeline.values import Arrival, Inspection, Original, Step
from tests.engine.fake_stages import FakeStages
from tests.makers import arrival


def arrivals(number: int) -> list[Arrival]:
    return [arrival(f"/shop/{one}/a.jpg", product_id=one) for one in range(1, number + 1)]


@pytest.fixture
def called() -> list[bool]:
    return []


@pytest.fixture
def ahead(engine: Engine, called: list[bool]) -> Ahead:
    return Ahead(engine.ledger, OWN, lambda: called.append(True))


def test_those_that_come_after_a_small_one_are_claimed_with_it_in_their_order(
    engine: Engine, ahead: Ahead, called: list[bool]
) -> None:
    photos = [engine.submit(one) for one in arrivals(MOST + 3)]
    first = engine.ledger.claim_next(Step.PREPARE, OWN)
    assert first is not None
    assert ahead.next() is None
    ahead.fill(first)
    taken = [first, *iter(ahead.next, None)]
    assert called == [True]
    assert [claim.photo.id for claim in taken] == [
        photo and photo.id for photo in photos[: MOST + 1]
    ]
    for claim in taken:
        engine.advance(claim)
    tally = engine.ledger.tally()
    assert (tally[State.VALIDATED], tally[State.RECEIVED]) == (MOST + 1, 2)


@pytest.mark.parametrize("large", [0, 3])
def test_a_large_one_is_claimed_by_itself(engine: Engine, ahead: Ahead, large: int) -> None:
    accept = engine.stages.accept

    def accepted(one: Arrival) -> Original:
        size = SMALL_BYTES + 1 if one.product_id == large + 1 else 100
        return replace(accept(one), size=size)

    engine._receiving._accept = accepted
    for one in arrivals(6):
        engine.submit(one)
    first = engine.ledger.claim_next(Step.PREPARE, OWN)
    assert first is not None
    ahead.fill(first)
    beside = [claim.photo.placement for claim in iter(ahead.next, None)]
    assert [one.product_id for one in beside if one] == list(range(2, large + 1))


def test_none_are_claimed_ahead_where_anything_is_in_haste(engine: Engine, ahead: Ahead) -> None:
    for one in arrivals(5):
        engine.submit(one)
    first = engine.ledger.claim_next(Step.PREPARE, OWN)
    assert first is not None
    engine.submit(replace(arrival("/shop/9/shot.jpg", product_id=9), in_haste=True))
    ahead.fill(first)
    assert ahead.next() is None
    shot = engine.ledger.claim_next(Step.PREPARE, OWN)
    assert shot is not None
    assert shot.photo.in_haste
    ahead.fill(shot)
    assert ahead.next() is None


def test_what_nobody_came_to_is_given_back(engine: Engine, ahead: Ahead) -> None:
    for one in arrivals(4):
        engine.submit(one)
    first = engine.ledger.claim_next(Step.PREPARE, OWN)
    assert first is not None
    ahead.fill(first)
    ahead.let_go()
    assert ahead.next() is None
    again = [engine.ledger.claim_next(Step.PREPARE, OWN) for _ in range(4)]
    assert [claim is not None for claim in again] == [True, True, True, False]


def test_one_question_for_a_claim_serves_many(
    engine: Engine, store: FakeStages, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: Counter[str] = Counter()
    claim_next = engine.ledger.claim_next

    def counted(step: Step, *may: Any, **named: Any) -> Any:
        claim = claim_next(step, *may, **named)
        asked[step] += claim is not None
        return claim

    for one in arrivals(40):
        engine.submit(one)
    monkeypatch.setattr(engine.ledger, "claim_next", counted)
    work(engine, [], preparing=1, uploading=1, give_up_after=5)
    assert len(store.images) == 40
    assert asked[Step.UPLOAD] == 40
    # Each is checked, and prepared.
    assert asked[Step.PREPARE] <= 2 * 40 / (MOST + 1) + 2


def test_another_thread_takes_what_one_has_claimed_ahead(engine: Engine, store: FakeStages) -> None:
    """None waits behind one that takes long, as long as any thread is free."""
    together = threading.Barrier(2, timeout=20)
    check = engine.stages.check

    def both(original: Original) -> Inspection:
        together.wait()
        return check(original)

    engine.stages = replace(engine.stages, check=both)
    for one in arrivals(8):
        engine.submit(one)
    ended = work(engine, [], preparing=2, uploading=1, give_up_after=5)
    assert ended.error is None
    assert len(store.images) == 8


def denies(_: Original) -> Inspection:
    raise StoreDenied("no")


def fails(_: Original) -> Inspection:
    raise LedgerError("the disk is full")


@pytest.mark.parametrize("check", [denies, fails])
def test_where_the_work_ends_nothing_is_in_hand(engine: Engine, check: Any) -> None:
    engine.stages = replace(engine.stages, check=check)
    for one in arrivals(8):
        engine.submit(one)
    ended = work(engine, [], preparing=1, uploading=1, give_up_after=5)
    assert ended.error is not None
    free = list(claims_of(engine))
    assert len(free) >= 7, "only the one that could not be recorded may be held"


def claims_of(engine: Engine) -> Iterator[Sequence[Any]]:
    while (claim := engine.ledger.claim_next(Step.PREPARE, OWN)) is not None:
        yield [claim]
