"""What a store has already is taken over, without anything being sent."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.engine import Engine, RetryTimes, SilentObserver, adopt
from pipeline.errors import StoreError, StoreUnavailable
from pipeline.ledger.sqlite import open_ledger
from pipeline.lifecycle import State
from pipeline.values import Photo, StoredImage
from tests.engine.fake_stages import FakeStages
from tests.makers import ManualClock, arrival, original, stored_image


def image_of(path: str, image_id: int, product_id: int = 158) -> StoredImage:
    """Return an image of the store that bears the digest of the photograph from that path."""
    digest = original(path, str(Path(path)).encode()).sha256
    return stored_image(image_id, product_id, f"photo-{digest[:10]}")


@pytest.fixture
def another(tmp_path: Path, store: FakeStages, clock: ManualClock) -> Iterator[Engine]:
    """The engine of another process on the same ledger."""
    ledger = open_ledger(tmp_path / "ledger.sqlite3", "store", "run", clock.now)
    yield Engine(ledger, store.stages(), clock, RetryTimes(), SilentObserver())
    ledger.close()


class Told:
    """What was told of images at products that are not their own."""

    def __init__(self) -> None:
        self.of: list[tuple[str, int]] = []

    def __call__(self, photo: Photo, image: StoredImage) -> None:
        self.of.append((photo.path.name, image.id))


def test_what_the_store_has_already_is_taken_over_and_nothing_is_sent(
    engine: Engine, store: FakeStages
) -> None:
    store.images = [image_of("/158/a.jpg", 9), image_of("/158/a.jpg", 12), stored_image(13)]
    found = adopt(engine, [arrival("/158/a.jpg"), arrival("/158/b.jpg")])
    assert (found.adopted, found.others) == (1, 1)
    first, second = sorted(engine.ledger.photos(), key=lambda photo: photo.path)
    assert first.image is not None
    assert first.image.id == 9, "the lower of two"
    assert second.state is not State.STORED
    assert (found.known, found.unmarked, store.creates) == (0, 1, 0)


def test_what_was_taken_over_once_is_known_the_next_time(engine: Engine, store: FakeStages) -> None:
    store.images = [image_of("/158/a.jpg", 9)]
    adopt(engine, [arrival("/158/a.jpg")])
    again = adopt(engine, [arrival("/158/a.jpg"), arrival("/158/a.jpg")])
    assert (again.known, again.adopted) == (1, 0)


def test_one_that_another_product_has_is_named_and_left_alone(
    engine: Engine, store: FakeStages
) -> None:
    store.images = [image_of("/159/b.jpg", 9)]
    arrivals = [arrival("/158/a.jpg", product_id=158), arrival("/159/b.jpg", product_id=159)]
    told = Told()
    found = adopt(engine, arrivals, told)
    assert told.of == [("b.jpg", 9)], "also where its own product is read later"
    assert (found.adopted, found.others) == (0, 2)
    earlier = Told()
    store.images = [image_of("/158/a.jpg", 9, 159)]
    adopt(engine, arrivals, earlier)
    assert earlier.of == [("a.jpg", 9)], "and where it was read before"


def test_one_that_its_own_product_has_too_is_taken_over_and_named_at_no_other(
    engine: Engine, store: FakeStages
) -> None:
    store.images = [image_of("/159/b.jpg", 9), image_of("/159/b.jpg", 10, 159)]
    arrivals = [arrival("/158/a.jpg", product_id=158), arrival("/159/b.jpg", product_id=159)]
    told = Told()
    assert adopt(engine, arrivals, told).adopted == 1
    assert told.of == []


def test_what_came_another_time_is_neither_counted_nor_named(
    engine: Engine, another: Engine, store: FakeStages
) -> None:
    another.submit(arrival("/158/b.jpg", product_id=158))
    store.images = [image_of("/158/a.jpg", 9), image_of("/158/b.jpg", 10)]
    found = adopt(engine, [arrival("/158/a.jpg", product_id=158)])
    assert (found.adopted, found.others) == (1, 0)
    assert [photo.path.name for photo in engine.ledger.photos(State.STORED)] == ["a.jpg"]


def test_products_are_read_together_and_one_that_the_store_does_not_know_stops_nothing(
    engine: Engine, store: FakeStages
) -> None:
    store.unknown = {400}
    store.images = [image_of(f"/x/{number}.jpg", number, number) for number in range(1, 501, 2)]
    arrivals = [arrival(f"/x/{number}.jpg", product_id=number) for number in range(1, 501)]
    told: list[tuple[int, int]] = []
    found = adopt(engine, arrivals, progress=lambda read, of: told.append((read, of)))
    assert (found.adopted, found.others) == (250, 250)
    assert store.together == [250, 250]
    assert told == [(0, 500), (250, 500), (500, 500)]


@pytest.mark.parametrize("complete", [False, True])
def test_what_may_be_there_beyond_what_came_along_is_looked_for_in_the_products_own_listing(
    engine: Engine, store: FakeStages, complete: bool
) -> None:
    store.images = [stored_image(3), image_of("/158/a.jpg", 9)]
    store.most_together = None if complete else 1
    assert adopt(engine, [arrival("/158/a.jpg")]).adopted == 1
    assert store.alone == (0 if complete else 1)


def test_a_store_that_cannot_be_asked_ends_the_taking_over(
    engine: Engine, store: FakeStages
) -> None:
    store.trouble("place", StoreUnavailable("away"))
    with pytest.raises(StoreError):
        adopt(engine, [arrival("/158/a.jpg")])
