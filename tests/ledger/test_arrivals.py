"""What an arrival writes into the tables, and what it costs."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

from pipeline.ledger import Ledger
from pipeline.lifecycle import Reason, State
from tests.contract.steps import take, to_stored
from tests.ledger.counting import Counter
from tests.makers import arrival, inspection, original

MOST_STEPS = 2_000
"""Of SQLite's machine, for an arrival in a ledger of any size."""


def test_an_arrival_costs_the_same_in_a_full_ledger(full: Ledger, counter: Counter) -> None:
    new = arrival("/158/new.jpg"), original("/158/new.jpg")
    version = arrival("/158/7.jpg"), original("/158/7.jpg", b"another content")
    placed = arrival("/158/8.jpg"), original("/158/8.jpg", b"one more", product_id=158)
    for what, came in {"new": new, "known": new, "version": version, "placed": placed}.items():
        assert counter.steps(partial(full.receive, *came)) <= MOST_STEPS, what


def test_another_content_at_a_known_path_is_told_as_a_new_version_of_what_was_there(
    ledger: Ledger,
) -> None:
    ledger.receive(arrival("/158/a.jpg"), original("/158/a.jpg", b"first"))
    second = ledger.receive(arrival("/158/a.jpg"), original("/158/a.jpg", b"second"))
    assert second.sentence == (
        "received as /158/a.jpg: a new version of what came from there before"
    )


def test_a_new_version_of_what_is_stored_names_its_image(ledger: Ledger) -> None:
    ledger.receive(arrival("/158/a.jpg"), original("/158/a.jpg", b"first"))
    to_stored(ledger, image_id=31)
    second = ledger.receive(arrival("/158/a.jpg"), original("/158/a.jpg", b"second"))
    assert second.sentence == "received as /158/a.jpg: a new version of image 31"


def test_the_arrivals_of_processes_that_ended_are_not_kept_for_ever(
    file: Path, opened: Callable[[], Ledger]
) -> None:
    for _ in range(5):
        ledger = opened()
        ledger.receive(arrival("/158/a.jpg"), original("/158/a.jpg"))
        ledger.close()
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("SELECT count(*) FROM arrivals").fetchone() == (1,)


def test_a_photograph_that_waits_is_where_it_was_last_seen_if_it_is_no_longer_there(
    ledger: Ledger, tmp_path: Path
) -> None:
    stays, goes = tmp_path / "158_1.jpg", tmp_path / "158_2.jpg"
    for path in (stays, goes):
        path.write_bytes(path.name.encode())
        ledger.receive(
            arrival(path, product_id=158), original(path, path.name.encode(), product_id=158)
        )
    goes.unlink()
    for path in (stays, goes):
        elsewhere = tmp_path / "other" / path.name
        photo = ledger.receive(
            arrival(elsewhere, product_id=158),
            original(elsewhere, path.name.encode(), product_id=158),
        )
        assert photo.path == (stays if path is stays else elsewhere)


def test_an_sku_that_is_told_later_is_better_knowledge_until_the_product_is_known(
    ledger: Ledger,
) -> None:
    first = ledger.receive(arrival("/a.jpg"), original("/a.jpg"))
    told = ledger.receive(arrival("/a.jpg", sku="SM-13"), original("/a.jpg", sku="SM-13"))
    assert (told.id, told.sku) == (first.id, "SM-13")
    to_stored(ledger)
    other = ledger.receive(arrival("/a.jpg", sku="SM-14"), original("/a.jpg", sku="SM-14"))
    assert (other.id != first.id, other.sku, other.state) == (True, "SM-14", State.RECEIVED)


def test_what_somebody_has_in_hand_is_left_as_it_is_when_it_arrives_again(ledger: Ledger) -> None:
    ledger.receive(arrival("/a.jpg"), original("/a.jpg"))
    claim = take(ledger)
    again = ledger.receive(arrival("/a.jpg", sku="SM-13"), original("/a.jpg", sku="SM-13"))
    assert again == claim.photo
    ledger.set_waiting(claim, inspection(), Reason.PRODUCT_UNKNOWN, "whose is it?")
