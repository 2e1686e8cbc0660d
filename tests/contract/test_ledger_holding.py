"""What every ledger promises of photographs that are held until their product is complete."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.claimable import Claimable
from pipeline.ledger import Ledger
from pipeline.lifecycle import Reason, State
from pipeline.scope import EVERYTHING
from pipeline.values import Photo, Step
from pipeline.wanted import Wanted
from tests.contract.steps import take, to_prepared
from tests.makers import arrival, inspection, original, placement

MakeLedger = Callable[[], Ledger]


def hold(ledger: Ledger, path: str, product_id: int = 158) -> Photo:
    """Take a photograph in, prepare it, and have it be held."""
    ledger.receive(arrival(path), original(path, path.encode()))
    to_prepared(ledger, product_id)
    return ledger.hold(take(ledger, Step.UPLOAD), "held: SM-13 lacks back")


def next_to_send(ledger: Ledger, *, any_owner: bool) -> str | None:
    claim = ledger.claim_next(Step.UPLOAD, Claimable(any_owner=any_owner))
    return None if claim is None else claim.photo.path.name


@pytest.mark.parametrize("any_owner", [True, False])
def test_what_is_held_is_nobodys_work_and_holds_up_no_other(
    ledger: Ledger, any_owner: bool
) -> None:
    held = hold(ledger, "/in/a.jpg")
    assert (held.state, held.reason) == (State.PREPARED, Reason.HELD)
    assert ledger.unfinished(any_owner=any_owner, step=None) == 0
    assert not ledger.any_unfinished(any_owner=any_owner, step=None)
    ledger.receive(arrival("/in/b.jpg"), original("/in/b.jpg", b"b"))
    to_prepared(ledger)
    assert next_to_send(ledger, any_owner=any_owner) == "b.jpg"
    assert [photo.id for photo in ledger.wanted(Wanted(reason=Reason.HELD))] == [held.id]


@pytest.mark.parametrize("any_owner", [True, False])
def test_what_is_let_go_goes_up_in_its_order(ledger: Ledger, any_owner: bool) -> None:
    for name in ("b", "a"):
        hold(ledger, f"/in/{name}.jpg")
    other = hold(ledger, "/in/other.jpg", 159)
    assert ledger.let_go(158, "complete") == 2
    assert ledger.let_go(158, "complete") == 0
    assert ledger.unfinished(any_owner=any_owner, step=None) == 2
    assert next_to_send(ledger, any_owner=any_owner) == "a.jpg"
    assert [photo.id for photo in ledger.held()] == [other.id]


def test_one_of_each_product_stands_for_what_is_held(ledger: Ledger) -> None:
    for product_id in (160, 158, 159):
        for name in ("b", "a"):
            hold(ledger, f"/in/{product_id}{name}.jpg", product_id)
    assert [photo.path.name for photo in ledger.held()] == ["158a.jpg", "159a.jpg", "160a.jpg"]


def test_who_goes_on_with_what_was_left_leaves_what_is_held(make_ledger: MakeLedger) -> None:
    first = make_ledger()
    hold(first, "/in/a.jpg")
    first.close()
    second = make_ledger()
    assert second.recover() == 0
    assert second.take_up(EVERYTHING) == 0
    assert second.left_behind() == {}
    assert second.left_behind(nobody_works=True) == {}
    assert [photo.path.name for photo in second.pending(EVERYTHING)] == ["a.jpg"]
    assert second.let_go(158, "complete") == 1, "and it is the second one's from then on"
    assert next_to_send(second, any_owner=False) == "a.jpg"
    assert [line.photo.path.name for line in second.run_report().lines] == ["a.jpg"]


def test_what_is_held_is_asked_about_again_when_it_arrives_again(make_ledger: MakeLedger) -> None:
    first = make_ledger()
    hold(first, "/in/a.jpg")
    for ledger in (first, make_ledger()):
        ledger.receive(arrival("/in/a.jpg"), original("/in/a.jpg", b"/in/a.jpg"))
        claim = ledger.claim_next(Step.UPLOAD, Claimable())
        assert claim is not None
        assert claim.photo.path == Path("/in/a.jpg")
        ledger.hold(claim, "held: SM-13 lacks back")


def test_the_same_bytes_of_another_name_have_it_asked_about_again(ledger: Ledger) -> None:
    hold(ledger, "/in/a.jpg")
    ledger.receive(arrival("/in/copy.jpg"), original("/in/copy.jpg", b"/in/a.jpg"))
    ledger.validated(take(ledger), inspection(), placement(158), "checked")
    assert next_to_send(ledger, any_owner=False) == "a.jpg"


def test_what_is_held_can_be_forgotten(ledger: Ledger) -> None:
    held = hold(ledger, "/in/a.jpg")
    assert ledger.drop(held.id)
    assert ledger.photo(held.id) is None
