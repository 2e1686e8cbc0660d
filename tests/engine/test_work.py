"""Work until nothing is due, or until it is stopped: the end, the probes, the months between."""

from __future__ import annotations

import importlib
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipeline.engine import WATCH, Engine, RetryTimes, SilentObserver, work
from pipeline.errors import (
    NotReady,
    StoreDenied,
    StoreThrottled,
    StoreUnavailable,
    StoreUnreachable,
    StoreUnsure,
)
from pipeline.intake.inbox import Submit
from pipeline.ledger.sqlite import open_ledger
from pipeline.lifecycle import State
from pipeline.service.clock import SystemClock
from pipeline.values import Arrival, Claim, Photo, Step
from tests.engine.fake_stages import FakeStages
from tests.makers import START, ManualClock, arrival, original
from tests.stories.commands import until


def test_work_stores_everything_and_ends(engine: Engine, store: FakeStages) -> None:
    arrivals = [arrival(f"/158/{number}.jpg", product_id=158) for number in range(30)]
    outcome = work(engine, arrivals, preparing=3, uploading=3, give_up_after=5)
    assert (outcome.stopped, outcome.error) == (False, None)
    assert engine.ledger.tally()[State.STORED] == 30
    assert len(store.images) == 30


def test_work_uploads_a_products_pictures_in_shot_order(engine: Engine, store: FakeStages) -> None:
    arrivals = [
        arrival(f"/{product}/{number}.jpg", product_id=product)
        for number in range(1, 13)
        for product in (158, 159)
    ]
    work(engine, arrivals, preparing=4, uploading=4, give_up_after=5)
    by_image = {photo.image and photo.image.image_file: photo for photo in engine.ledger.photos()}
    for product in (158, 159):
        shot = [
            by_image[image.image_file].path.stem
            for image in store.images
            if image.product_id == product
        ]
        assert shot == [str(number) for number in range(1, 13)]


def test_work_gives_up_on_a_store_that_stays_away_and_loses_nothing(
    engine: Engine, store: FakeStages
) -> None:
    store.trouble("deliver", *[StoreUnavailable("away") for _ in range(1000)])
    outcome = work(
        engine, [arrival("/158/a.jpg", product_id=158)], preparing=1, uploading=1, give_up_after=0.2
    )
    assert outcome.error is None
    assert engine.ledger.tally()[State.PREPARED] == 1


NEVER = 3600.0


def stuck(engine: Engine, stage: str, error: Exception) -> None:
    """Have a stage wait for the store until it is let go, and fail then."""
    let_go = threading.Event()

    def waits(*given: object) -> Any:
        assert let_go.wait(30)
        raise error

    changes: dict[str, Any] = {stage: waits, "let_go": lambda rest: let_go.set()}
    engine.stages = engine.dealings.counting(replace(engine.stages, **changes))


@pytest.mark.parametrize(
    ("stage", "error", "state"),
    [
        ("deliver", StoreUnsure("no answer"), State.UPLOADING),
        ("deliver", StoreUnavailable("no answer"), State.PREPARED),
        ("place", StoreUnavailable("no answer"), State.RECEIVED),
        ("place", StoreThrottled("an hour", NEVER), State.RECEIVED),
    ],
)
def test_work_gives_up_whatever_the_threads_wait_in_and_says_why(
    engine: Engine, store: FakeStages, stage: str, error: Exception, state: State
) -> None:
    stuck(engine, stage, error)
    arrivals = [arrival(f"/{number}/a.jpg") for number in range(158, 161)]
    began = time.monotonic()
    outcome = work(engine, arrivals, preparing=2, uploading=2, give_up_after=0.3)
    assert time.monotonic() - began < 5
    assert (outcome.gave_up, outcome.left) == ("the shop does not answer", 3)
    assert engine.ledger.tally()[state] >= 1


