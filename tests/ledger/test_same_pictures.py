"""Of two photographs of one product that show the same, the stored one takes the other in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.errors import LostClaim
from pipeline.ledger import Ledger
from pipeline.lifecycle import State
from pipeline.values import Claim, Photo, Step
from tests.contract.steps import take
from tests.makers import arrival, inspection, original, picture, placement, stored_image

ALIKE = replace(picture(), likeness="1" * 64)


def prepared(ledger: Ledger, path: str, product_id: int = 158) -> Photo:
    photo = ledger.receive(arrival(path), original(path, path.encode()))
    ledger.validated(take(ledger), inspection(), placement(product_id), "checked")
    ledger.prepared(take(ledger), ALIKE, "prepared")
    return photo


def stored(ledger: Ledger, path: str) -> Photo:
    photo = prepared(ledger, path)
    claim = ledger.intend(take(ledger, Step.UPLOAD))
    ledger.stored(claim, stored_image(7), "stored")
    return photo


def claimed(ledger: Ledger, path: str, product_id: int = 158) -> Claim:
    prepared(ledger, path, product_id)
    return take(ledger, Step.UPLOAD)


def test_what_came_with_it_goes_over_and_it_is_known_from_then_on(
    opened: Callable[[], Ledger],
) -> None:
    ledger = opened()
    first = stored(ledger, "/158/a.jpg")
    claim = claimed(ledger, "/158/b.jpg")
    same = ledger.shown_already(claim, ALIKE)
    assert same is not None
    assert (same.id, same.state) == (first.id, State.STORED)
    assert [photo.id for photo in ledger.photos()] == [first.id]
    told = [line.sentence for line in ledger.history(first.id)]
    assert "received as /158/b.jpg" in told
    assert told[-1] == "a file that shows the same arrived as /158/b.jpg: it is not sent again"
    again = ledger.receive(arrival("/158/b.jpg"), original("/158/b.jpg", b"/158/b.jpg"))
    assert again.id == first.id
    lines = ledger.run_report().lines
    assert {line.path: line.already for line in lines} == {
        Path("/158/a.jpg"): False,
        Path("/158/b.jpg"): True,
    }
    # Another's bytes at that path, and its bytes at another path, are new ones.
    other = ledger.receive(arrival("/158/b.jpg"), original("/158/b.jpg", b"other"))
    elsewhere = ledger.receive(arrival("/x/b.jpg"), original("/x/b.jpg", b"/158/b.jpg"))
    assert first.id not in (other.id, elsewhere.id)
    # It is the same again once its product is known.
    claim = next(claim for claim in (take(ledger), take(ledger)) if claim.photo.id == elsewhere.id)
    assert ledger.validated(claim, inspection(), placement(), "checked").id == first.id
    assert ledger.check() is None


@pytest.mark.parametrize("state", [State.PREPARED, State.UPLOADING])
def test_one_that_is_on_its_way_takes_nobody_in(state: State, opened: Callable[[], Ledger]) -> None:
    ledger = opened()
    first = prepared(ledger, "/158/a.jpg")
    second = prepared(ledger, "/158/b.jpg")
    if state is State.UPLOADING:
        claim = ledger.claim(first.id)
        assert claim is not None
        ledger.intend(claim)
    claim = ledger.claim(second.id)
    assert claim is not None
    same = ledger.shown_already(claim, ALIKE)
    assert (None if same is None else same.id) == (first.id if state is State.UPLOADING else None)
    assert len(list(ledger.photos())) == 2


def test_a_claim_that_was_lost_takes_nothing_away(opened: Callable[[], Ledger]) -> None:
    ledger = opened()
    stored(ledger, "/158/a.jpg")
    claim = claimed(ledger, "/158/b.jpg")
    with pytest.raises(LostClaim):
        ledger.shown_already(replace(claim, token="another's"), ALIKE)
    assert len(list(ledger.photos())) == 2


def test_it_is_asked_by_an_index_however_many_there_are(opened: Callable[[], Ledger]) -> None:
    ledger = opened()
    stored(ledger, "/158/a.jpg")
    claim = claimed(ledger, "/159/b.jpg", 159)
    assert ledger.shown_already(claim, ALIKE) is None
    assert ledger.shown_already(claim, picture()) is None, "nobody knows what it shows"
