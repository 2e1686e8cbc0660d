"""How the store's own headers pace the requests."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import StoreThrottled
from pipeline.store_address import StoreAddress
from pipeline.upload import Pacer, Session, StoreClient
from tests.servers import local_store, quick


class Hand:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def headers(left: int, quota: int = 150, reset: int = 12_000) -> dict[str, str]:
    return {
        "x-rate-limit-requests-left": str(left),
        "x-rate-limit-requests-quota": str(quota),
        "x-rate-limit-time-reset-ms": str(reset),
        "x-rate-limit-time-window-ms": "30000",
    }


@pytest.mark.parametrize(("left", "pause"), [(150, 0), (16, 0), (15, 12), (1, 12), (0, 12)])
def test_a_share_of_the_quota_is_left_to_the_shops_other_apps(left: int, pause: float) -> None:
    pacer = Pacer(Hand(), reserve=0.1)
    pacer.learn(200, headers(left))
    assert pacer.pause() == pytest.approx(pause)


def test_the_pause_ends_with_the_window() -> None:
    clock = Hand()
    pacer = Pacer(clock)
    pacer.learn(200, headers(0))
    clock.seconds += 5
    assert pacer.pause() == pytest.approx(7)
    clock.seconds += 7
    assert pacer.pause() == 0


def test_of_several_pauses_the_longest_holds() -> None:
    pacer = Pacer(Hand())
    pacer.learn(200, headers(0, reset=20_000))
    pacer.learn(200, headers(0, reset=3_000))
    pacer.learn(200, headers(140))
    assert pacer.pause() == pytest.approx(20)


def test_a_429_that_names_no_pause_is_met_with_growing_ones_until_an_answer_comes() -> None:
    clock = Hand()
    pacer = Pacer(clock, jitter=lambda: 1.0)
    pauses = []
    for said in ({}, {"x-retry-after": "soon"}, {}, {}):
        pacer.learn(429, said)
        pauses.append(pacer.pause())
        clock.seconds += pacer.pause()
    assert pauses == pytest.approx([1, 2, 4, 8])
    pacer.learn(200, {})
    pacer.learn(429, {})
    assert pacer.pause() == pytest.approx(1)


@given(st.integers(2, 60), st.integers(1, 8), st.floats(0, 0.5), st.booleans())
def test_at_the_edge_of_any_quota_no_request_too_many_is_made(
    allowed: int, pace: int, reserve: float, others: bool
) -> None:
    """A made-up store, a clock by hand, several windows; another app takes half its share."""
    clock, window = Hand(), 10.0
    pacer = Pacer(clock, reserve=reserve)
    ends, used, others_used, refused = clock() + window, 0, 0, 0

    def wait(seconds: float) -> bool:
        clock.seconds += seconds
        return False

    for _ in range(allowed * 5):
        assert pacer.turn(wait)
        if clock() >= ends:
            ends, used, others_used = clock() + window, 0, 0
        if others and others_used < allowed * reserve / 2 - 1:
            others_used += 1
            used += 1
        used += 1
        refused += used > allowed
        reset = str(round((ends - clock()) * 1000))
        said = {**headers(max(0, allowed - used), allowed), "x-rate-limit-time-reset-ms": reset}
        pacer.learn(200 if used <= allowed else 429, said)
        pacer.over()
        clock.seconds += 0.01 * pace
    assert refused == 0


def test_what_is_left_of_a_window_is_spread_over_it() -> None:
    clock = Hand()
    pacer = Pacer(clock, reserve=0.1)
    waits: list[float] = []

    def wait(seconds: float) -> bool:
        waits.append(seconds)
        clock.seconds += seconds
        return False

    pacer.learn(200, headers(60, reset=15_000))
    for _ in range(20):
        assert pacer.turn(wait)
        pacer.over()
    assert len(waits) == 19
    assert max(waits) < 0.6
    assert sum(waits) == pytest.approx(19 * 15 / 45, rel=0.2)


def test_whoever_waits_for_a_turn_is_let_go_when_the_program_stops() -> None:
    pacer = Pacer(Hand())
    pacer.learn(200, headers(0))
    assert not pacer.turn(lambda seconds: True)


@pytest.mark.parametrize(
    ("said", "pause"),
    [
        ({"x-retry-after": "7"}, 7),
        ({"retry-after": "8"}, 8),
        ({"x-rate-limit-time-reset-ms": "9000"}, 9),
        ({"x-retry-after": "7", "x-rate-limit-time-reset-ms": "12000"}, 12),
        ({"x-retry-after": "30", "x-rate-limit-time-reset-ms": "12000"}, 30),
    ],
)
def test_a_429_is_believed_the_longer_of_what_it_says(said: dict[str, str], pause: float) -> None:
    pacer = Pacer(Hand())
    pacer.learn(429, said)
    assert pacer.pause() == pytest.approx(pause)


@given(
    st.sampled_from([200, 204, 404, 429, 503]),
    st.dictionaries(
        st.sampled_from([*headers(1), "x-retry-after", "retry-after"]),
        st.one_of(st.text(max_size=20), st.integers().map(str), st.just("9" * 5000)),
    ),
)
def test_whatever_a_store_says_no_pause_is_longer_than_an_hour(
    status: int, said: dict[str, str]
) -> None:
    pacer = Pacer(Hand())
    pacer.learn(status, said)
    assert 0 <= pacer.pause() <= 3600


def test_a_real_stores_quota_is_kept_without_ever_being_refused(tmp_path: Path) -> None:
    window = ("--plan", "standard", "--quirk", "window_seconds=2")
    with local_store(tmp_path / "store", *window) as store:
        pacer = Pacer(time.monotonic, reserve=0.1)
        address = StoreAddress(base_url=store.url, token=store.token)
        client = StoreClient(Session(address, quick(), pacer))
        for _ in range(200):
            time.sleep(pacer.pause())
            client.has_product(158)
        statuses = {entry["status"] for entry in store.seen()}
    assert statuses == {200}


def test_a_store_that_is_asked_too_often_names_the_pause_and_answers_after_it(
    tmp_path: Path,
) -> None:
    window = ("--plan", "standard", "--quirk", "window_seconds=4")
    with local_store(tmp_path / "store", *window) as store:
        pacer = Pacer(time.monotonic)
        address = StoreAddress(base_url=store.url, token=store.token)
        client = StoreClient(Session(address, quick(), pacer))
        for _ in range(150):
            # Another app of the shop.
            store.call("GET", "/catalog/products?limit=1")
        with pytest.raises(StoreThrottled) as error:
            client.has_product(158)
        assert error.value.after is not None
        assert 0 < error.value.after <= 4
        assert 0 < pacer.pause() <= 4
        time.sleep(pacer.pause())
        assert client.has_product(158)
