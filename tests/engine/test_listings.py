"""What the store has already is looked for before anything is sent, and taken over."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.claimable import ANYBODYS
from pipeline.engine import Engine, work
from pipeline.engine.listings import FRESH_SECONDS, MOST_IMAGES, REST_SECONDS
from pipeline.engine.ports import MOST_PRODUCTS
from pipeline.errors import StoreRejected, StoreThrottled, StoreUnavailable
from pipeline.lifecycle import State
from pipeline.values import Photo, Step, StoredImage
from tests.engine.fake_stages import FakeStages, advance, step, steps
from tests.makers import ManualClock, arrival, original, stored_image


def image_of(path: str, image_id: int, product_id: int = 158) -> StoredImage:
    digest = original(path, str(Path(path)).encode()).sha256
    return stored_image(image_id, product_id, f"photo-{digest[:10]}")


def run(engine: Engine) -> None:
    work(engine, (), preparing=1, uploading=1, give_up_after=5)


def states(engine: Engine) -> list[State]:
    return [photo.state for photo in engine.ledger.photos()]


def test_what_is_there_already_is_taken_over_before_a_picture_is_made(
    engine: Engine, store: FakeStages
) -> None:
    store.images = [image_of("/158/a.jpg", 12), image_of("/158/a.jpg", 9), stored_image(13)]
    store.trouble("render", AssertionError("a picture was made"))
    engine.submit(arrival("/158/a.jpg"))
    photo = steps(engine, 2)
    assert photo.state is State.STORED
    assert photo.image is not None
    assert photo.image.id == 9, "the lower of two"
    assert photo.sentence.startswith("was in the shop already, as image 9 (")
    assert store.creates == 0
    (line,) = engine.ledger.run_report().lines
    assert line.already


def test_one_that_another_photograph_is_recorded_as_is_not_taken_over(
    engine: Engine, store: FakeStages
) -> None:
    engine.submit(arrival("/158/a.jpg"))
    first = steps(engine, 3)
    assert first.image is not None
    # As if the shop had given it a name that carries the mark of the next.
    store.images = [image_of("/158/b.jpg", first.image.id)]
    engine.submit(arrival("/158/b.jpg"))
    run(engine)
    assert states(engine) == [State.STORED, State.STORED]
    assert store.creates == 2


def test_the_photographs_of_a_product_need_one_listing_while_it_is_fresh(
    engine: Engine, store: FakeStages, clock: ManualClock
) -> None:
    for name in "abcd":
        engine.submit(arrival(f"/158/{name}.jpg"))
    run(engine)
    assert (store.creates, store.listings) == (4, 1)
    clock.forward(FRESH_SECONDS)
    engine.submit(arrival("/158/e.jpg"))
    run(engine)
    assert (store.creates, store.listings) == (5, 2)


@pytest.mark.parametrize(
    ("products", "questions"),
    [(30, 1), pytest.param(2 * MOST_PRODUCTS, 4, marks=pytest.mark.long)],
)
def test_the_products_that_come_next_are_asked_for_together(
    engine: Engine, store: FakeStages, products: int, questions: int
) -> None:
    for product in range(1, products + 1):
        engine.submit(arrival(f"/{product}/a.jpg", product_id=product))
    run(engine)
    assert store.creates == products
    assert store.listings <= questions


def test_what_came_along_is_enough_to_take_over_and_not_to_send(
    engine: Engine, store: FakeStages
) -> None:
    paths = [f"/{product}/a.jpg" for product in range(1, 41)]
    # A shop whose products have one image each: of none is it certain that these are all.
    store.most_together = 1
    store.images = [image_of(path, 1000 + at, at) for at, path in enumerate(paths, 1)]
    # Of two that image came first under another name, and ours did not come along.
    store.images = [stored_image(7, 7), stored_image(9, 9), *store.images]
    store.images = [image for image in store.images if image.id != 1009]
    for at, path in enumerate(paths, 1):
        engine.submit(arrival(path, product_id=at))
    run(engine)
    assert states(engine) == [State.STORED] * 40
    assert store.creates == 1, "product 9 alone lacked its photograph"
    assert len(store.together) <= 2
    assert store.alone <= 4


def test_a_store_that_cannot_be_asked_does_not_keep_pictures_from_being_made(
    engine: Engine, store: FakeStages, clock: ManualClock
) -> None:
    store.trouble("images", StoreUnavailable("away"))
    for name in "ab":
        engine.submit(arrival(f"/158/{name}.jpg"))
    for _ in range(4):
        advance(engine)
    assert states(engine) == [State.PREPARED, State.PREPARED]
    assert store.listings == 0, "it is left in peace for a while"
    clock.forward(REST_SECONDS)
    run(engine)
    assert states(engine) == [State.STORED, State.STORED]
    assert store.listings == 1


def test_nothing_is_sent_to_a_product_that_cannot_be_listed(
    engine: Engine, store: FakeStages, clock: ManualClock
) -> None:
    engine.submit(arrival("/158/a.jpg"))
    store.trouble("images", *[StoreUnavailable("away")] * 4)
    photo = steps(engine, 2)
    for _ in range(3):
        photo = step(engine)
        clock.forward(400)
        assert photo.state is State.PREPARED
    assert store.creates == 0
    assert step(engine).state is State.STORED


def test_a_product_that_the_store_does_not_have_fails_as_a_create_would(
    engine: Engine, store: FakeStages
) -> None:
    engine.submit(arrival("/158/a.jpg"))
    store.trouble("images", *[StoreRejected(404, "no such product")] * 2)
    photo = steps(engine, 3)
    assert (photo.state, store.creates) == (State.FAILED, 0)
    assert "404" in photo.sentence


@pytest.fixture
def deleted(engine: Engine, store: FakeStages, clock: ManualClock) -> Photo:
    """A photograph whose image our own command deleted, while its listing is remembered."""
    engine.submit(arrival("/158/other.jpg"))
    store.images = [image_of("/158/a.jpg", 9)]
    run(engine)
    clock.forward(1)
    engine.submit(arrival("/158/a.jpg"))
    run(engine)
    assert store.listings == 2, "a listing from before it arrived is not enough to take it over"
    engine.ledger.removed(158, 9)
    store.images = [image for image in store.images if image.id != 9]
    (photo,) = engine.ledger.photos(State.REMOVED)
    return photo


def test_one_that_was_deleted_since_it_was_listed_is_sent_again_on_request(
    engine: Engine, store: FakeStages, clock: ManualClock, deleted: Photo
) -> None:
    clock.forward(1)
    engine.ledger.retry(deleted.id)
    before = store.creates
    run(engine)
    photo = engine.ledger.photo(deleted.id)
    assert photo is not None
    assert photo.state is State.STORED
    assert store.creates == before + 1


def test_between_two_creates_of_one_photograph_its_product_is_listed(
    engine: Engine, store: FakeStages, clock: ManualClock
) -> None:
    engine.submit(arrival("/158/a.jpg"))
    store.trouble("deliver", StoreThrottled("wait", 1.0))
    store.makes_it_all_the_same = True
    steps(engine, 3)
    assert (store.creates, store.listings) == (1, 1)
    clock.forward(2)
    photo = step(engine)
    assert photo.state is State.STORED
    assert (store.creates, store.listings) == (1, 2), "it was there, though the answer was 429"


@pytest.mark.parametrize("shift", [-3600.0, -1.0, 0.0, 3600.0])
def test_and_also_where_the_clock_was_set_meanwhile_and_another_process_sent_it(
    engine: Engine, store: FakeStages, clock: ManualClock, shift: float
) -> None:
    for name in "ab":
        engine.submit(arrival(f"/158/{name}.jpg"))
    for _ in range(4):
        advance(engine)
    assert store.listings == 1
    clock.forward(5)
    claim = engine.ledger.claim_next(Step.UPLOAD, ANYBODYS)
    assert claim is not None
    # Another process, of which this one knows nothing but what the ledger says.
    claim = engine.ledger.intend(claim)
    clock.forward(shift)
    engine.ledger.not_sent(claim, "asked to wait", not_before=None, attempts=0)
    store.images = [image_of("/158/a.jpg", 9)]
    clock.forward(1)
    run(engine)
    assert states(engine) == [State.STORED, State.STORED]
    assert (store.creates, store.listings) == (1, 2)


def test_what_is_remembered_of_the_store_is_bounded(engine: Engine, store: FakeStages) -> None:
    for product in range(1, 40):
        store.images += [
            stored_image(product * 10_000 + number, product, f"x-{number:010x}")
            for number in range(1_000)
        ]
        engine.submit(arrival(f"/{product}/a.jpg", product_id=product))
    run(engine)
    assert store.creates == 39
    assert engine.listings.remembered <= MOST_IMAGES