def test_a_pause_that_is_asked_for_again_and_again_is_no_progress(
    engine: Engine, store: FakeStages
) -> None:
    def place(*given: object) -> Any:
        raise StoreThrottled("a pause (429)", 0.0)

    engine.stages = engine.dealings.counting(replace(engine.stages, place=place))
    arrivals = [arrival("/158/a.jpg")]
    outcome = work(engine, arrivals, preparing=1, uploading=1, give_up_after=0.3)
    assert (outcome.gave_up, outcome.left) == ("a pause (429)", 1)


def test_a_pause_without_an_end_is_given_up_in_its_own_words(
    engine: Engine, store: FakeStages
) -> None:
    engine.stages = replace(engine.stages, store_pause=lambda: NEVER)
    outcome = work(
        engine, [arrival("/158/a.jpg", product_id=158)], preparing=1, uploading=1, give_up_after=0.3
    )
    assert outcome.gave_up == "the shop asks for a pause of another 3600 seconds"
    assert outcome.left == 1


def test_what_this_machine_works_on_is_waited_for(engine: Engine, store: FakeStages) -> None:
    render = engine.stages.render

    def slowly(*given: Any) -> Any:
        time.sleep(0.6)
        return render(*given)

    engine.stages = replace(engine.stages, render=slowly)
    arrivals = [arrival(f"/158/{number}.jpg", product_id=158) for number in range(2)]
    outcome = work(engine, arrivals, preparing=1, uploading=1, give_up_after=0.3)
    assert outcome.gave_up is None
    assert len(store.images) == 2


def test_work_ends_at_once_with_the_error_that_made_going_on_senseless(
    engine: Engine, store: FakeStages
) -> None:
    store.trouble("deliver", StoreDenied("the token is not good"))
    arrivals = [arrival(f"/158/{number}.jpg", product_id=158) for number in range(5)]
    outcome = work(engine, arrivals, preparing=1, uploading=1, give_up_after=5)
    assert isinstance(outcome.error, StoreDenied)
    assert store.images == []


def test_work_stops_when_asked_and_a_later_one_goes_on(
    engine: Engine, store: FakeStages, clock: ManualClock
) -> None:
    def arrivals() -> Iterator[Arrival]:
        for number in range(20):
            if number == 10:
                clock.stopped = True
            yield arrival(f"/158/{number}.jpg", product_id=158)

    assert work(engine, arrivals(), preparing=1, uploading=1, give_up_after=5).stopped
    assert len(store.images) < 20
    clock.stopped = False
    any_owner = [arrival(f"/158/{number}.jpg", product_id=158) for number in range(20)]
    work(engine, any_owner, preparing=2, uploading=2, give_up_after=5)
    assert len(store.images) == 20
    assert engine.ledger.tally()[State.STORED] == 20


def test_a_broken_store_is_probed_by_one_upload_at_a_time(
    engine: Engine, store: FakeStages
) -> None:
    store.trouble("deliver", *[StoreUnavailable("away") for _ in range(1000)])
    arrivals = [arrival(f"/{number}/a.jpg", product_id=number) for number in range(1, 41)]
    work(engine, arrivals, preparing=2, uploading=8, give_up_after=1.8)
    # Three failures and what was in hand then; after the pause one, and not eight.
    assert 4 <= store.creates <= 10
    assert store.images == []


def test_the_first_good_answer_lets_all_others_go(engine: Engine, store: FakeStages) -> None:
    store.trouble("deliver", *[StoreUnavailable("away") for _ in range(3)])
    arrivals = [arrival(f"/{number}/a.jpg", product_id=number) for number in range(1, 41)]
    work(engine, arrivals, preparing=2, uploading=8, give_up_after=4)
    assert len(store.images) == 37


class Listener(SilentObserver):
    """Keeps what was said, and which photographs it was told of as stored."""

    def __init__(self) -> None:
        self.said_all: list[str] = []
        self.warnings: list[str] = []
        self.stored: set[str] = set()

    def said(self, sentence: str) -> None:
        self.said_all.append(sentence)

    def warned(self, sentence: str) -> None:
        self.warnings.append(sentence)

    def ended(self, photo: Photo) -> None:
        if photo.state is State.STORED:
            self.stored.add(photo.path.name)


