"""How many requests are made at once."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest

from pipeline.errors import StoreThrottled
from pipeline.store_address import StoreAddress
from pipeline.upload import Pacer, Session, StoreClient
from pipeline.upload.at_once import UNTRIED_SECONDS, AtOnce
from tests.servers import local_store, quick


def answered(at_once: AtOnce, number: int, now: float = 0.0) -> int:
    """Let so many good answers come while more requests wait; return how many are made then."""
    for _ in range(number):
        at_once.wants_more()
        at_once.answered_well(now)
    return at_once.now


def test_it_begins_with_three_and_grows_while_answers_are_good_and_more_wait() -> None:
    at_once = AtOnce(16)
    assert at_once.now == 3
    assert answered(at_once, 4) == 7
    assert answered(at_once, 40) == 16


def test_without_anybody_who_waits_it_does_not_grow() -> None:
    at_once = AtOnce(16)
    for _ in range(20):
        at_once.answered_well(0)
    assert at_once.now == 3


@pytest.mark.parametrize("most", [1, 2])
def test_it_is_never_more_than_the_most(most: int) -> None:
    at_once = AtOnce(most)
    assert at_once.now == most
    assert answered(at_once, 5) == most


def test_one_too_many_halves_it_once_and_what_was_too_much_is_left_alone_for_a_while() -> None:
    at_once = AtOnce(16)
    answered(at_once, 5)
    assert at_once.now == 8
    for _ in range(3):
        # All three were made before the first of them was refused.
        at_once.too_many(asked_at=9.0, now=10.0)
    assert at_once.now == 4
    assert answered(at_once, 20, now=11.0) == 7
    assert answered(at_once, 20, now=11.0 + UNTRIED_SECONDS) == 16


def test_it_is_never_less_than_one() -> None:
    at_once = AtOnce(16)
    for second in range(5):
        at_once.too_many(asked_at=second + 0.5, now=second + 1.0)
    assert at_once.now == 1


def test_a_store_that_takes_three_at_once_is_found_out_and_then_kept_to(tmp_path: Path) -> None:
    with local_store(tmp_path, "--quirk", "concurrent=3") as store:
        store.misbehave({"do": "delay", "seconds": 0.05, "when": "after"})
        pacer = Pacer(time.monotonic, jitter=lambda: 0.1)
        address = StoreAddress(base_url=store.url, token=store.token)
        client = StoreClient(Session(address, quick(), pacer))

        def ask() -> None:
            for _ in range(6):
                with suppress(StoreThrottled):
                    client.known_products([158])

        threads = [threading.Thread(target=ask) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        statuses = [entry["status"] for entry in store.seen()]
    assert pacer.at_once <= 3
    assert statuses.count(200) >= 40
    assert statuses.count(429) <= 8
