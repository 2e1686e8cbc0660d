"""Work that goes on: until its source ends, past a token that is not taken and a store away."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipeline.engine import WATCH, Engine, RetryTimes, SilentObserver, work
from pipeline.errors import NotReady, StoreDenied, StoreUnreachable
from pipeline.ledger.transitions import SqliteLedger
from pipeline.lifecycle import State
from pipeline.service.clock import SystemClock
from pipeline.values import Arrival, Photo
from tests.engine.fake_stages import FakeStages
from tests.makers import arrival


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
def store() -> FakeStages:
    return FakeStages()


@pytest.fixture
def listener() -> Listener:
    return Listener()


@pytest.fixture
def engine(tmp_path: Path, store: FakeStages, listener: Listener) -> Iterator[Engine]:
    clock = SystemClock()
    ledger = SqliteLedger(tmp_path / "ledger.sqlite3", "shop", "watch", clock.now)
    retry_times = RetryTimes(confirm_after=0.1, first_pause=0.1, longest_pause=0.4)
    yield Engine(ledger, store.stages(), clock, retry_times, listener)
    ledger.close()


def feed_of(
    names: list[str], until: Callable[[], bool]
) -> Callable[[Callable[[Arrival], Photo | None], Callable[[], bool]], None]:
    """Give a source that hands on photographs, and goes on until something holds."""

    def feed(submit: Callable[[Arrival], Photo | None], over: Callable[[], bool]) -> None:
        for name in names:
            submit(arrival(f"/shop/158/{name}", product_id=158))
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
    engine: Engine, store: FakeStages, listener: Listener
) -> None:
    store.trouble("deliver", *[StoreDenied("the token is not good")] * 4)
    run(engine, listener)
    assert listener.warnings == ["nothing is uploaded until this is mended: the token is not good"]
    assert listener.said_all == ["the store takes the token again: uploads go on"]
    assert in_the_order_of_the_store(engine) == NAMES
    assert {photo.attempts for photo in engine.ledger.photos()} == {0}


def test_a_catalogue_that_is_denied_does_not_end_the_work_either(
    engine: Engine, store: FakeStages, listener: Listener
) -> None:
    store.trouble("check", StoreDenied("the token is not good"))
    run(engine, listener)
    assert len(listener.warnings) == 1
    assert listener.stored == set(NAMES)
    assert store.creates == len(NAMES)


def test_photographs_keep_their_order_while_the_store_is_away(
    engine: Engine, store: FakeStages, listener: Listener
) -> None:
    store.trouble("deliver", *[StoreUnreachable("the store does not take the connection")] * 12)
    run(engine, listener)
    assert in_the_order_of_the_store(engine) == NAMES
    assert {photo.attempts for photo in engine.ledger.photos()} == {0}


def test_an_arrival_that_is_not_ready_is_handed_back(
    engine: Engine, store: FakeStages, listener: Listener
) -> None:
    store.trouble("accept", NotReady("it is still being written"))
    answers: list[Photo | None] = []

    def feed(submit: Callable[[Arrival], Photo | None], over: Callable[[], bool]) -> None:
        answers.extend(submit(arrival("/shop/158/a.jpg", product_id=158)) for _ in range(2))

    work(engine, feed, preparing=1, uploading=1, give_up_after=5)
    assert answers[0] is None
    assert answers[1] is not None
    assert listener.stored == {"a.jpg"}


def test_a_source_is_told_when_the_program_is_asked_to_stop(
    engine: Engine, listener: Listener
) -> None:
    clock = engine.clock
    assert isinstance(clock, SystemClock)
    threading.Timer(0.5, clock.stop).start()
    outcome = work(
        engine,
        feed_of([], lambda: False),
        WATCH,
        preparing=1,
        uploading=1,
        give_up_after=0.0,
    )
    assert outcome.stopped