@pytest.fixture
def listener() -> Listener:
    return Listener()


@pytest.fixture
def live_engine(tmp_path: Path, store: FakeStages, listener: Listener) -> Iterator[Engine]:
    clock = SystemClock()
    ledger = open_ledger(tmp_path / "ledger.sqlite3", "shop", "watch", clock.now)
    retry_times = RetryTimes(confirm_after=0.1, first_pause=0.1, longest_pause=0.4)
    yield Engine(ledger, store.stages(), clock, retry_times, listener)
    ledger.close()


def feed_of(
    names: list[str], until: Callable[[], bool]
) -> Callable[[Submit, Callable[[], bool]], None]:
    """Return a source that hands on photographs, and goes on until something holds."""

    def feed(submit: Submit, over: Callable[[], bool]) -> None:
        for name in names:
            submit([arrival(f"/shop/158/{name}", product_id=158)])
        deadline = time.monotonic() + 30
        while not (over() or until()):
            assert time.monotonic() < deadline
            time.sleep(0.01)

    return feed


NAMES = [f"158_{number}.jpg" for number in range(1, 7)]


def run(engine: Engine, listener: Listener) -> None:
    outcome = work(
        engine,
        feed_of(NAMES, lambda: len(listener.stored) == len(NAMES)),
        WATCH,
        preparing=2,
        uploading=3,
        give_up_after=0.0,
    )
    assert outcome.error is None


def in_the_order_of_the_store(engine: Engine) -> list[str]:
    images = {photo.image.id: photo.path for photo in engine.ledger.photos() if photo.image}
    return [images[number].name for number in sorted(images)]


def test_a_token_that_is_not_taken_is_said_once_and_uses_up_nothing(
    live_engine: Engine, store: FakeStages, listener: Listener
) -> None:
    store.trouble("deliver", *[StoreDenied("the token is not good")] * 4)
    run(live_engine, listener)
    assert listener.warnings == ["nothing is sent until this is put right: the token is not good"]
    assert listener.said_all == ["the shop takes the token again: uploads go on"]
    assert in_the_order_of_the_store(live_engine) == NAMES
    assert {photo.attempts for photo in live_engine.ledger.photos()} == {0}


def test_a_catalogue_that_is_denied_does_not_end_the_work_either(
    live_engine: Engine, store: FakeStages, listener: Listener
) -> None:
    store.trouble("check", StoreDenied("the token is not good"))
    run(live_engine, listener)
    assert len(listener.warnings) == 1
    assert listener.stored == set(NAMES)
    assert store.creates == len(NAMES)


def test_photographs_keep_their_order_while_the_store_is_away(
    live_engine: Engine, store: FakeStages, listener: Listener
) -> None:
    store.trouble("deliver", *[StoreUnreachable("the shop does not take the connection")] * 12)
    run(live_engine, listener)
    assert in_the_order_of_the_store(live_engine) == NAMES
    assert {photo.attempts for photo in live_engine.ledger.photos()} == {0}


def test_an_arrival_that_is_not_ready_is_handed_back(
    live_engine: Engine, store: FakeStages, listener: Listener
) -> None:
    store.trouble("accept", NotReady("it is still being written"))
    answers: list[Photo | None] = []

    def feed(submit: Submit, over: Callable[[], bool]) -> None:
        for _ in range(2):
            answers.extend(submit([arrival("/shop/158/a.jpg", product_id=158)]))

    work(live_engine, feed, preparing=1, uploading=1, give_up_after=5)
    assert answers[0] is None
    assert answers[1] is not None
    assert listener.stored == {"a.jpg"}


def test_a_source_is_told_when_the_program_is_asked_to_stop(
    live_engine: Engine, listener: Listener
) -> None:
    clock = live_engine.clock
    assert isinstance(clock, SystemClock)
    threading.Timer(0.5, clock.stop).start()
    outcome = work(
        live_engine,
        feed_of([], lambda: False),
        WATCH,
        preparing=1,
        uploading=1,
        give_up_after=0.0,
    )
    assert outcome.stopped


