"""Working until nothing is due, giving up, being stopped, and going on."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.engine import Engine, work
from pipeline.errors import (
    StoreDenied,
    StoreUnavailable,
)
from pipeline.lifecycle import State
from pipeline.values import (
    Arrival,
)
from tests.engine.fake_stages import FakeStages
from tests.makers import (
    ManualClock,
    arrival,
)


def test_work_stores_everything_and_ends(engine: Engine, store: FakeStages) -> None:
    arrivals = [arrival(f"/158/{number}.jpg", product_id=158) for number in range(30)]
    outcome = work(engine, arrivals, preparing=3, uploading=3, give_up_after=5)
    assert (outcome.stopped, outcome.error) == (False, None)
    assert engine.ledger.tally()[State.STORED] == 30
    assert len(store.images) == 30


def test_work_uploads_a_products_pictures_in_shot_order(engine: Engine, store: FakeStages) -> None:
    arrivals = [
        arrival(f"/{product}/{number}.jpg", product_id=product)
        for number in range(1, 13)
        for product in (158, 159)
    ]
    work(engine, arrivals, preparing=4, uploading=4, give_up_after=5)
    by_image = {photo.image and photo.image.image_file: photo for photo in engine.ledger.photos()}
    for product in (158, 159):
        shot = [
            by_image[image.image_file].path.stem
            for image in store.images
            if image.product_id == product
        ]
        assert shot == [str(number) for number in range(1, 13)]


def test_work_gives_up_on_a_store_that_stays_away_and_loses_nothing(
    engine: Engine, store: FakeStages
) -> None:
    store.trouble("deliver", *[StoreUnavailable("away") for _ in range(1000)])
    outcome = work(
        engine, [arrival("/158/a.jpg", product_id=158)], preparing=1, uploading=1, give_up_after=0.2
    )
    assert outcome.error is None
    assert engine.ledger.tally()[State.PREPARED] == 1


def test_work_ends_at_once_with_the_error_that_made_going_on_senseless(
    engine: Engine, store: FakeStages
) -> None:
    store.trouble("deliver", StoreDenied("the token is not good"))
    arrivals = [arrival(f"/158/{number}.jpg", product_id=158) for number in range(5)]
    outcome = work(engine, arrivals, preparing=1, uploading=1, give_up_after=5)
    assert isinstance(outcome.error, StoreDenied)
    assert store.images == []


def test_work_stops_when_asked_and_a_later_one_goes_on(
    engine: Engine, store: FakeStages, clock: ManualClock
) -> None:
    def arrivals() -> Iterator[Arrival]:
        for number in range(20):
            if number == 10:
                clock.stopped = True
            yield arrival(f"/158/{number}.jpg", product_id=158)

    assert work(engine, arrivals(), preparing=1, uploading=1, give_up_after=5).stopped
    assert len(store.images) < 20
    clock.stopped = False
    any_owner = [arrival(f"/158/{number}.jpg", product_id=158) for number in range(20)]
    work(engine, any_owner, preparing=2, uploading=2, give_up_after=5)
    assert len(store.images) == 20
    assert engine.ledger.tally()[State.STORED] == 20
