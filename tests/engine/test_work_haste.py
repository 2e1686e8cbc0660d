"""The next shot goes before a backlog, through the whole engine."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from pipeline.engine import WATCH, Engine, work
from pipeline.lifecycle import State
from pipeline.values import Arrival, Photo, Picture, Placement, StoredImage
from tests.engine.fake_stages import FakeStages
from tests.makers import arrival
from tests.stories.commands import until

SHOT = replace(arrival("/999/shot.jpg", product_id=999), in_haste=True)


def backlog(number: int) -> list[Arrival]:
    return [arrival(f"/{one}/old.jpg", product_id=one) for one in range(1, number + 1)]


def test_a_shot_is_stored_while_a_backlog_still_waits(engine: Engine, store: FakeStages) -> None:
    work(engine, [*backlog(60), SHOT], preparing=1, uploading=1, give_up_after=5)
    products = [image.product_id for image in store.images]
    assert len(products) == 61
    # Those that were sent while all of them were still being taken in came before it.
    received = engine.ledger.at_path(SHOT.path)[0].received_at
    at_once = sum(photo.changed_at < received for photo in engine.ledger.photos())
    assert products.index(999) <= at_once + 8


def test_it_waits_for_nobody_who_waits_for_the_store(engine: Engine, store: FakeStages) -> None:
    answered, over = threading.Event(), threading.Event()
    deliver = engine.stages.deliver

    def slowly(
        picture: Picture, where: Placement, progress: Callable[[int, int], None]
    ) -> StoredImage:
        if where.product_id != 999:
            answered.wait(30)
        return deliver(picture, where, progress)

    engine.stages = replace(engine.stages, deliver=slowly)

    def feed(
        submit: Callable[[Iterable[Arrival]], Sequence[Photo | None]], stop: Callable[[], bool]
    ) -> None:
        for one in backlog(10):
            submit([one])
        until(lambda: engine.ledger.tally()[State.UPLOADING] == 3)
        submit([SHOT])
        until(lambda: engine.ledger.at_path(SHOT.path)[0].state is State.STORED)
        answered.set()
        over.set()

    work(engine, feed, WATCH, preparing=2, uploading=3, give_up_after=5)
    assert over.is_set()
    assert store.images[0].product_id == 999


def test_the_store_is_asked_first_for_what_is_in_haste(engine: Engine, store: FakeStages) -> None:
    first: list[threading.Thread] = []
    sent: dict[int, bool] = {}
    deliver = engine.stages.deliver

    @contextmanager
    def in_haste() -> Iterator[None]:
        first.append(threading.current_thread())
        yield
        first.remove(threading.current_thread())

    def noted(
        picture: Picture, where: Placement, progress: Callable[[int, int], None]
    ) -> StoredImage:
        sent[where.product_id] = threading.current_thread() in first
        return deliver(picture, where, progress)

    engine.stages = replace(engine.stages, deliver=noted, first=in_haste)
    work(engine, [*backlog(3), SHOT], preparing=2, uploading=2, give_up_after=5)
    assert sent == {1: False, 2: False, 3: False, 999: True}


def test_what_it_needs_to_know_of_its_product_is_asked_for(
    engine: Engine, store: FakeStages
) -> None:
    known: list[str] = []
    held = threading.Event()
    check = engine.stages.check

    def learn() -> bool:
        new = not known
        known.append("names")
        return new

    def slowly(what):  # type: ignore[no-untyped-def]
        if what.path == Path("/other/old.jpg"):
            held.wait(20)
        return check(what)

    engine.stages = replace(
        engine.stages,
        check=slowly,
        learn=learn,
        may_be_of=lambda one, product_id: False if known else None,
    )

    def feed(
        submit: Callable[[Iterable[Arrival]], Sequence[Photo | None]], stop: Callable[[], bool]
    ) -> None:
        submit([arrival("/other/old.jpg")])
        submit([SHOT])
        until(lambda: engine.ledger.at_path(SHOT.path)[0].state is State.STORED)
        held.set()

    work(engine, feed, WATCH, preparing=1, uploading=1, give_up_after=5)
    assert store.images[0].product_id == 999
