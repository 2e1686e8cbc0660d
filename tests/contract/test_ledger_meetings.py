"""What every ledger promises (`pipeline.ledger.port`) of images that are not as it has them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.ledger import Ledger
from pipeline.lifecycle import Reason, State
from pipeline.values import Meeting, Step, StoredImage
from tests.contract.steps import take, to_prepared, to_stored
from tests.makers import arrival, original, stored_image

OURS = original("/158/a.jpg").sha256[:10]
THEIRS = "0123456789"


def seen(ledger: Ledger, **marked: list[int]) -> list[tuple[int, Meeting]]:
    """Have a listing noted, and return what is new."""
    tags = {"ours": OURS, "theirs": THEIRS}
    new = ledger.listed(
        158, {tags[name]: [stored_image(one) for one in ids] for name, ids in marked.items()}
    )
    return [(one.image_id, one.kind) for one in new]


@pytest.fixture
def stored(ledger: Ledger) -> None:
    ledger.receive(arrival("/158/a.jpg"), original("/158/a.jpg"))
    to_stored(ledger, 7)


def test_an_image_that_no_photograph_of_the_product_is_was_sent_by_another_ledger(
    ledger: Ledger, make_ledger: Callable[[], Ledger]
) -> None:
    assert seen(ledger, theirs=[9, 8]) == [(8, Meeting.OTHER_LEDGER), (9, Meeting.OTHER_LEDGER)]
    assert seen(ledger, theirs=[9, 8]) == [], "it is news once"
    assert make_ledger().met() == {Meeting.OTHER_LEDGER: 2}
    assert seen(ledger, theirs=[8]) == []
    assert ledger.met() == {Meeting.OTHER_LEDGER: 1}, "the other is gone"


@pytest.mark.usefixtures("stored")
def test_a_second_image_of_a_stored_photograph_is_there_twice_until_it_is_gone(
    ledger: Ledger,
) -> None:
    assert seen(ledger, ours=[7]) == []
    assert seen(ledger, ours=[12, 7]) == [(12, Meeting.TWICE)]
    assert seen(ledger, ours=[7, 12]) == []
    assert ledger.run_report().met == {Meeting.TWICE: 1}
    assert seen(ledger, ours=[7]) == []
    assert ledger.met() == {}


@pytest.mark.usefixtures("stored")
def test_one_that_is_missing_under_its_id_is_not_there_twice(ledger: Ledger) -> None:
    assert seen(ledger, ours=[12]) == []
    assert seen(ledger, ours=[12, 13]) == [(13, Meeting.TWICE)]


def test_the_image_of_one_on_its_way_is_left_to_whoever_looks_for_it(ledger: Ledger) -> None:
    ledger.receive(arrival("/158/a.jpg"), original("/158/a.jpg", product_id=158))
    assert seen(ledger, ours=[7]) == []
    to_prepared(ledger)
    assert seen(ledger, ours=[7, 9]) == [(9, Meeting.TWICE)]


@pytest.mark.parametrize("how", ["taken over", "found", "deleted"])
def test_what_the_ledger_comes_to_know_is_met_no_longer(ledger: Ledger, how: str) -> None:
    seen(ledger, ours=[7])
    assert ledger.met() == {Meeting.OTHER_LEDGER: 1}
    if how == "deleted":
        ledger.removed(158, 7)
    else:
        ledger.receive(arrival("/158/a.jpg"), original("/158/a.jpg"))
        to_prepared(ledger)
        claim = take(ledger, Step.UPLOAD)
        if how == "taken over":
            ledger.adopted(claim, stored_image(7), "it was there")
        else:
            ledger.stored(ledger.intend(claim), stored_image(7), "found")
    assert ledger.met() == {}


def test_one_that_failed_is_said_by_its_failure_alone(ledger: Ledger) -> None:
    ledger.receive(arrival("/158/a.jpg"), original("/158/a.jpg"))
    to_prepared(ledger)
    claim = ledger.intend(take(ledger, Step.UPLOAD))
    ledger.fail(claim, Reason.STORE_UNSURE, "who knows", retry_from=State.UPLOADING)
    assert seen(ledger, ours=[7]) == []


@pytest.mark.usefixtures("stored")
def test_a_photograph_that_is_recorded_as_anothers_image_is_its_own_from_now_on(
    ledger: Ledger,
) -> None:
    photo = next(ledger.photos())
    assert seen(ledger, ours=[9, 8], theirs=[7]) == [
        (7, Meeting.OTHER_LEDGER),
        (9, Meeting.TWICE),
    ]
    now = ledger.photo(photo.id)
    assert now is not None
    assert (now.image, now.state) == (stored_image(8), State.STORED)
    assert "is image 8" in list(ledger.history(photo.id))[-1].sentence


@pytest.mark.usefixtures("stored")
def test_what_is_recorded_stays_where_no_other_image_bears_its_mark(ledger: Ledger) -> None:
    photo = next(ledger.photos())
    seen(ledger, theirs=[7])
    assert ledger.photo(photo.id) == photo


def test_another_product_is_another_matter(ledger: Ledger) -> None:
    seen(ledger, theirs=[9])
    assert ledger.listed(159, {}) == []
    assert ledger.met() == {Meeting.OTHER_LEDGER: 1}


def test_no_more_are_kept_than_are_worth_it(ledger: Ledger) -> None:
    many: list[StoredImage] = [stored_image(number) for number in range(1, 10_500)]
    assert len(ledger.listed(158, {THEIRS: many})) == 10_000
    assert ledger.listed(158, {THEIRS: many}) == []
    assert ledger.met() == {Meeting.OTHER_LEDGER: 10_000}


def test_an_image_that_a_whole_listing_does_not_show_is_gone(ledger: Ledger, stored: None) -> None:
    later = datetime.now(UTC) + timedelta(days=1)
    assert [photo.path for photo in ledger.gone(158, {8}, later)] == [Path("/158/a.jpg")]
    assert ledger.gone(158, {7, 8}, later) == []
    assert ledger.gone(159, (), later) == []
    assert ledger.gone(158, (), later - timedelta(days=3650)) == [], "it was stored later"
