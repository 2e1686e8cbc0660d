"""What every ledger promises (`pipeline.ledger.port`) of arrivals."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import NotReady
from pipeline.ledger import Ledger
from pipeline.lifecycle import Reason, State
from tests.contract.ledgers import KINDS
from tests.contract.steps import take, to_stored
from tests.makers import (
    ManualClock,
    arrival,
    inspection,
    original,
    placement,
)


def test_an_arrival_becomes_a_received_photograph(ledger: Ledger) -> None:
    photo = ledger.receive(arrival("/shop/a.jpg"), original("/shop/a.jpg"))
    assert photo.state is State.RECEIVED
    assert photo.path == Path("/shop/a.jpg")
    assert ledger.tally()[State.RECEIVED] == 1


def test_the_same_photograph_arrives_once_however_often_it_is_received(
    ledger: Ledger,
) -> None:
    first = ledger.receive(arrival("/shop/a.jpg"), original("/shop/a.jpg"))
    again = ledger.receive(arrival("/shop/a.jpg"), original("/shop/a.jpg"))
    assert again.id == first.id
    assert len(list(ledger.photos())) == 1
    assert len(list(ledger.run_report().lines)) == 1


def test_the_same_bytes_for_two_products_are_two_photographs(ledger: Ledger) -> None:
    one = ledger.receive(arrival("/a.jpg", product_id=1), original("/a.jpg", product_id=1))
    two = ledger.receive(arrival("/a.jpg", product_id=2), original("/a.jpg", product_id=2))
    assert one.id != two.id


def test_new_content_under_a_known_path_is_another_photograph(ledger: Ledger) -> None:
    one = ledger.receive(arrival("/158/a.jpg"), original("/158/a.jpg", b"first"))
    two = ledger.receive(arrival("/158/a.jpg"), original("/158/a.jpg", b"second"))
    assert one.id != two.id


def test_waiting_and_failed_photographs_are_due_again_when_they_arrive_again(
    ledger: Ledger,
) -> None:
    ledger.receive(arrival("/x/1.jpg"), original("/x/1.jpg", b"1"))
    ledger.set_waiting(take(ledger), inspection(), Reason.PRODUCT_UNKNOWN, "whose is it?")
    photo = ledger.receive(
        arrival("/x/1.jpg", product_id=5), original("/x/1.jpg", b"1", product_id=5)
    )
    assert photo.state is State.RECEIVED
    assert photo.placement == placement(5)
    assert photo.inspection == inspection(), "what is known needs no second look"
    claim = take(ledger)
    ledger.fail(claim, Reason.DEFECT, "a defect", retry_from=State.RECEIVED)
    again = ledger.receive(
        arrival("/x/1.jpg", product_id=5), original("/x/1.jpg", b"1", product_id=5)
    )
    assert (again.id, again.state) == (photo.id, State.RECEIVED)


def test_a_refused_photograph_stays_refused_unless_the_reason_lies_outside_it(
    ledger: Ledger,
) -> None:
    ledger.receive(arrival("/x/1.jpg"), original("/x/1.jpg", b"1"))
    ledger.refuse(take(ledger), Reason.TRUNCATED, "it is cut off")
    again = ledger.receive(arrival("/x/1.jpg"), original("/x/1.jpg", b"1"))
    assert again.state is State.REFUSED
    retried = ledger.retry(again.id)
    assert retried is not None
    assert retried.state is State.RECEIVED
    ledger.refuse(take(ledger), Reason.VANISHED, "it was gone")
    assert ledger.receive(arrival("/x/1.jpg"), original("/x/1.jpg", b"1")).state is State.RECEIVED


def test_a_file_that_could_not_be_read_keeps_its_row_when_it_can_be(
    ledger: Ledger,
) -> None:
    refused = ledger.receive_refused(arrival("/x/1.jpg"), Reason.UNREADABLE, "no permission")
    assert (refused.state, refused.reason) == (State.REFUSED, Reason.UNREADABLE)
    again = ledger.receive_refused(arrival("/x/1.jpg"), Reason.EMPTY, "empty")
    assert (again.id, again.reason) == (refused.id, Reason.EMPTY)
    readable = ledger.receive(arrival("/x/1.jpg"), original("/x/1.jpg"))
    assert (readable.id, readable.state) == (refused.id, State.RECEIVED)


def test_what_could_not_be_read_for_a_while_is_refused_no_more_when_it_can_be(
    ledger: Ledger,
) -> None:
    known = ledger.receive(arrival("/158/a.jpg"), original("/158/a.jpg"))
    ledger.receive_refused(arrival("/158/a.jpg"), Reason.UNREADABLE, "no permission")
    assert ledger.tally()[State.REFUSED] == 1
    again = ledger.receive(arrival("/158/a.jpg"), original("/158/a.jpg"))
    assert again.id == known.id
    assert ledger.tally()[State.REFUSED] == 0
    assert len(list(ledger.photos())) == 1
    sentences = [line.sentence for line in ledger.history(known.id)]
    assert "no permission" in sentences
    assert "can be read again" in sentences[-1]
    (line,) = ledger.run_report().lines
    assert (line.photo.id, line.already) == (known.id, False)


def test_names_of_any_bytes_are_kept_as_they_are(ledger: Ledger) -> None:
    path = Path(os.fsdecode(b'/shop/caf\xe9\n"quoted".jpg'))
    ledger.receive(arrival(path), original(path))
    (photo,) = ledger.at_path(path)
    assert photo.path == path


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
    again = ledger.receive(arrival("/a.jpg"), original("/a.jpg"))
    assert again == claim.photo
    ledger.set_waiting(claim, inspection(), Reason.PRODUCT_UNKNOWN, "whose is it?")


def test_an_sku_that_is_given_for_one_in_hand_is_not_lost(ledger: Ledger) -> None:
    ledger.receive(arrival("/a.jpg"), original("/a.jpg"))
    claim = take(ledger)
    given_now = arrival("/a.jpg", sku="SM-13"), original("/a.jpg", sku="SM-13")
    with pytest.raises(NotReady):
        ledger.receive(*given_now)
    ledger.set_waiting(claim, inspection(), Reason.PRODUCT_UNKNOWN, "whose is it?")
    photo = ledger.receive(*given_now)
    assert (photo.id, photo.state, photo.sku) == (claim.photo.id, State.RECEIVED, "SM-13")


def test_files_are_passed_by_until_they_change(
    ledger: Ledger, make_ledger: Callable[[], Ledger]
) -> None:
    one, two = Path("/158/1.jpg"), Path(os.fsdecode(b"/158/caf\xe9.jpg"))
    assert ledger.changed_files({two: "1", one: "1"}) == [two, one]
    ledger.remember({one: "1", two: "1"})
    assert make_ledger().changed_files({one: "1", two: "2"}) == [two]
    ledger.remember({two: "2"})
    assert ledger.changed_files({one: "1", two: "2"}) == []


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(["1", "2", "3"]), min_size=1, max_size=12))
@pytest.mark.parametrize("kind", KINDS)
def test_any_sequence_of_arrivals_keeps_one_row_for_each_content(
    tmp_path_factory: pytest.TempPathFactory, kind: str, names: list[str]
) -> None:
    ledger = KINDS[kind](tmp_path_factory.mktemp("ledger"))(ManualClock())
    for name in names:
        path = f"/158/{name}.jpg"
        ledger.receive(arrival(path, product_id=158), original(path, name.encode(), product_id=158))
    assert len(list(ledger.photos())) == len(set(names))
    ledger.close()


def test_the_bytes_of_a_photograph_are_needed_until_it_is_stored_or_refused_for_them(
    ledger: Ledger,
) -> None:
    one, two = original("/x/1.jpg", b"1"), original("/x/2.jpg", b"2")
    assert ledger.needs_bytes(one.sha256) is None
    ledger.receive(arrival("/x/1.jpg"), one)
    assert ledger.needs_bytes(one.sha256) is True
    to_stored(ledger)
    assert ledger.needs_bytes(one.sha256) is False
    ledger.receive(arrival("/x/2.jpg"), two)
    ledger.refuse(take(ledger), Reason.REPLACED, "it was changed")
    assert ledger.needs_bytes(two.sha256) is True
    ledger.receive(arrival("/x/2.jpg"), two)
    ledger.refuse(take(ledger), Reason.DAMAGED, "it is damaged")
    assert ledger.needs_bytes(two.sha256) is False


def test_bytes_are_needed_as_long_as_one_of_their_photographs_needs_them(ledger: Ledger) -> None:
    ledger.receive(arrival("/a.jpg", product_id=158), original("/a.jpg", product_id=158))
    to_stored(ledger)
    ledger.receive(arrival("/a.jpg", product_id=2), original("/a.jpg", product_id=2))
    assert ledger.needs_bytes(original("/a.jpg").sha256) is True
