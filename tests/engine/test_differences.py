"""What differs between ledger and store, and how the store is asked for it."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace

import pytest

from pipeline.engine import Engine, Kind, differences
from pipeline.engine.reading import TRIES
from pipeline.errors import StoreUnavailable, StoreUnsure
from pipeline.lifecycle import State
from pipeline.values import Photo, ProductImages, StoredImage
from tests.engine.fake_stages import SETTLE, FakeStages, advance, steps
from tests.makers import ManualClock, arrival, stored_image

Ask = Callable[[Collection[int]], Mapping[int, ProductImages]]


@pytest.fixture
def stored(engine: Engine) -> Photo:
    engine.submit(arrival("/158/a.jpg", product_id=158))
    return steps(engine, 3)


def store_in(engine: Engine, store: FakeStages, *product_ids: int) -> None:
    """Have one photograph stored in each of these products."""
    for product_id in product_ids:
        engine.submit(arrival(f"/{product_id}/a.jpg", product_id=product_id))
        for _ in range(3):
            advance(engine)
    store.together.clear()
    store.alone = 0


@pytest.mark.usefixtures("stored")
def test_a_ledger_and_a_store_that_agree_differ_in_nothing(engine: Engine) -> None:
    assert list(differences(engine)) == []


CHANGES: dict[Kind, Callable[[StoredImage], list[StoredImage]]] = {
    Kind.MISSING: lambda image: [],
    Kind.UNKNOWN: lambda image: [image, stored_image(99, name="from-elsewhere")],
    Kind.TWICE: lambda image: [image, replace(image, id=99)],
    Kind.ORDER: lambda image: [replace(image, sort_order=5)],
    Kind.THUMBNAIL: lambda image: [replace(image, is_thumbnail=True)],
    Kind.PICTURE: lambda image: [replace(image, image_file="o/1/another__1.jpg")],
}


@pytest.mark.parametrize("kind", CHANGES)
def test_whatever_was_changed_in_the_store_is_one_difference_of_its_kind(
    engine: Engine, store: FakeStages, stored: Photo, kind: Kind
) -> None:
    store.images = CHANGES[kind](store.images[0])
    (found,) = list(differences(engine))
    assert (found.kind, found.product_id) == (kind, 158)
    assert (found.photo is None) == (kind is Kind.UNKNOWN)
    assert (found.twins is None) == (kind is not Kind.TWICE)


def test_the_changes_are_of_every_kind() -> None:
    assert {*CHANGES, Kind.GONE} == set(Kind)


def test_a_product_that_is_gone_is_told_apart_from_one_without_images(
    engine: Engine, store: FakeStages
) -> None:
    store_in(engine, store, 158, 159, 160)
    store.unknown = {158}
    store.images = [image for image in store.images if image.product_id == 160]
    gone, missing = list(differences(engine))
    assert (gone.kind, gone.product_id) == (Kind.GONE, 158)
    assert "product 158 is not in the shop any more" in gone.sentence
    assert (missing.kind, missing.product_id) == (Kind.MISSING, 159)


@pytest.mark.parametrize(("alike", "advice"), [(True, "delete image 99"), (None, "look at both")])
def test_of_two_with_one_mark_it_is_said_what_both_show(
    engine: Engine, store: FakeStages, stored: Photo, alike: bool | None, advice: str
) -> None:
    (image,) = store.images
    store.images.append(replace(image, id=99))
    store.looks_alike = alike
    (found,) = list(differences(engine))
    assert store.looked_at == [(image.id, 99)]
    assert advice in found.sentence
    assert found.twins is not None
    assert found.twins.removable == (alike is True)
    # Where words were set at the later one, it is the earlier one that may go.
    store.images[1] = replace(store.images[1], description="by hand")
    assert next(iter(differences(engine))).image_id == image.id


@pytest.mark.long
def test_products_are_read_by_the_hundred_and_told_of_in_order(
    engine: Engine, store: FakeStages
) -> None:
    store_in(engine, store, *range(600, 0, -1))
    store.images = []
    told: list[tuple[int, int]] = []
    found = list(differences(engine, lambda read, of: told.append((read, of))))
    assert [one.product_id for one in found] == list(range(1, 601))
    # What seems to be missing is looked for a second time.
    assert store.together == [250, 250, 100] * 2
    assert store.alone == 0
    assert told == [(0, 600), (250, 600), (500, 600), (600, 600)]


@pytest.mark.long
def test_whoever_stops_it_gets_what_was_found_until_then(
    engine: Engine, store: FakeStages, clock: ManualClock
) -> None:
    store_in(engine, store, *range(1, 301))
    store.images = []
    clock.stopped = True
    assert len(list(differences(engine))) == 250


def test_an_image_beyond_those_that_came_along_is_not_missing(
    engine: Engine, store: FakeStages, stored: Photo
) -> None:
    store.images.insert(0, stored_image(99, name="from-elsewhere"))
    store.most_together, store.alone = 1, 0
    assert [one.kind for one in list(differences(engine))] == [Kind.UNKNOWN]
    assert store.alone == 1
    store.most_together = 3
    assert [one.kind for one in list(differences(engine))] == [Kind.UNKNOWN]
    assert store.alone == 1, "these were all"


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
    assert list(differences(engine)) == []


@pytest.mark.usefixtures("stored")
def test_what_is_stored_while_the_store_is_asked_is_neither_missing_nor_a_stranger(
    engine: Engine, store: FakeStages, clock: ManualClock
) -> None:
    real = engine.stages.images_of

    def with_another(before: bool) -> Ask:
        def ask(product_ids: Collection[int]) -> Mapping[int, ProductImages]:
            shown = real(product_ids) if not before else None
            clock.forward(1)
            engine.submit(arrival(f"/158/{len(store.images)}.jpg", product_id=158))
            for _ in range(3):
                advance(engine)
            return shown or real(product_ids)

        return ask

    for before in (False, True):
        engine.stages = replace(engine.stages, images_of=with_another(before))
        assert list(differences(engine)) == []


@pytest.mark.usefixtures("stored")
def test_one_whose_sending_is_in_doubt_is_no_stranger(engine: Engine, store: FakeStages) -> None:
    engine.submit(arrival("/158/b.jpg", product_id=158))
    store.makes_it_all_the_same = True
    store.trouble("deliver", StoreUnsure("the connection broke"))
    while not list(engine.ledger.photos(State.UPLOADING)):
        advance(engine)
    assert len(store.images) == 2
    assert list(differences(engine)) == []


@pytest.mark.usefixtures("stored")
@pytest.mark.parametrize("times", [1, TRIES - 1, TRIES])
def test_one_answer_among_many_does_not_end_it_but_a_store_that_is_away_does(
    engine: Engine, store: FakeStages, times: int
) -> None:
    store.trouble("images", *(StoreUnavailable("away") for _ in range(times)))
    if times < TRIES:
        assert list(differences(engine)) == []
    else:
        with pytest.raises(StoreUnavailable):
            list(differences(engine))


@pytest.mark.usefixtures("stored")
def test_whoever_stops_it_does_not_wait_for_a_store_that_is_away(
    engine: Engine, store: FakeStages, clock: ManualClock
) -> None:
    store.trouble("images", StoreUnavailable("away"))
    clock.stopped = True
    with pytest.raises(StoreUnavailable):
        list(differences(engine))


def test_an_image_of_a_photograph_that_is_not_stored_is_that_photograph(
    engine: Engine, store: FakeStages, stored: Photo
) -> None:
    store_in(engine, store, 159)
    (image, _) = store.images
    engine.ledger.removed(158, image.id)
    store.images[0] = replace(image, product_id=159)
    (found,) = list(differences(engine))
    assert (found.kind, found.product_id, found.image_id) == (Kind.UNKNOWN, 159, image.id)
    assert found.photo is not None
    assert found.photo.id == stored.id
    assert "which our records call removed" in found.sentence


def test_they_come_as_they_are_read_and_wait_for_a_second_look_by_the_thousand_at_most(
    engine: Engine, store: FakeStages, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = importlib.import_module("pipeline.engine.differences")
    monkeypatch.setattr(module, "MOST_PRODUCTS", 2)
    monkeypatch.setattr(module, "MOST_HELD", 3)
    store_in(engine, store, *range(1, 11))
    strangers = [replace(image, id=900 + image.id, image_file="o/x.jpg") for image in store.images]
    # Of the first four there is one too many, of the others each is missing.
    store.images = [*store.images[:4], *strangers[:4]]
    found = differences(engine)
    read: list[tuple[int, int]] = []
    for one in found:
        read.append((one.product_id, sum(store.together)))
    assert [product for product, _ in read] == list(range(1, 11))
    assert [so_far for _, so_far in read] == [2, 2, 4, 4, 12, 12, 12, 12, 16, 16]
