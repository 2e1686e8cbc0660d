"""Nobody knows whether an image was made: the engine asks, waits, and never guesses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.engine import Engine, RetryTimes, SilentObserver
from pipeline.errors import (
    PipelineError,
    StoreThrottled,
    StoreUnavailable,
    StoreUnsure,
)
from pipeline.ledger.transitions import SqliteLedger
from pipeline.lifecycle import State
from tests.engine.fake_stages import SETTLE, FakeStages, step, steps
from tests.makers import (
    ManualClock,
    arrival,
    stored_image,
)


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
    ledger = SqliteLedger(file, "store", "run", clock.now)
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
