"""Whose request goes first where several wait."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from pipeline.upload import Pacer
from tests.stories.commands import until
from tests.upload.test_rate_limit import Hand, headers


class Line:
    """Requests that wait behind one that is under way, which is all that may be made at once."""

    def __init__(self) -> None:
        self.pacer = Pacer(time.monotonic, most=1)
        self.order: list[str] = []
        self.threads: list[threading.Thread] = []
        assert self.pacer.turn(lambda seconds: False)

    def waits(self, name: str, *, asks: bool = False, in_haste: bool = False) -> None:
        def ask() -> None:
            if in_haste:
                with self.pacer.first():
                    self.pacer.turn(_rest, asks=asks)
            else:
                self.pacer.turn(_rest, asks=asks)
            self.order.append(name)
            self.pacer.over()

        thread = threading.Thread(target=ask)
        self.threads.append(thread)
        thread.start()
        time.sleep(0.02)

    def goes_on(self) -> list[str]:
        self.pacer.over()
        for thread in self.threads:
            thread.join()
        return self.order


def _rest(seconds: float) -> bool:
    time.sleep(seconds)
    return False


def test_what_is_in_haste_goes_before_all_creates_that_waited_longer() -> None:
    line = Line()
    line.waits("creates")
    line.waits("creates, too")
    line.waits("in haste", in_haste=True)
    assert line.goes_on()[0] == "in haste"


def test_so_do_questions_meanwhile_for_it_may_wait_for_their_answers() -> None:
    line = Line()
    line.waits("asks", asks=True)
    line.waits("creates")
    with line.pacer.first():
        line.waits("asks, too", asks=True)
        line.pacer.over()
        until(lambda: len(line.order) == 3)
    assert line.order[:2] == ["asks", "asks, too"] or line.order[:2] == ["asks, too", "asks"]


def test_questions_and_creates_go_in_turns() -> None:
    line = Line()
    for number in range(3):
        line.waits(f"create {number}")
        line.waits(f"question {number}", asks=True)
    kinds = [name.split()[0] for name in line.goes_on()]
    assert kinds == ["question", "create"] * 3


def test_what_is_in_haste_does_not_wait_for_its_share_of_the_window() -> None:
    clock = Hand()
    pacer = Pacer(clock, reserve=0.1)
    pacer.learn(200, headers(60, reset=15_000))
    assert pacer.turn(_never)
    pacer.over()
    with pacer.first():
        for _ in range(10):
            assert pacer.turn(_never)
            pacer.over()
    waited: list[float] = []
    assert not pacer.turn(_noting(waited))
    assert waited[0] > 0.3


def test_in_haste_or_not_what_is_left_to_others_stays_theirs() -> None:
    pacer = Pacer(Hand(), reserve=0.1)
    pacer.learn(200, headers(15))
    with pacer.first():
        waited: list[float] = []
        assert not pacer.turn(_noting(waited))
    assert waited


def test_haste_ends_with_its_block() -> None:
    line = Line()
    with line.pacer.first():
        pass
    line.waits("creates")
    line.waits("in haste", in_haste=True)
    until(lambda: len(line.threads) == 2)
    assert line.goes_on() == ["in haste", "creates"]


def _never(seconds: float) -> bool:
    raise AssertionError(f"waits {seconds} seconds")


def _noting(waited: list[float]) -> Callable[[float], bool]:
    def wait(seconds: float) -> bool:
        waited.append(seconds)
        return True

    return wait
