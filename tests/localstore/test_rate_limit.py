"""The windows of the rate limit, and what every answer says of them."""

from __future__ import annotations

import time

import pytest

from pipeline.localstore.options import PLANS
from pipeline.localstore.rate_limit import RateLimit
from tests.localstore.conftest import Start
from tests.localstore.process import StoreProcess

PATH = "/catalog/products/1"


def left(store: StoreProcess) -> int:
    return int(store.call("GET", PATH).headers["X-Rate-Limit-Requests-Left"])


class ManualClock:
    """A clock that goes on only when it is told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(("plan", "quota"), [("standard", 150), ("plus", 150), ("pro", 450)])
def test_a_plan_allows_so_many_requests_a_window(plan: str, quota: int) -> None:
    limit = RateLimit(PLANS[plan], 30, clock := ManualClock())
    for used in range(quota):
        assert limit.headers()["X-Rate-Limit-Requests-Left"] == str(quota - used)
        assert limit.spend()
        clock.now += 0.01
    assert not limit.spend()
    assert limit.headers()["X-Rate-Limit-Requests-Quota"] == str(quota)
    clock.now += 30
    assert limit.spend()


def test_a_request_too_many_is_told_how_long_to_wait(start: Start) -> None:
    store = start("--open")
    answers = [store.call("GET", PATH) for _ in range(150)]
    assert {answer.status_code for answer in answers} == {200}
    assert [int(answer.headers["X-Rate-Limit-Requests-Left"]) for answer in answers] == list(
        range(149, -1, -1)
    )
    refused = store.call("GET", PATH)
    assert refused.status_code == 429
    assert refused.headers["X-Rate-Limit-Requests-Quota"] == "150"
    assert refused.headers["X-Rate-Limit-Requests-Left"] == "0"
    assert refused.headers["X-Rate-Limit-Time-Window-Ms"] == "30000"
    reset = int(refused.headers["X-Rate-Limit-Time-Reset-Ms"])
    assert 0 < reset <= 30_000
    assert int(refused.headers["X-Retry-After"]) * 1000 >= reset


def test_the_next_window_allows_as_many_again(start: Start) -> None:
    store = start("--open", "--quirk", "window_seconds=1.5")
    while (answer := store.call("GET", PATH)).status_code == 200:
        pass
    assert answer.status_code == 429
    time.sleep(int(answer.headers["X-Rate-Limit-Time-Reset-Ms"]) / 1000)
    assert left(store) == 149


def test_there_is_always_plenty_where_there_is_no_limit(store: StoreProcess) -> None:
    assert left(store) == left(store) > 100_000


def test_every_answer_says_where_one_stands(start: Start) -> None:
    store = start("--open")
    wrong = {"X-Auth-Token": "wrong"}
    for answer in (
        store.call("GET", PATH),
        store.call("GET", PATH, headers=wrong),
        store.call("GET", PATH + "/1"),
        store.call("POST", PATH, data=b"", headers={"Content-Type": "text/plain"}),
        store.call("PATCH", PATH),
        store.session.get(store.url + "/nowhere", timeout=10),
    ):
        assert {name for name in answer.headers if name.lower().startswith("x-rate")} != set()
    # One without a token is none of the shop's own, and takes nothing from it.
    assert left(store) == 150 - 6
