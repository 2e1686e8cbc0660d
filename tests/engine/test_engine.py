"""One step after another, and what follows each kind of error."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pipeline.engine import Engine
from pipeline.errors import (
    LedgerError,
    NotReady,
    PhotoRefused,
    ProductUnknown,
    StoreDenied,
    StoreRejected,
    StoreThrottled,
    StoreUnavailable,
    StoreUnsure,
)
from pipeline.lifecycle import Reason, State
from tests.engine.fake_stages import FakeStages, step, steps
from tests.makers import (
    ManualClock,
    arrival,
)


def test_a_photograph_goes_from_its_file_to_the_store_in_three_steps(
    engine: Engine, store: FakeStages
) -> None:
    engine.submit(arrival("/158/a.jpg"))
    states = [step(engine).state for _ in range(3)]
    assert states == [State.VALIDATED, State.PREPARED, State.STORED]
    assert store.creates == 1


@pytest.mark.parametrize("stage", ["check", "render"])
def test_a_refusal_is_recorded_with_its_reason_and_sentence(
    engine: Engine, store: FakeStages, stage: str
) -> None:
    engine.submit(arrival("/158/a.jpg"))
    store.trouble(stage, PhotoRefused(Reason.TRUNCATED, "it is cut off"))
    photo = steps(engine, 2)
    assert (photo.state, photo.reason) == (State.REFUSED, Reason.TRUNCATED)
    assert photo.sentence == "it is cut off"


def test_a_file_that_cannot_be_read_is_in_the_ledger_all_the_same(
    engine: Engine, store: FakeStages
) -> None:
    store.trouble("accept", PhotoRefused(Reason.EMPTY, "it is empty"))
    engine.submit(arrival("/158/a.jpg"))
    (photo,) = engine.ledger.photos()
    assert (photo.state, photo.reason) == (State.REFUSED, Reason.EMPTY)


def test_a_file_still_being_written_leaves_no_row(engine: Engine, store: FakeStages) -> None:
    store.trouble("accept", NotReady("still being written"))
    engine.submit(arrival("/158/a.jpg"))
    assert engine.ledger.photos() == []


def test_a_photograph_without_a_product_waits_with_the_reason(
    engine: Engine, store: FakeStages
) -> None:
    engine.submit(arrival("/x/a.jpg"))
    store.trouble("place", ProductUnknown(Reason.PRODUCT_UNKNOWN, "whose is it?"))
    photo = step(engine)
    assert (photo.state, photo.reason) == (State.WAITING, Reason.PRODUCT_UNKNOWN)


def test_a_defect_elsewhere_fails_that_photograph_alone(
    engine: Engine, store: FakeStages, caplog: pytest.LogCaptureFixture
) -> None:
    engine.submit(arrival("/158/a.jpg"))
    store.trouble("render", RuntimeError("a defect"))
    photo = steps(engine, 2)
    assert (photo.state, photo.reason) == (State.FAILED, Reason.DEFECT)
    assert "RuntimeError" in caplog.text


def test_a_store_that_is_away_is_asked_again_with_growing_pauses(
    engine: Engine, store: FakeStages, clock: ManualClock
) -> None:
    engine.submit(arrival("/158/a.jpg"))
    store.trouble("deliver", *[StoreUnavailable("away") for _ in range(4)])
    photo = steps(engine, 3)
    pauses: list[float] = []
    while photo.state is not State.STORED:
        assert photo.state is State.PREPARED
        assert photo.not_before is not None
        pauses.append((photo.not_before - clock.now()).total_seconds())
        clock.time = photo.not_before
        photo = step(engine)
    assert pauses == [1.0, 2.0, 4.0, 8.0]
    assert len(store.images) == 1


def test_being_throttled_uses_up_no_attempt_and_waits_as_the_store_says(
    engine: Engine, store: FakeStages, clock: ManualClock
) -> None:
    engine.submit(arrival("/158/a.jpg"))
    store.trouble("deliver", StoreThrottled("slow down", 17.0))
    photo = steps(engine, 3)
    assert photo.attempts == 0
    assert photo.not_before == clock.now() + timedelta(seconds=17)


def test_a_rejected_picture_fails_in_the_stores_own_words_and_can_be_retried(
    engine: Engine, store: FakeStages
) -> None:
    engine.submit(arrival("/158/a.jpg"))
    store.trouble("deliver", StoreRejected(422, "no room", {"image_file": "too many images"}))
    photo = steps(engine, 3)
    assert (photo.state, photo.reason) == (State.FAILED, Reason.STORE_REJECTED)
    assert "too many images" in photo.sentence
    engine.ledger.retry(photo.id)
    assert step(engine).state is State.STORED


@pytest.mark.parametrize("stage", ["deliver", "find"])
def test_a_bad_token_stops_the_work_and_leaves_the_photograph_where_it_was(
    engine: Engine, store: FakeStages, stage: str
) -> None:
    engine.submit(arrival("/158/a.jpg"))
    before = steps(engine, 2)
    if stage == "find":
        store.trouble("deliver", StoreUnsure("the connection broke"))
        before = step(engine)
    store.trouble(stage, StoreDenied("the token is not good"))
    with pytest.raises(StoreDenied):
        step(engine)
    (photo,) = engine.ledger.photos()
    assert photo.state is before.state


def test_a_picture_gone_from_the_spool_is_prepared_again(engine: Engine, store: FakeStages) -> None:
    engine.submit(arrival("/158/a.jpg"))
    steps(engine, 2)
    store.spooled = False
    assert step(engine).state is State.VALIDATED
    assert steps(engine, 2).state is State.STORED


def test_a_ledger_that_cannot_be_written_stops_before_anything_is_sent(
    engine: Engine, store: FakeStages, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine.submit(arrival("/158/a.jpg"))
    steps(engine, 2)

    def full(*_: object) -> None:
        raise LedgerError("the disk is full")

    monkeypatch.setattr(engine.ledger, "intend", full)
    with pytest.raises(LedgerError):
        step(engine)
    assert store.creates == 0