def test_where_nothing_is_left_to_do_no_thread_asks_until_there_is(
    live_engine: Engine, listener: Listener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    claims: list[Step] = []
    claim_next = live_engine.ledger.claim_next

    def counted(step: Step, *may: Any, **asked: Any) -> Claim | None:
        claims.append(step)
        return claim_next(step, *may, **asked)

    monkeypatch.setattr(live_engine.ledger, "claim_next", counted)

    def nobody_asks() -> bool:
        before = len(claims)
        time.sleep(1.2)
        return len(claims) == before

    def feed(submit: Submit, over: Callable[[], bool]) -> None:
        submit([arrival("/shop/158/a.jpg", product_id=158)])
        until(lambda: listener.stored == {"a.jpg"})
        until(nobody_asks, 20)
        submit([arrival("/shop/158/b.jpg", product_id=158)])
        until(lambda: listener.stored == {"a.jpg", "b.jpg"})
        until(nobody_asks, 20)
        with closing(open_ledger(tmp_path / "ledger.sqlite3", "shop", "run", lambda: START)) as one:
            one.receive(arrival("/c.jpg", product_id=159), original("/c.jpg", b"c"))
            until(lambda: "c.jpg" in listener.stored)

    outcome = work(live_engine, feed, WATCH, preparing=2, uploading=3, give_up_after=0.0)
    assert outcome.error is None


def test_a_wish_to_stop_ends_the_rest_at_once(
    live_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.import_module("pipeline.engine.work"), "REST_SECONDS", 3600.0)
    clock = live_engine.clock
    assert isinstance(clock, SystemClock)
    threading.Timer(1.0, clock.stop).start()
    feed = feed_of([], lambda: False)
    assert work(live_engine, feed, WATCH, preparing=1, uploading=1, give_up_after=0.0).stopped


def test_a_file_that_is_not_ready_is_taken_later_in_the_same_work(
    engine: Engine, store: FakeStages
) -> None:
    store.trouble("accept", NotReady("it is still being written"))
    arrivals = [arrival(f"/158/{number}.jpg", product_id=158) for number in range(2)]
    outcome = work(engine, arrivals, preparing=1, uploading=1, give_up_after=5)
    assert (len(store.images), outcome.not_taken) == (2, ())


def test_a_file_that_is_never_ready_is_left_and_told(engine: Engine, store: FakeStages) -> None:
    store.trouble("accept", *[NotReady("it is still being written")] * 100)
    outcome = work(engine, [arrival("/158/a.jpg")], preparing=1, uploading=1, give_up_after=0.7)
    assert outcome.not_taken == (Path("/158/a.jpg"),)


def test_what_is_not_ready_yet_keeps_its_place_before_the_later_ones_of_its_folder(
    engine: Engine, store: FakeStages
) -> None:
    store.trouble("accept", *[NotReady("it is still being written")] * 3)
    arrivals = [
        arrival(f"/{product}/{number}.jpg", product_id=product)
        for product in (158, 159)
        for number in (1, 2, 3)
    ]
    work(engine, arrivals, preparing=2, uploading=2, give_up_after=20)
    paths = {photo.image.id: photo.path for photo in engine.ledger.photos() if photo.image}
    for product in (158, 159):
        shown = [paths[image.id].stem for image in store.images if image.product_id == product]
        assert shown == ["1", "2", "3"]


def test_what_never_gets_ready_holds_up_the_others_of_its_folder_no_longer_than_it_is_waited_for(
    engine: Engine, store: FakeStages
) -> None:
    store.poison("accept", 158, "1", lambda: NotReady("it is still being written"))
    arrivals = [arrival(f"/158/{number}.jpg", product_id=158) for number in (1, 2, 3)]
    outcome = work(engine, arrivals, preparing=2, uploading=2, give_up_after=0.6)
    assert outcome.not_taken == (Path("/158/1.jpg"),)
    assert len(store.images) == 2
