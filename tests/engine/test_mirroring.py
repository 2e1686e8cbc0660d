"""What is to become of a product whose pictures a folder holds, or holds no more."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.engine import Engine, RetryTimes, Shop, SilentObserver
from pipeline.engine.mirroring import mirror
from pipeline.engine.planning import Folder, ProductPlan, plan_products
from pipeline.ledger import Ledger
from pipeline.ledger.sqlite import open_ledger
from pipeline.lifecycle import State
from pipeline.shop_copy import TableRow
from pipeline.values import ProductImages
from tests.contract.steps import take, to_prepared, to_stored
from tests.engine.fake_stages import FakeStages
from tests.engine.test_changing import Product, an_image
from tests.makers import ManualClock, arrival, inspection, original, placement

Opened = Callable[[], Ledger]


@pytest.fixture
def opened(tmp_path: Path, clock: ManualClock) -> Iterator[Opened]:
    """Return what opens the ledger for another process; each ends when the next one is opened."""
    ledgers: list[Ledger] = []

    def another() -> Ledger:
        for ledger in ledgers:
            ledger.close()
        ledgers.append(open_ledger(tmp_path / "some.sqlite3", "store", "run", clock.now))
        return ledgers[-1]

    yield another
    with closing(ledgers[-1]):
        pass


def come(ledger: Ledger, *names: str) -> None:
    for name in names:
        path = f"/158/{name}.jpg"
        ledger.receive(arrival(path), original(path, path.encode()))


def engine_of(ledger: Ledger, product: Product, clock: ManualClock) -> Engine:
    def images_of(product_ids: object) -> dict[int, ProductImages]:
        return {158: ProductImages(images=tuple(product.images.values()), complete=True)}

    stages = replace(
        FakeStages().stages(),
        images=product.listed,
        images_of=images_of,
        shop=Shop(
            images=product.listed,
            image=product.image,
            update=product.update,
            delete=product.delete,
        ),
    )
    return Engine(ledger, stages, clock, RetryTimes(), SilentObserver())


def folder(*gone: str, rows: dict[int, TableRow] | None = None) -> Folder:
    return Folder(
        holds=lambda photo: photo.path.parts[1] == "158",
        is_gone=lambda photo: photo.path.stem in gone,
        is_vanished=lambda photo: False,
        rows=lambda product_id: rows or {},
    )


def of(engine: Engine, where: Folder) -> ProductPlan:
    (found,) = plan_products(engine, [158], where)
    return found


@pytest.fixture
def shop(opened: Opened) -> Product:
    """Three pictures: two of ours, `a` and `b`, from an earlier process, and a stranger's."""
    ledger = opened()
    for image_id, name in ((1, "a"), (2, "b")):
        come(ledger, name)
        to_stored(ledger, image_id)
    return Product({one: an_image(one, one, main=one == 1) for one in (1, 2, 3)})


def removed(found: ProductPlan) -> list[str]:
    return [one.photo.path.stem for one in found.removed]


def test_what_is_gone_from_the_folder_is_to_be_removed_and_what_cannot_be_seen_is_not(
    opened: Opened, shop: Product, clock: ManualClock
) -> None:
    ledger = opened()
    come(ledger, "a")
    engine = engine_of(ledger, shop, clock)
    assert not of(engine, folder()).anything, "b is there, and only left out"
    found = of(engine, folder("a", "b"))
    assert removed(found) == ["b"], "a came through another file"
    assert (found.ours, found.back, list(found.changes)) == (2, [], [])


def test_only_what_was_shown_is_deleted_and_never_a_strangers(
    opened: Opened, shop: Product, clock: ManualClock
) -> None:
    ledger = opened()
    come(ledger, "a")
    engine = engine_of(ledger, shop, clock)
    nothing = mirror(engine, [158], folder("b"), frozenset())
    assert (nothing.removed, sorted(shop.images)) == (0, [1, 2, 3])
    ended = mirror(engine, [158], folder("b"), frozenset({2, 3}))
    assert (ended.removed, ended.left, sorted(shop.images)) == (1, [], [1, 3])
    assert ledger.tally()[State.REMOVED] == 1


def test_nothing_is_deleted_while_something_of_the_product_is_not_in_the_shop(
    opened: Opened, shop: Product, clock: ManualClock
) -> None:
    ledger = opened()
    come(ledger, "a", "c")
    ledger.validated(take(ledger), inspection(), placement(158), "checked")
    engine = engine_of(ledger, shop, clock)
    ended = mirror(engine, [158], folder("b"), frozenset({2}))
    assert (ended.removed, sorted(shop.images)) == (0, [1, 2, 3])
    (sentence,) = ended.left
    assert "nothing of product 158 is deleted" in sentence


def test_what_a_new_file_took_the_place_of_goes_once_that_one_is_good(
    opened: Opened, shop: Product, clock: ManualClock
) -> None:
    ledger = opened()
    ledger.receive(arrival("/158/b.jpg"), original("/158/b.jpg", b"another export"))
    engine = engine_of(ledger, shop, clock)
    assert removed(of(engine, folder())) == [], "it may be being written"
    to_prepared(ledger)
    found = of(engine, folder())
    assert removed(found) == ["b"]
    assert [one.path.stem for one in found.created] == ["b"]


def test_what_the_folder_holds_and_the_shop_lacks_is_to_be_sent_again(
    opened: Opened, shop: Product, clock: ManualClock
) -> None:
    ledger = opened()
    come(ledger, "a", "b")
    del shop.images[2]
    assert [one.path.stem for one in of(engine_of(ledger, shop, clock), folder()).back] == ["b"]
    shop.images[2] = an_image(2, 2)
    shop.unlisted.add(2)
    assert of(engine_of(ledger, shop, clock), folder()).back == []


def test_a_table_of_the_shop_says_order_words_and_main_picture_and_keeps_its_images(
    opened: Opened, shop: Product, clock: ManualClock
) -> None:
    engine = engine_of(opened(), shop, clock)
    rows = {
        one: TableRow(
            file=f"{one}.jpg", product_id=158, image_id=one, order=order, main=main, alt=alt
        )
        for one, order, main, alt in (
            (1, 1, False, "last"),
            (2, 0, True, "first"),
            (3, 2, False, ""),
        )
    }
    found = of(engine, folder("a", "b", rows=rows))
    assert removed(found) == []
    said = {change.image.id: change.facts.get("description") for change in found.changes}
    assert said == {1: "last", 2: "first"}
    ended = mirror(engine, [158], folder("a", "b", rows=rows), frozenset())
    assert ended.left == []
    assert shop.images[2].is_thumbnail
    assert shop.images[2].sort_order < shop.images[1].sort_order
