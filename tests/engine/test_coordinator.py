"""What the threads of one `work` share: when they rest, and whether the store is in trouble."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from pipeline.engine.coordinator import LOOK_SECONDS, Coordinator
from pipeline.engine.ports import StoreHealth
from pipeline.values import Step


def minutes(failures: int) -> float:
    return 60.0 * failures


def test_a_store_that_is_away_is_not_waited_for_as_long_as_there_is_something_to_prepare() -> None:
    coordinator = Coordinator()
    coordinator.tries()
    time.sleep(0.05)
    with coordinator.working():
        coordinator.got_on()
        assert coordinator.idle(0) >= 0.05
    coordinator.came_to_an_end()
    with coordinator.working():
        assert coordinator.idle(0) == 0.0
        assert coordinator.idle(1) >= 0.0


def test_one_photograph_that_the_store_stumbles_over_again_and_again_holds_up_no_other() -> None:
    coordinator = Coordinator()
    for _ in range(20):
        coordinator.store_answered(StoreHealth.BADLY, "a", minutes)
    assert not coordinator.rests(Step.UPLOAD)
    coordinator.store_answered(StoreHealth.BADLY, "b", minutes)
    assert not coordinator.rests(Step.UPLOAD)
    coordinator.store_answered(StoreHealth.BADLY, "c", minutes)
    assert coordinator.rests(Step.UPLOAD)


def test_a_store_without_a_connection_rests_whichever_photograph_it_was() -> None:
    coordinator = Coordinator()
    for _ in range(3):
        assert not coordinator.rests(Step.UPLOAD)
        coordinator.store_answered(StoreHealth.NOTHING, "a", minutes)
    assert coordinator.rests(Step.UPLOAD)


def test_a_probe_with_one_that_it_stumbled_over_before_lets_the_next_one_probe() -> None:
    coordinator = Coordinator()
    for photo in "abc":
        coordinator.store_answered(StoreHealth.BADLY, photo, lambda failures: 0.0)
    assert not coordinator.rests(Step.UPLOAD), "the probe"
    assert coordinator.rests(Step.UPLOAD), "one at a time"
    coordinator.store_answered(StoreHealth.BADLY, "a", minutes)
    assert not coordinator.rests(Step.UPLOAD), "the next probe"
    coordinator.store_answered(StoreHealth.WELL, "d", minutes)
    assert not coordinator.rests(Step.UPLOAD)
    assert not coordinator.rests(Step.UPLOAD)


def resting(coordinator: Coordinator) -> threading.Thread:
    thread = threading.Thread(
        target=coordinator.rest,
        args=(Step.PREPARE, coordinator.heard(Step.PREPARE)),
        daemon=True,
    )
    thread.start()
    return thread


def test_where_nothing_is_left_whoever_rests_does_so_until_somebody_wakes() -> None:
    coordinator = Coordinator()
    assert coordinator.all_rest(lambda: False)
    thread = resting(coordinator)
    thread.join(1.0)
    assert thread.is_alive(), "it looked by itself"
    coordinator.wake()
    thread.join(10)
    assert not thread.is_alive()
    thread = resting(coordinator)
    thread.join(10)
    assert not thread.is_alive(), "it was woken, so there may be more: it looks by itself"


def test_a_call_is_for_one_thread_of_the_kind_alone() -> None:
    coordinator = Coordinator()
    ready = Barrier(4)

    def rest(step: Step) -> tuple[bool, float]:
        heard = coordinator.heard(step)
        ready.wait()
        began = time.monotonic()
        return coordinator.rest(step, heard), time.monotonic() - began

    with ThreadPoolExecutor(3) as pool:
        uploading = [pool.submit(rest, Step.UPLOAD) for _ in range(2)]
        preparing = pool.submit(rest, Step.PREPARE)
        ready.wait()
        time.sleep(0.1)
        coordinator.call(Step.UPLOAD)
        ended = [one.result() for one in uploading]
        assert sorted(more for more, _ in ended) == [False, True], "the other looked by itself"
        assert min(seconds for _, seconds in ended) < LOOK_SECONDS
        assert preparing.result()[1] >= LOOK_SECONDS * 0.9


def test_one_whose_product_is_being_sent_calls_nobody_for_it_waits_for_that_one() -> None:
    coordinator = Coordinator()

    def calls(event: Callable[[], None]) -> bool:
        before = coordinator.heard(Step.UPLOAD)
        event()
        return coordinator.heard(Step.UPLOAD) > before

    with coordinator.working(sent_to=7):
        assert not calls(lambda: coordinator.can_be_sent(7))
        assert not calls(coordinator.gave_way), "of no other product there is any"
        assert calls(lambda: coordinator.can_be_sent(8))
        assert calls(coordinator.gave_way)
    coordinator.is_sent(8)
    assert calls(coordinator.gave_way), "the one of product 7 waits for nothing any more"
    coordinator.is_sent(7)
    assert not calls(coordinator.gave_way)
    assert calls(lambda: coordinator.can_be_sent(7))


def test_a_call_that_comes_while_it_is_looked_for_work_is_heard() -> None:
    coordinator = Coordinator()
    heard = coordinator.heard(Step.UPLOAD)
    coordinator.call(Step.UPLOAD)
    assert coordinator.all_rest(lambda: False), "who misses it waits for ever"
    coordinator.rest(Step.UPLOAD, heard)


def test_what_another_process_put_there_wakes_all_who_rest() -> None:
    coordinator = Coordinator()
    assert coordinator.all_rest(lambda: False)
    thread = resting(coordinator)
    assert coordinator.all_rest(lambda: False), "still nothing"
    assert not coordinator.all_rest(lambda: True)
    thread.join(10)
    assert not thread.is_alive()


def test_nobody_rests_for_long_while_one_is_in_hand_or_came_while_it_was_asked() -> None:
    coordinator = Coordinator()
    with coordinator.working():
        assert not coordinator.all_rest(lambda: False)

    def arrives() -> bool:
        coordinator.wake()
        return False

    assert not coordinator.all_rest(arrives), "it may have come after the question"
    began = time.monotonic()
    coordinator.rest(Step.PREPARE, coordinator.heard(Step.PREPARE))
    assert time.monotonic() - began < 10
