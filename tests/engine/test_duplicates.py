"""What is in the store twice is put right where that is proven, and nothing else is deleted."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from pipeline.engine import (
    Engine,
    RetryTimes,
    SilentObserver,
    differences,
    remove_superfluous,
    superfluous,
)
from pipeline.errors import StoreDenied, StoreRejected, StoreUnavailable
from pipeline.ledger.sqlite import open_ledger
from pipeline.lifecycle import State
from pipeline.values import Photo, StoredImage
from tests.engine.fake_stages import SETTLE, FakeStages, steps
from tests.makers import ManualClock, arrival

EVERY = range(1, 1_000_000)
"""All images may go."""


@dataclass
class Shop(FakeStages):
    """A store in which pictures may be alike, and from which images are deleted."""

    pixels: dict[int, str] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)

    def alike(self, one: StoredImage, another: StoredImage) -> bool | None:
        return self.pixels.get(one.id, "") == self.pixels.get(another.id, "")

    def delete(self, product_id: int, image_id: int) -> None:
        self._raise("delete")
        self.images = [image for image in self.images if image.id != image_id]


@pytest.fixture
def shop() -> Shop:
    return Shop()


@pytest.fixture
def engine(tmp_path: Path, shop: Shop, clock: ManualClock) -> Iterator[Engine]:
    ledger = open_ledger(tmp_path / "ledger.sqlite3", "store", "run", clock.now)
    stages = replace(shop.stages(), alike=shop.alike)
    yield Engine(ledger, stages, clock, RetryTimes(confirm_after=SETTLE), SilentObserver())
    ledger.close()


@pytest.fixture
def stored(engine: Engine) -> Photo:
    engine.submit(arrival("/158/a.jpg"))
    return steps(engine, 3)


def again(shop: Shop, image_id: int, **changes: object) -> StoredImage:
    """Have the store show the first image once more, under another id."""
    image = replace(shop.images[0], id=image_id, **changes)  # type: ignore[arg-type]
    shop.images.append(image)
    return image


def repair(engine: Engine, shop: Shop) -> list[int]:
    found = list(differences(engine))
    agreed = superfluous(engine, found)
    return sorted(remove_superfluous(engine, found, shop.delete, shop.said.append, agreed))


def left(shop: Shop) -> list[int]:
    return sorted(image.id for image in shop.images)


def recorded(engine: Engine, photo: Photo) -> int:
    now = engine.ledger.photo(photo.id)
    assert now is not None
    assert now.image is not None
    assert now.state is State.STORED
    return now.image.id


def test_only_what_was_agreed_to_is_removed(engine: Engine, shop: Shop, stored: Photo) -> None:
    again(shop, 50)
    found = list(differences(engine))
    agreed = superfluous(engine, found)
    again(shop, 51)
    removed = remove_superfluous(engine, found, shop.delete, shop.said.append, agreed)
    assert list(removed) == [50]
    assert left(shop) == [recorded(engine, stored), 51]


def test_the_later_one_is_removed_and_that_is_said_and_written_down(
    engine: Engine, shop: Shop, stored: Photo
) -> None:
    again(shop, 9)
    assert repair(engine, shop) == [9]
    assert left(shop) == [1]
    assert recorded(engine, stored) == 1
    assert [sentence.split(" ")[0] for sentence in shop.said] == ["removing", "removed"]
    told = [line.sentence for line in engine.ledger.history(stored.id)]
    assert "image 9" in told[-2]
    assert told[-2].endswith("removing it")
    assert told[-1].endswith("was removed from the shop")
    assert list(differences(engine)) == []


@pytest.mark.parametrize("by_hand", [{"is_thumbnail": True}, {"description": "from the front"}])
def test_where_something_was_set_by_hand_at_the_later_the_earlier_goes(
    engine: Engine, shop: Shop, stored: Photo, by_hand: dict[str, object]
) -> None:
    again(shop, 9, **by_hand)
    assert repair(engine, shop) == [1]
    assert left(shop) == [9]
    assert recorded(engine, stored) == 9
    assert list(differences(engine)) == []


def test_what_is_not_proven_to_be_the_same_stays(engine: Engine, shop: Shop, stored: Photo) -> None:
    again(shop, 9)
    shop.pixels[9] = "retouched"
    assert repair(engine, shop) == []
    assert left(shop) == [1, 9]
    assert recorded(engine, stored) == 1
    assert shop.said == []


def test_an_image_that_another_photograph_is_recorded_as_stays(
    engine: Engine, shop: Shop, stored: Photo
) -> None:
    found_before = list(differences(engine))
    again(shop, 9)
    found = list(differences(engine))
    engine.submit(arrival("/158/b.jpg"))
    shop.answers_with = replace(shop.images[-1])
    steps_of_second = engine.ledger.unfinished(any_owner=True, step=None)
    assert (found_before, steps_of_second) == ([], 1)
    other = next(photo for photo in engine.ledger.photos(State.RECEIVED))
    for _ in range(2):
        claim = engine.ledger.claim(other.id)
        assert claim is not None
        engine.advance(claim)
    claim = engine.ledger.claim(other.id)
    assert claim is not None
    assert engine.ledger.adopted(claim, shop.images[1], "as somebody said")
    assert remove_superfluous(engine, found, shop.delete, shop.said.append, EVERY) == {}
    assert left(shop) == [1, 9]
    assert recorded(engine, stored) == 1


@pytest.mark.parametrize(
    ("error", "there"),
    [(StoreUnavailable("away"), [1, 9]), (StoreRejected(404, "not found"), [1])],
)
def test_one_that_cannot_be_deleted_is_told_and_one_that_is_gone_is_well(
    engine: Engine, shop: Shop, stored: Photo, error: Exception, there: list[int]
) -> None:
    again(shop, 9)
    shop.trouble("delete", error)
    gone = repair(engine, shop)
    assert recorded(engine, stored) == 1
    assert gone == ([9] if 9 not in there else [])
    assert shop.said[-1].startswith("removed" if gone else "left as it is: away")


@pytest.mark.usefixtures("stored")
def test_a_token_that_is_not_good_ends_it(engine: Engine, shop: Shop) -> None:
    again(shop, 9)
    shop.trouble("delete", StoreDenied("no"))
    with pytest.raises(StoreDenied):
        repair(engine, shop)


@pytest.mark.usefixtures("stored")
def test_whoever_asks_for_a_stop_gets_it_between_two(
    engine: Engine, shop: Shop, clock: ManualClock
) -> None:
    for image_id in (9, 10):
        again(shop, image_id)
    found = list(differences(engine))
    clock.stopped = True
    assert remove_superfluous(engine, found, shop.delete, shop.said.append, EVERY) == {}
    assert left(shop) == [1, 9, 10]


@pytest.mark.parametrize("seed", range(40))
def test_whatever_is_there_several_times_nothing_set_by_hand_and_no_picture_is_lost(
    engine: Engine, shop: Shop, stored: Photo, seed: int
) -> None:
    print(f"seed {seed}")
    dice = random.Random(seed)
    first = shop.images[0]
    for image_id in range(9, 9 + dice.randint(1, 4)):
        again(shop, image_id, description=dice.choice(("", "", "words", "other words")))
        shop.pixels[image_id] = dice.choice(("", "", "", "retouched"))
    if dice.random() < 0.3:
        shop.images[0] = replace(first, description="words")
    before = list(shop.images)
    dies_at = dice.choice((None, None, "delete"))
    if dies_at is not None:
        # The program dies in the middle, and somebody asks again.
        shop.trouble(dies_at, KeyboardInterrupt())  # type: ignore[arg-type]
        with suppress(KeyboardInterrupt):
            repair(engine, shop)
        shop.errors.clear()
        assert recorded(engine, stored) in left(shop)
    repair(engine, shop)
    now = {image.id for image in shop.images}
    assert recorded(engine, stored) in now
    pixels = {shop.pixels.get(image.id, "") for image in before}
    assert {shop.pixels.get(image.id, "") for image in shop.images} == pixels
    by_hand = {image.description for image in before if image.description}
    assert by_hand <= {image.description for image in shop.images}
    assert repair(engine, shop) == [], "once is enough"
