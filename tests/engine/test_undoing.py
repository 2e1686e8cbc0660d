"""Which changes take a batch back: none is made here, and nothing is asked of the shop."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.batches import BatchKind, ChangeKind, ImageFacts, PlannedChange
from pipeline.engine import batch_to_take_back, taking_back
from pipeline.ledger import Ledger
from pipeline.ledger.sqlite import open_ledger
from pipeline.values import Photo, Picture, StoredImage
from tests.contract.steps import to_stored
from tests.makers import ManualClock, arrival, original, stored_image


@pytest.fixture
def ledger(tmp_path: Path, clock: ManualClock) -> Iterator[Ledger]:
    with closing(open_ledger(tmp_path / "ledger.sqlite3", "store", "run", clock.now)) as ledger:
        yield ledger


def kept(picture: Picture) -> bool:
    return True


def stored(ledger: Ledger, name: str, image_id: int) -> Photo:
    path = f"/158/{name}.jpg"
    photo = ledger.receive(arrival(path), original(path, path.encode()))
    to_stored(ledger, image_id)
    now = ledger.photo(photo.id)
    assert now is not None
    return now


def changed(
    ledger: Ledger,
    image: StoredImage,
    facts: ImageFacts | None = None,
    *,
    photo: Photo | None = None,
    main: int | None = None,
) -> StoredImage:
    """Have an update of an image done (a delete, where nothing is said); return it after that."""
    kind = ChangeKind.DELETE if facts is None else ChangeKind.UPDATE
    photo_id = None if photo is None else photo.id
    ledger.plan([PlannedChange(kind=kind, image=image, facts=facts or {}, photo_id=photo_id)])
    change = ledger.changes_in(ledger.own_batch(), image.product_id)[-1]
    ledger.intend_change(change.number, image, main)
    after = replace(image, **(facts or {}))  # type: ignore[arg-type]
    ledger.change_done(change, None if facts is None else after, "changed")
    return after


def test_what_was_created_is_deleted_if_it_is_there(ledger: Ledger) -> None:
    one, other = stored(ledger, "a", 7), stored(ledger, "b", 8)
    ledger.removed(158, 8)
    planned = taking_back(ledger, ledger.own_batch(), kept)
    assert [(one.kind, one.photo_id) for one in planned.changes] == [(ChangeKind.DELETE, one.id)]
    assert other.id not in {change.photo_id for change in planned.changes}


def test_what_was_changed_more_than_once_becomes_what_it_was_first(ledger: Ledger) -> None:
    first = replace(stored_image(9), sort_order=1, description="a cup")
    ledger.begin_batch(BatchKind.COMMAND)
    second = changed(ledger, first, {"sort_order": 5})
    third = changed(ledger, second, {"sort_order": 7, "description": "a mug"})
    (change,) = taking_back(ledger, ledger.own_batch(), kept).changes
    assert change.facts == {"sort_order": 1, "description": "a cup"}
    assert change.image == third, "as it is expected to be"


def test_the_main_picture_is_the_one_that_it_was_first(ledger: Ledger) -> None:
    ledger.begin_batch(BatchKind.COMMAND)
    changed(ledger, stored_image(9), {"is_thumbnail": True}, main=4)
    changed(ledger, stored_image(10), {"is_thumbnail": True}, main=9)
    (change,) = taking_back(ledger, ledger.own_batch(), kept).changes
    assert (change.image.id, change.facts, change.main) == (4, {"is_thumbnail": True}, 10)


def test_what_was_changed_and_deleted_comes_back_as_it_was_before_both(ledger: Ledger) -> None:
    photo = stored(ledger, "a", 7)
    ledger.begin_batch(BatchKind.COMMAND)
    after = changed(ledger, stored_image(7), {"sort_order": 5}, photo=photo)
    changed(ledger, after, photo=photo)
    (change,) = taking_back(ledger, ledger.own_batch(), kept).changes
    assert (change.kind, change.photo_id) == (ChangeKind.CREATE, photo.id)
    assert change.image == stored_image(7)


@pytest.mark.parametrize(
    ("ours", "is_kept", "why"),
    [(False, True, "not uploaded by this program"), (True, False, "not kept any more")],
)
def test_what_cannot_be_put_back_is_said(
    ledger: Ledger, ours: bool, is_kept: bool, why: str
) -> None:
    photo = stored(ledger, "a", 7) if ours else None
    ledger.begin_batch(BatchKind.COMMAND)
    changed(ledger, stored_image(7), photo=photo)
    planned = taking_back(ledger, ledger.own_batch(), lambda picture: is_kept)
    assert planned.changes == []
    assert why in planned.left[0]


def test_what_was_put_back_otherwise_meanwhile_is_left(ledger: Ledger) -> None:
    photo = stored(ledger, "a", 7)
    batch = ledger.begin_batch(BatchKind.COMMAND)
    changed(ledger, stored_image(7), photo=photo)
    ledger.begin_batch(BatchKind.COMMAND)
    ledger.retry(photo.id)
    planned = taking_back(ledger, batch, kept)
    assert planned.changes == []
    assert "on its way" in planned.left[0]


def test_another_picture_in_an_images_place_is_not_known(ledger: Ledger) -> None:
    ledger.begin_batch(BatchKind.COMMAND)
    ledger.plan(
        [
            PlannedChange(
                kind=ChangeKind.UPDATE, image=stored_image(7), facts={"image_url": "http://a/b"}
            )
        ]
    )
    (change,) = ledger.changes_in(ledger.own_batch(), 158)
    ledger.change_done(change, stored_image(7), "changed")
    planned = taking_back(ledger, ledger.own_batch(), kept)
    assert planned.changes == []
    assert "another picture" in planned.left[0]


def test_the_last_batch_that_did_anything_and_is_no_undo_is_taken_back(ledger: Ledger) -> None:
    assert batch_to_take_back(ledger, redo=False) is None
    stored(ledger, "a", 7)
    first = ledger.own_batch()
    ledger.begin_batch(BatchKind.COMMAND)
    found = batch_to_take_back(ledger, redo=False)
    assert found is not None
    assert found.number == first, "the empty one did nothing"
    undo = ledger.begin_batch(BatchKind.UNDO, takes_back=first)
    changed(ledger, stored_image(7))
    assert batch_to_take_back(ledger, redo=False) is None
    again = batch_to_take_back(ledger, redo=True)
    assert again is not None
    assert again.number == undo
