"""What is known of the window in which the store counts, and what of it is ours."""

from __future__ import annotations

import pytest

from pipeline.upload.window import Told, Window


def told(at: float, left: int, rest: float, *, took: float = 0.0, quota: int = 150) -> Told:
    return Told(asked_at=at - took, at=at, left=left, quota=quota, rest=rest)


class MadeUpStore:
    """A store with windows that begin with a request, and a client that has ever more to ask.

    Every answer takes as long as the last; what it says of the quota is from when the request came
    in, or from when the answer leaves.
    """

    def __init__(self, *, takes: float, says_late: bool, quota: int = 150, at_once: int = 16):
        self.takes, self.says_late, self.quota, self.at_once = takes, says_late, quota, at_once
        self.window = Window(0.1)
        self.ends = 0.0
        self.used: list[int] = []
        self.refused = 0

    def run(self, seconds: float) -> None:
        now, due = 0.0, 0.0
        under_way: list[tuple[float, float, tuple[int, float] | None]] = []
        while now < seconds:
            now = round(now + 0.005, 3)
            for asked_at, answered_at, said in [one for one in under_way if one[1] <= now]:
                under_way.remove((asked_at, answered_at, said))
                left, rest = said or self._says(now)
                self.window.learn(
                    Told(asked_at=asked_at, at=now, left=left, quota=self.quota, rest=rest)
                )
            if len(under_way) < self.at_once and due <= now >= self.window.opens(
                now, len(under_way)
            ):
                due = now + self.window.asks(now)
                self._count(now)
                said = None if self.says_late else self._says(now)
                under_way.append((now, now + self.takes, said))

    def _count(self, now: float) -> None:
        if now >= self.ends:
            self.ends = now + 30.0
            self.used.append(0)
        self.refused += self.used[-1] >= self.quota
        self.used[-1] += 1

    def _says(self, now: float) -> tuple[int, float]:
        if now >= self.ends:
            return self.quota, 0.0
        return self.quota - self.used[-1], self.ends - now


@pytest.mark.parametrize("says_late", [False, True])
@pytest.mark.parametrize(("takes", "quota"), [(0.1, 150), (0.3, 150), (1.5, 150), (0.3, 450)])
def test_all_that_is_ours_is_used_in_every_window_and_no_request_too_many(
    takes: float, quota: int, *, says_late: bool
) -> None:
    store = MadeUpStore(takes=takes, says_late=says_late, quota=quota)
    store.run(125)
    ours = quota * 9 // 10
    assert store.refused == 0
    assert len(store.used) >= 4
    assert all(0.98 * ours <= used <= ours + 1 for used in store.used[:4]), store.used


def test_what_others_use_is_not_used_twice() -> None:
    window = Window(0.1)
    window.learn(told(100.0, left=100, rest=20.0))
    for _ in range(85):
        assert window.opens(100.0, 0) == 100.0
        window.asks(100.0)
    # 50 are others', 15 stay for them besides.
    window.learn(told(100.0, left=15, rest=20.0))
    assert window.opens(100.0, 0) == 120.0


def test_an_answer_of_a_window_that_is_over_says_nothing_of_the_next() -> None:
    window = Window(0.1)
    window.learn(told(100.0, left=0, rest=5.0))
    assert window.opens(105.0, 0) == 105.0
    window.learn(told(106.0, left=0, rest=4.5, took=6.0))
    assert window.opens(106.0, 0) == 106.0
    window.learn(told(106.0, left=0, rest=29.0))
    assert window.opens(106.0, 0) == 135.0


def test_nothing_is_asked_that_may_be_one_too_many_before_those_under_way_are_answered() -> None:
    window = Window(0.0)
    window.learn(told(100.0, left=3, rest=20.0))
    assert window.opens(100.0, 2) == 100.0
    assert window.opens(100.0, 3) > 100.0
