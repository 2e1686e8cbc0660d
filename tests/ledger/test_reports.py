"""Questions of any size: what they read, and what they hold meanwhile."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.ledger import Ledger
from pipeline.ledger.pages import PAGE
from pipeline.ledger.sqlite import open_ledger, open_reader
from pipeline.ledger.sqlite.maintenance import problems_of
from pipeline.lifecycle import Reason, State
from pipeline.values import Tally
from pipeline.wanted import ALL, Wanted
from tests.contract.steps import take
from tests.ledger.conftest import STORE
from tests.ledger.counting import Counter, fill
from tests.makers import ManualClock, arrival, inspection, original, placement

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def test_photographs_are_read_page_by_page_in_the_order_of_their_arrival(
    full: Ledger, counter: Counter
) -> None:
    assert [photo.id for photo in full.photos()] == [str(number) for number in range(23_000)]
    prepared = [str(number) for number in range(20_000, 23_000)]
    assert [photo.id for photo in full.photos(State.PREPARED)] == prepared
    assert list(full.photos(State.FAILED)) == []
    first = full.photos()
    a_page = counter.steps(lambda: next(first))
    assert a_page <= 60 * PAGE
    assert counter.steps(lambda: [next(first) for _ in range(PAGE - 1)]) == 0, "it was read already"


def test_the_photographs_of_a_state_come_in_the_order_of_their_arrival_whatever_their_store(
    file: Path, ledger: Ledger, clock: ManualClock
) -> None:
    with closing(open_ledger(file, "another shop/v3", "run", clock.now)) as other:
        for number in range(6):
            path = f"/in/{number}.jpg"
            here = ledger if number % 3 else other
            here.receive(arrival(path), original(path, path.encode()))
            here.receive_refused(arrival(f"/in/no-{number}.jpg"), Reason.UNREADABLE, "no")
    with closing(open_reader(file, None)) as reader:
        received = [photo.path.name for photo in reader.photos(State.RECEIVED)]
        refused = [photo.path.name for photo in reader.photos(State.REFUSED)]
        assert reader.tally().counts == {State.RECEIVED: 6, State.REFUSED: 6}
    assert received == [f"{number}.jpg" for number in range(6)]
    assert refused == [f"no-{number}.jpg" for number in range(6)]
    assert len(list(ledger.photos(State.RECEIVED))) == 4
    assert ledger.tally().counts == {State.RECEIVED: 4, State.REFUSED: 4}


def test_what_is_counted_is_what_is_there_after_every_change(ledger: Ledger, file: Path) -> None:
    ledger.receive_refused(arrival("/in/a.CR3"), Reason.NOT_FOR_UPLOAD, "a raw file")
    assert ledger.tally() == Tally(counts={State.REFUSED: 1}, not_for_upload=1)
    ledger.receive(arrival("/in/a.CR3"), original("/in/a.CR3"))
    assert ledger.tally() == Tally(counts={State.RECEIVED: 1})
    for content in (b"a photograph", b"another"):
        path = f"/other/{content.decode()}.jpg"
        ledger.receive(arrival(path), original(path, content, product_id=158))
        assert sum(ledger.tally().counts.values()) == len(list(ledger.photos()))
        ledger.validated(take(ledger), inspection(), placement(), "one more, or the same")
        assert sum(ledger.tally().counts.values()) == len(list(ledger.photos()))
        assert problems_of(file) == []


@pytest.mark.parametrize("number", [0, 1, PAGE - 1, PAGE, PAGE + 1, 2 * PAGE])
def test_a_page_that_is_just_full_is_not_the_last_one(
    file: Path, ledger: Ledger, number: int
) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        fill(connection, STORE, stored=number, prepared=0)
    assert len(list(ledger.photos())) == number


def test_whoever_looks_at_photographs_one_by_one_keeps_nobody_from_writing(
    file: Path, opened: Callable[[], Ledger]
) -> None:
    one, other = opened(), opened()
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        fill(connection, STORE, stored=PAGE, prepared=20)
    looking = one.photos()
    next(looking)
    for number, ledger in enumerate((one, other)):
        path = f"/in/{number}.jpg"
        ledger.receive(arrival(path), original(path, path.encode()))
    assert len(list(looking)) == PAGE + 20 - 1 + 2


def test_products_and_contents_are_found_without_reading_all(
    full: Ledger, counter: Counter
) -> None:
    assert full.stored_products(0, 250) == [158]
    assert counter.steps(lambda: full.stored_products(158, 250)) <= 1_000
    assert counter.steps(lambda: full.of_product(159)) <= 1_000
    assert counter.steps(lambda: full.of_content("1999")) <= 2_000
    assert [photo.id for photo in full.of_content("1999")] == [
        "1999",
        *(str(number) for number in range(19_990, 20_000)),
    ]


def test_the_photographs_of_one_path_are_found_at_once(full: Ledger, counter: Counter) -> None:
    assert counter.steps(lambda: full.at_path(Path("/158/9.jpg"))) <= 1_000
    assert [photo.id for photo in full.at_path(Path("/158/9.jpg"))] == ["9"]


def test_a_whole_ledger_has_nothing_wrong_with_it(ledger: Ledger) -> None:
    ledger.receive(arrival("/a.jpg"), original("/a.jpg"))
    assert ledger.check() is None


def test_bytes_are_needed_by_the_photographs_of_whatever_store_and_few_rows_are_read(
    file: Path, full: Ledger, counter: Counter, clock: ManualClock
) -> None:
    one = original("/x/1.jpg", b"1")
    with closing(open_ledger(file, "store-x/v3", "run", clock.now)) as other:
        other.receive(arrival("/x/1.jpg"), one)
    assert full.needs_bytes(one.sha256) is True
    assert counter.steps(lambda: full.needs_bytes(one.sha256)) <= 300
    assert full.needs_bytes("0" * 64) is None


def test_those_that_are_asked_for_are_found_by_whatever_is_said(
    ledger: Ledger, clock: ManualClock
) -> None:
    for name in ("a/1", "a/2", "ab/3", "a"):
        ledger.receive(arrival(f"/in/{name}"), original(f"/in/{name}", name.encode()))
    ledger.receive_refused(arrival("/in/a/no"), Reason.UNREADABLE, "no")
    later = clock.now() + timedelta(hours=1)
    clock.forward(3_600)
    claim = take(ledger)
    ledger.validated(claim, inspection(), placement(158), "whole")
    ledger.receive_refused(arrival("/in/late"), Reason.EMPTY, "empty")
    either = frozenset({State.VALIDATED, State.REFUSED})
    asked = {
        "within": (Wanted(within=Path("/in/a")), ["a", "a/1", "a/2", "a/no"]),
        "since": (Wanted(since=later), ["a/1", "late"]),
        "reason": (Wanted(reason=Reason.EMPTY), ["late"]),
        "states": (Wanted(states=either), ["a/1", "a/no", "late"]),
        "product": (Wanted(product_id=158), ["a/1"]),
        "both": (Wanted(within=Path("/in/a"), reason=Reason.UNREADABLE), ["a/no"]),
        "none": (Wanted(states=frozenset({State.FAILED})), []),
        "all": (ALL, ["a", "a/1", "a/2", "a/no", "ab/3", "late"]),
    }
    for what, (wanted, names) in asked.items():
        found = sorted(str(photo.path.relative_to("/in")) for photo in ledger.wanted(wanted))
        assert found == names, what


def test_a_sku_finds_its_products_photographs_and_those_it_was_given_to(ledger: Ledger) -> None:
    ledger.note_skus({"SM-13": [158], "other": [159]})
    for number in (158, 159):
        ledger.receive(arrival(f"/in/{number}"), original(f"/in/{number}", b"%d" % number))
        ledger.validated(take(ledger), inspection(), placement(number), "whole")
    ledger.receive(arrival("/in/given"), original("/in/given", b"given", sku="sm-13"))
    ledger.receive(arrival("/in/not"), original("/in/not", b"not", sku="sm-14"))
    found = [photo.path.name for photo in ledger.wanted(Wanted(sku="Sm-13"))]
    assert found == ["158", "given"]
    assert ledger.skus_of(158) == {"sm-13"}


def test_the_stored_ones_of_a_time_are_read_page_by_page_none_twice(
    full: Ledger, counter: Counter
) -> None:
    stored = full.wanted(Wanted(states=frozenset({State.STORED}), since=LONG_AGO))
    assert counter.steps(lambda: next(stored)) <= 60 * PAGE
    assert len({photo.id for photo in stored}) == 20_000 - 1
    below = full.wanted(Wanted(within=Path("/158")))
    assert counter.steps(lambda: next(below)) <= 60 * PAGE
    assert len({photo.id for photo in below}) == 23_000 - 1


def test_a_part_of_a_name_finds_the_newest_and_how_many_there_are(full: Ledger) -> None:
    found = full.named("99.JPG", 5)
    assert found.number == 230
    assert [photo.path.name for photo in found.newest[:2]] == ["22999.jpg", "22899.jpg"]
    assert len(found.newest) == 5
    names = sum("158" in str(number) for number in range(23_000))
    assert full.named("158", 5).number == names, "the folder 158 is no part of a name"
    assert full.named("/158/22999", 5).number == 1


def test_a_photograph_that_moved_is_found_by_its_former_name(ledger: Ledger) -> None:
    ledger.receive(arrival("/in/new.jpg"), original("/in/new.jpg", b"one"))
    ledger.validated(take(ledger), inspection(), placement(158), "whole")
    again = original("/out/IMG_0042.jpg", b"one", product_id=158)
    ledger.receive(arrival("/out/IMG_0042.jpg"), again)
    assert ledger.named("img_0042", 5).number == 1
