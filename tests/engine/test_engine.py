"""One step after another; what follows each kind of error; a doubt is settled by asking."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.engine import Engine, RetryTimes, SilentObserver
from pipeline.errors import (
    LedgerError,
    NotReady,
    PhotoRefused,
    PipelineError,
    ProductUnknown,
    StoreDenied,
    StoreRejected,
    StoreThrottled,
    StoreUnavailable,
    StoreUnsure,
)
from pipeline.intake import accept
from pipeline.ledger.sqlite import open_ledger
from pipeline.lifecycle import Reason, State
from pipeline.values import Photo
from tests.engine.fake_stages import SETTLE, FakeStages, advance, step, steps
from tests.makers import ManualClock, arrival, stored_image


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
    assert list(engine.ledger.photos()) == []


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


def test_a_lost_answer_is_settled_by_adopting_the_image_that_was_made(
    engine: Engine, store: FakeStages
) -> None:
    engine.submit(arrival("/158/a.jpg"))
    store.makes_it_all_the_same = True
    store.trouble("deliver", StoreUnsure("the connection broke"))
    doubtful = steps(engine, 3)
    assert doubtful.state is State.UPLOADING
    settled = step(engine)
    assert settled.state is State.STORED
    assert settled.image == store.images[0]
    assert (store.creates, len(store.images)) == (1, 1)


def test_a_lost_request_is_sent_again_only_after_two_looks_and_the_whole_waiting_time(
    engine: Engine, store: FakeStages, clock: ManualClock
) -> None:
    engine.submit(arrival("/158/a.jpg"))
    store.trouble("deliver", StoreUnsure("the connection broke"))
    ended_at = clock.now()
    photo = steps(engine, 4)
    assert (photo.state, store.looks) == (State.UPLOADING, 1)
    while photo.state is State.UPLOADING:
        assert store.creates == 1
        assert photo.not_before is not None
        clock.time = photo.not_before
        photo = step(engine)
    assert photo.state is State.PREPARED
    assert clock.now() - ended_at >= timedelta(seconds=SETTLE)
    assert store.looks >= 2
    assert step(engine).state is State.STORED
    assert (store.creates, len(store.images)) == (2, 1)


def test_a_store_that_finishes_late_within_the_waiting_time_makes_no_duplicate(
    engine: Engine, store: FakeStages, clock: ManualClock
) -> None:
    engine.submit(arrival("/158/a.jpg"))
    store.trouble("deliver", StoreUnsure("a gateway gave up"))
    photo = steps(engine, 4)
    clock.forward(SETTLE - 1)
    assert photo.picture is not None
    store.images.append(stored_image(99, 158, photo.picture.upload_name.removesuffix(".jpg")))
    photo = step(engine)
    assert (photo.state, photo.image and photo.image.id) == (State.STORED, 99)
    assert store.creates == 1


def test_a_look_that_fails_leaves_the_photograph_in_doubt(
    engine: Engine, store: FakeStages, clock: ManualClock
) -> None:
    engine.submit(arrival("/158/a.jpg"))
    store.makes_it_all_the_same = True
    store.trouble("deliver", StoreUnsure("the connection broke"))
    store.trouble("find", *[StoreUnavailable("still away") for _ in range(30)])
    photo = steps(engine, 3)
    for _ in range(30):
        clock.forward(3600)
        photo = step(engine)
        assert photo.state is State.UPLOADING
    clock.forward(3600)
    assert step(engine).state is State.STORED
    assert store.creates == 1


def test_a_defect_in_the_middle_of_sending_is_a_doubt_and_not_a_failure(
    engine: Engine, store: FakeStages
) -> None:
    engine.submit(arrival("/158/a.jpg"))
    store.makes_it_all_the_same = True
    store.trouble("deliver", RuntimeError("a defect"))
    assert steps(engine, 3).state is State.UPLOADING
    assert step(engine).state is State.STORED
    assert store.creates == 1


def test_one_that_is_in_the_store_twice_keeps_the_lower_id_and_that_is_said(
    engine: Engine, store: FakeStages
) -> None:
    engine.submit(arrival("/158/a.jpg"))
    store.makes_it_all_the_same = True
    store.trouble("deliver", StoreUnsure("the connection broke"))
    steps(engine, 3)
    store.images.append(replace(store.images[0], id=9))
    photo = step(engine)
    assert photo.image is not None
    assert photo.image.id == store.images[0].id < 9
    assert "also as 9" in photo.sentence
    assert photo.sentence in [line.sentence for line in engine.ledger.history(photo.id)]


@pytest.mark.parametrize("second", ["/158/b.jpg", "/159/b.jpg"])
def test_an_answer_with_another_photographs_id_is_not_believed(
    engine: Engine, store: FakeStages, second: str
) -> None:
    engine.submit(arrival("/158/a.jpg"))
    first = steps(engine, 3)
    engine.submit(arrival(second, product_id=int(second[1:4])))

    def photo() -> Photo:
        return next(one for one in engine.ledger.photos() if one.id != first.id)

    store.answers_with = first.image
    for _ in range(3):
        advance(engine)
    assert photo().state is State.UPLOADING
    assert "another photograph's" in photo().sentence
    advance(engine)
    assert (photo().state, store.creates) == (State.STORED, 2)
    assert photo().image == store.images[1]


UNCERTAIN = [402, 405, 406, 410, 411, 418, 428, 431, 451, 501, 505, 507]
PASSING = [409, 421, 423, 425, 449]


@pytest.mark.parametrize("made", [True, False])
@pytest.mark.parametrize("status", UNCERTAIN + PASSING)
def test_a_refusal_that_may_come_from_in_between_is_believed_only_after_a_look(
    engine: Engine, store: FakeStages, status: int, made: bool
) -> None:
    engine.submit(arrival("/158/a.jpg"))
    store.makes_it_all_the_same = made
    store.trouble("deliver", StoreRejected(status, "the proxy's words"))
    assert steps(engine, 3).state is State.UPLOADING
    store.trouble("find", StoreUnavailable("away"))
    photo = step(engine)
    assert (photo.state, store.creates) == (State.UPLOADING, 1)
    assert photo.not_before is not None
    engine.clock.wait((photo.not_before - engine.clock.now()).total_seconds())
    photo = step(engine)
    if made:
        assert (photo.state, photo.image) == (State.STORED, store.images[0])
        return
    if status in PASSING:
        # It speaks of the moment: the photograph keeps its place, and is sent again.
        assert photo.state is State.PREPARED
        engine.clock.wait(400)
    else:
        assert (photo.state, photo.reason) == (State.FAILED, Reason.STORE_REJECTED)
        engine.ledger.retry(photo.id)
    assert "the proxy's words" in photo.sentence
    assert step(engine).state is State.STORED
    assert (store.creates, len(store.images)) == (2, 1)


ERRORS: dict[str, Callable[[], PipelineError]] = {
    "unsure": lambda: StoreUnsure("lost"),
    "away": lambda: StoreUnavailable("away"),
    "slow": lambda: StoreThrottled("slow down", 3.0),
}


@settings(max_examples=60, deadline=None)
@given(
    deliveries=st.lists(st.sampled_from(sorted(ERRORS)), max_size=5),
    looks=st.lists(st.sampled_from(["away", "slow"]), max_size=5),
    made=st.booleans(),
)
def test_whatever_the_store_answers_there_is_one_image_in_the_end(
    tmp_path_factory: pytest.TempPathFactory, deliveries: list[str], looks: list[str], made: bool
) -> None:
    clock, store = ManualClock(), FakeStages()
    file = tmp_path_factory.mktemp("engine") / "ledger.sqlite3"
    ledger = open_ledger(file, "store", "run", clock.now)
    engine = Engine(
        ledger, store.stages(), clock, RetryTimes(confirm_after=SETTLE), SilentObserver()
    )
    # Only an answer that leaves doubt may hide an image that was made.
    store.makes_it_all_the_same = made and all(name == "unsure" for name in deliveries)
    store.trouble("deliver", *[ERRORS[name]() for name in deliveries])
    store.trouble("find", *[ERRORS[name]() for name in looks])
    engine.submit(arrival("/158/a.jpg"))
    for _ in range(60):
        photo = step(engine)
        clock.forward(400)
        if photo.state is State.STORED:
            break
    assert photo.state is State.STORED
    assert len(store.images) == 1
    assert photo.image is not None
    assert photo.image == replace(store.images[0])
    ledger.close()


@pytest.mark.parametrize(
    "trouble",
    [
        OverflowError("Python int too large to convert to SQLite INTEGER"),
        sqlite3.IntegrityError("UNIQUE constraint failed"),
        UnicodeEncodeError("utf-8", "\udcff", 0, 1, "surrogates not allowed"),
        RecursionError("too deep"),
        AssertionError(),
        FileNotFoundError("whatever"),
    ],
)
def test_an_arrival_over_which_the_program_stumbles_fails_alone(
    engine: Engine, store: FakeStages, trouble: Exception
) -> None:
    store.trouble("accept", trouble)
    photo = engine.submit(arrival("/158/1.jpg"))
    assert photo is not None
    assert (photo.state, photo.reason) == (State.FAILED, Reason.DEFECT)
    assert "see the log, then give the photograph again" in photo.sentence
    assert engine.ledger.retry(photo.id) is None, "there is nothing to go on with"
    other = engine.submit(arrival("/158/2.jpg"))
    assert other is not None
    assert other.state is State.RECEIVED
    again = engine.submit(arrival("/158/1.jpg"))
    assert again is not None
    assert (again.id, again.state, again.reason) == (photo.id, State.RECEIVED, None)


def test_bytes_that_are_kept_are_let_go_when_they_are_needed_no_more(
    engine: Engine, store: FakeStages
) -> None:
    photo = engine.submit(arrival("/158/1.jpg"))
    assert photo is not None
    store.trouble("render", StoreUnavailable("away"))
    while step(engine).state is not State.STORED:
        engine.clock.forward(400)  # type: ignore[attr-defined]
        assert store.released in ([], [photo.sha256])
    assert store.released == [photo.sha256]
    # It was kept again, perhaps, by whoever died just before.
    engine.submit(arrival("/158/1.jpg"))
    assert store.released == 2 * [photo.sha256]


@given(
    st.one_of(st.none(), st.integers(), st.integers(min_value=2**62, max_value=2**66)),
    st.one_of(st.none(), st.text(st.characters(), max_size=300)),
)
@settings(max_examples=60, deadline=None)
def test_whatever_is_said_of_a_photograph_it_is_written_down(
    product_id: int | None, sku: str | None
) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.jpg"
        path.write_bytes(b"a photograph")
        ledger = open_ledger(Path(folder) / "ledger.sqlite3", "store", "run", ManualClock().now)
        stages = replace(FakeStages().stages(), accept=partial(accept, most_bytes=1000))
        engine = Engine(ledger, stages, ManualClock(), RetryTimes(), SilentObserver())
        with closing(ledger):
            said = {"product_id": product_id} if product_id is not None else {"sku": sku}
            photo = engine.submit(replace(arrival(path), **said))
            assert photo is not None
            assert photo.state is State.RECEIVED
            gone = engine.submit(replace(arrival(Path(folder) / "b.jpg"), **said))
            assert gone is not None
            assert gone.reason is Reason.VANISHED
