"""The next shot goes before a backlog, through the whole engine."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

from pipeline.claimable import OWN, NameRules
from pipeline.engine import DRAIN, WATCH, Engine, work
from pipeline.ledger.sqlite import open_ledger
from pipeline.lifecycle import State
from pipeline.values import Arrival, Door, Photo, Picture, Placement, Step, StoredImage
from tests.engine.fake_stages import FakeStages
from tests.makers import ManualClock, arrival
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
        name_rules=NameRules(
            rules=1,
            proposed=lambda one: (),
            of_product=lambda product_id: () if known else None,
        ),
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


def test_a_run_does_a_hooks_shot_of_another_process_beside_its_own_and_does_not_count_it(
    engine: Engine, store: FakeStages, tmp_path: Path, clock: ManualClock
) -> None:
    other = open_ledger(tmp_path / "ledger.sqlite3", "store", "hook", clock.now)
    shot = replace(SHOT, door=Door.HOOK)

    def arrivals() -> Iterator[Arrival]:
        yield from backlog(3)
        other.receive(shot, store.accept(shot))
        until(lambda: other.at_path(shot.path)[0].state is State.STORED)
        yield arrival("/4/last.jpg", product_id=4)

    with closing(other):
        result = work(engine, arrivals(), preparing=1, uploading=1, give_up_after=5)
        assert result.left == 0
        assert 999 in [image.product_id for image in store.images]
        report = engine.ledger.run_report()
        assert (len(list(report.lines)), report.posts) == (4, 4)
        assert [line.path for line in other.run_report().lines] == [shot.path]


def test_a_run_does_not_wait_at_its_end_for_a_shot_in_anothers_hand(
    engine: Engine, store: FakeStages, tmp_path: Path, clock: ManualClock
) -> None:
    other = open_ledger(tmp_path / "ledger.sqlite3", "store", "hook", clock.now)
    shot = replace(SHOT, door=Door.HOOK)
    with closing(other):
        other.receive(shot, store.accept(shot))
        claim = other.claim_next(Step.PREPARE, OWN)
        assert claim is not None, "it is in the other's hand"
        result = work(engine, backlog(2), preparing=1, uploading=1, give_up_after=5)
        assert (result.left, result.gave_up) == (0, None)


def test_who_drains_works_on_nothing_that_is_in_no_haste(
    engine: Engine, store: FakeStages, tmp_path: Path, clock: ManualClock
) -> None:
    other = open_ledger(tmp_path / "ledger.sqlite3", "store", "run", clock.now)
    with closing(other):
        for one in backlog(3):
            other.receive(one, store.accept(one))
        work(engine, [SHOT], DRAIN, preparing=1, uploading=1, give_up_after=5)
        assert [image.product_id for image in store.images] == [999]
        assert other.unfinished(any_owner=False, step=None) == 3
