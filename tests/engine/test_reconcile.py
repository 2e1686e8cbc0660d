"""The ledger held against the store, and what is done about what differs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.engine import (
    Engine,
    Kind,
    adopt,
    ask_again,
    delete_image,
    differences,
    image_in_product,
    in_doubt,
    repaired,
    settle,
    work,
)
from pipeline.errors import (
    LedgerError,
    ProductUnknown,
    StoreAmbiguous,
    StoreError,
    StoreRejected,
    StoreUnavailable,
    StoreUnsure,
)
from pipeline.lifecycle import Reason, State
from pipeline.values import Photo, StoredImage
from tests.engine.fake_stages import SETTLE, FakeStages, step, steps
from tests.makers import ManualClock, arrival, original, stored_image


def image_of(path: str, image_id: int, product_id: int = 158) -> StoredImage:
    """Return an image of the store that bears the digest of the photograph from that path."""
    digest = original(path, str(Path(path)).encode()).sha256
    return stored_image(image_id, product_id, f"photo-{digest[:10]}")


@pytest.fixture
def stored(engine: Engine) -> Photo:
    engine.submit(arrival("/158/a.jpg", product_id=158))
    return steps(engine, 3)


def bring_in(engine: Engine) -> Callable[[], object]:
    return lambda: work(engine, (), preparing=1, uploading=1, give_up_after=5)


def test_what_the_store_has_already_is_taken_over_and_nothing_is_sent(
    engine: Engine, store: FakeStages
) -> None:
    store.images = [image_of("/158/a.jpg", 9), image_of("/158/a.jpg", 12), stored_image(13)]
    found = adopt(engine, [arrival("/158/a.jpg"), arrival("/158/b.jpg")])
    assert [photo.path.name for photo in found.adopted] == ["a.jpg"]
    assert [photo.path.name for photo in found.others] == ["b.jpg"]
    assert found.adopted[0].image is not None
    assert found.adopted[0].image.id == 9, "the lower of two"
    assert (found.known, found.unmarked, store.creates) == ((), 1, 0)


def test_what_was_taken_over_once_is_known_the_next_time(engine: Engine, store: FakeStages) -> None:
    store.images = [image_of("/158/a.jpg", 9)]
    adopt(engine, [arrival("/158/a.jpg")])
    again = adopt(engine, [arrival("/158/a.jpg")])
    assert [photo.state for photo in again.known] == [State.STORED]
    assert again.adopted == ()


def test_one_that_another_product_has_is_named_and_left_alone(
    engine: Engine, store: FakeStages
) -> None:
    store.images = [image_of("/159/b.jpg", 9)]
    arrivals = [arrival("/158/a.jpg", product_id=158), arrival("/159/b.jpg", product_id=159)]
    found = adopt(engine, arrivals)
    assert [(photo.path.name, image.id) for photo, image in found.elsewhere] == [("b.jpg", 9)]
    assert found.adopted == ()


def test_a_store_that_cannot_be_asked_ends_the_taking_over(
    engine: Engine, store: FakeStages
) -> None:
    store.trouble("place", StoreUnavailable("away"))
    with pytest.raises(StoreError):
        adopt(engine, [arrival("/158/a.jpg")])


@pytest.mark.usefixtures("stored")
def test_a_ledger_and_a_store_that_agree_differ_in_nothing(engine: Engine) -> None:
    assert differences(engine) == []


CHANGES: dict[Kind, Callable[[StoredImage], list[StoredImage]]] = {
    Kind.MISSING: lambda image: [],
    Kind.UNKNOWN: lambda image: [image, stored_image(99, name="from-elsewhere")],
    Kind.TWICE: lambda image: [image, replace(image, id=99)],
    Kind.ORDER: lambda image: [replace(image, sort_order=5)],
    Kind.THUMBNAIL: lambda image: [replace(image, is_thumbnail=True)],
    Kind.PICTURE: lambda image: [replace(image, image_file="o/1/another__1.jpg")],
}


def test_the_changes_are_of_every_kind() -> None:
    assert set(CHANGES) == set(Kind)


@pytest.mark.parametrize("kind", CHANGES)
def test_whatever_was_changed_in_the_store_is_one_difference_of_its_kind(
    engine: Engine, store: FakeStages, stored: Photo, kind: Kind
) -> None:
    store.images = CHANGES[kind](store.images[0])
    (found,) = differences(engine)
    assert (found.kind, found.product_id) == (kind, 158)
    assert (found.photo is None) == (kind is Kind.UNKNOWN)


@pytest.mark.usefixtures("stored")
def test_an_image_that_is_only_slow_to_be_listed_is_not_missing(
    engine: Engine, store: FakeStages, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    (late,) = store.images
    store.images = []

    def wait(seconds: float) -> bool:
        assert seconds == SETTLE / 2
        store.images = [late]
        return False

    monkeypatch.setattr(clock, "wait", wait)
    assert differences(engine) == []


@pytest.mark.usefixtures("stored")
def test_one_whose_sending_is_in_doubt_is_no_stranger(engine: Engine, store: FakeStages) -> None:
    engine.submit(arrival("/158/b.jpg", product_id=158))
    store.makes_it_all_the_same = True
    store.trouble("deliver", StoreUnsure("the connection broke"))
    work_until_uploading(engine)
    assert len(store.images) == 2
    assert differences(engine) == []


def work_until_uploading(engine: Engine) -> None:
    while not list(engine.ledger.photos(State.UPLOADING)):
        step_any(engine)


def step_any(engine: Engine) -> None:
    for photo in engine.ledger.photos():
        claim = engine.ledger.claim(photo.id)
        if claim is not None:
            engine.advance(claim)


def test_what_is_missing_is_uploaded_again_from_its_original(
    engine: Engine, store: FakeStages, stored: Photo
) -> None:
    store.images = []
    now = repaired(engine, differences(engine), bring_in(engine))
    assert {photo.state for photo in now.values()} == {State.STORED}
    assert list(now) == [stored.id]
    assert (store.creates, len(store.images)) == (2, 1)


def test_what_is_there_under_another_id_is_taken_over_instead_of_sent(
    engine: Engine, store: FakeStages, stored: Photo
) -> None:
    store.images = [replace(store.images[0], id=50)]
    now = repaired(engine, differences(engine), bring_in(engine))
    image = now[stored.id].image
    assert image is not None
    assert (image.id, store.creates) == (50, 1)


def test_only_what_is_missing_is_repaired(engine: Engine, store: FakeStages, stored: Photo) -> None:
    store.images = [replace(store.images[0], sort_order=5)]
    assert repaired(engine, differences(engine), bring_in(engine)) == {}
    (photo,) = engine.ledger.photos()
    assert photo == stored


@pytest.fixture
def ambiguous(engine: Engine, store: FakeStages) -> Photo:
    engine.submit(arrival("/158/a.jpg", product_id=158))
    store.makes_it_all_the_same = True
    store.trouble("deliver", StoreUnsure("the connection broke"))
    store.trouble("find", StoreAmbiguous("one of two"))
    return steps(engine, 4)


def test_a_person_says_which_image_it_is(
    engine: Engine, store: FakeStages, ambiguous: Photo
) -> None:
    assert ambiguous.state is State.FAILED
    (photo,) = in_doubt(engine.ledger, Path("/158/a.jpg"))
    image = image_in_product(engine, photo, store.images[0].id)
    assert image == store.images[0]
    assert settle(engine.ledger, photo, image).startswith(f"is image {store.images[0].id} ")
    (photo,) = engine.ledger.photos()
    assert (photo.state, photo.image) == (State.STORED, image)
    assert list(in_doubt(engine.ledger, Path("/158/a.jpg"))) == []


def test_a_person_says_that_it_is_none_of_them_and_it_is_sent_again(
    engine: Engine, store: FakeStages, ambiguous: Photo
) -> None:
    store.images = []
    settle(engine.ledger, ambiguous, None)
    (photo,) = engine.ledger.photos()
    assert (photo.state, photo.attempts) == (State.PREPARED, 0)
    assert step(engine).state is State.STORED


@pytest.mark.usefixtures("ambiguous")
def test_an_image_that_the_product_does_not_have_is_none(engine: Engine) -> None:
    (photo,) = in_doubt(engine.ledger, Path("/158/a.jpg"))
    assert image_in_product(engine, photo, 4711) is None


def test_one_that_was_certainly_not_sent_is_not_settled(engine: Engine, store: FakeStages) -> None:
    engine.submit(arrival("/158/a.jpg", product_id=158))
    store.trouble("deliver", StoreRejected(422, "no room"))
    failed = steps(engine, 3)
    with pytest.raises(LedgerError, match="is not in doubt"):
        settle(engine.ledger, failed, None)


def test_what_waits_for_its_product_is_asked_for_again(engine: Engine, store: FakeStages) -> None:
    engine.submit(arrival("/x/a.jpg"))
    store.trouble("place", ProductUnknown(Reason.PRODUCT_UNKNOWN, "whose is it?"))
    assert step(engine).state is State.WAITING
    ask_again(engine)
    assert store.forgotten == 1
    assert step(engine).state is State.VALIDATED


def test_an_image_that_we_delete_is_remembered_as_removed(
    engine: Engine, store: FakeStages, stored: Photo
) -> None:
    deleted: list[tuple[int, int]] = []
    image = store.images[0]

    def delete(product_id: int, image_id: int) -> None:
        deleted.append((product_id, image_id))

    photo = delete_image(delete, engine.ledger, 158, image.id)
    assert deleted == [(158, image.id)]
    assert photo is not None
    assert (photo.id, photo.state) == (stored.id, State.REMOVED)
    assert delete_image(delete, engine.ledger, 158, 4711) is None


def test_an_image_that_the_store_does_not_delete_stays_stored(
    engine: Engine, store: FakeStages, stored: Photo
) -> None:
    def refuse(product_id: int, image_id: int) -> None:
        raise StoreUnavailable("away")

    with pytest.raises(StoreUnavailable):
        delete_image(refuse, engine.ledger, 158, store.images[0].id)
    (photo,) = engine.ledger.photos()
    assert photo == stored
