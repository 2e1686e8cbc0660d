"""What is planned is done, once, whatever comes between; what a person changed is left."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.batches import ChangeKind, ChangeState, ImageFacts, PlannedChange, ShopChange
from pipeline.engine import Changing, Engine, RetryTimes, Shop, SilentObserver
from pipeline.errors import (
    StoreDenied,
    StoreError,
    StoreRejected,
    StoreThrottled,
    StoreUnavailable,
)
from pipeline.ledger import Ledger
from pipeline.ledger.sqlite import open_ledger
from pipeline.lifecycle import State
from pipeline.values import StoredImage
from tests.contract.steps import to_stored
from tests.engine.fake_stages import FakeStages
from tests.makers import ManualClock, arrival, original, stored_image

PRODUCT = 158


def an_image(number: int, order: int = 0, *, main: bool = False) -> StoredImage:
    return replace(stored_image(number, PRODUCT), sort_order=order, is_thumbnail=main)


@dataclass
class Product:
    """A product's images, changed by the rules that the store's reference gives."""

    images: dict[int, StoredImage]
    trouble: list[Exception] = field(default_factory=list)
    lost: list[Exception] = field(default_factory=list)
    unlisted: set[int] = field(default_factory=set)
    writes: list[tuple[str, int]] = field(default_factory=list)
    listings: int = 0

    def listed(self, product_id: int) -> Sequence[StoredImage]:
        self.listings += 1
        if product_id != PRODUCT:
            raise StoreRejected(404, "There is no such product")
        return [one for one in self.images.values() if one.id not in self.unlisted]

    def image(self, product_id: int, image_id: int) -> StoredImage:
        if image_id not in self.images:
            raise StoreRejected(404, "There is no such image")
        return self.images[image_id]

    def update(self, product_id: int, image_id: int, facts: ImageFacts) -> StoredImage:
        self._trouble()
        before = self.image(product_id, image_id)
        order = facts.get("sort_order", before.sort_order)
        for other in self.images.values():
            if facts.get("is_thumbnail"):
                self.images[other.id] = replace(self.images[other.id], is_thumbnail=False)
            if before.sort_order < int(order) <= other.sort_order and other.id != image_id:
                one = self.images[other.id]
                self.images[other.id] = replace(one, sort_order=one.sort_order + 1)
        known = {name: fact for name, fact in facts.items() if hasattr(before, name)}
        self.images[image_id] = replace(self.images[image_id], **known)  # type: ignore[arg-type]
        self.writes.append(("update", image_id))
        self._lost()
        return self.images[image_id]

    def delete(self, product_id: int, image_id: int) -> None:
        self._trouble()
        self.image(product_id, image_id)
        del self.images[image_id]
        self.writes.append(("delete", image_id))
        self._lost()

    def _trouble(self) -> None:
        if self.trouble:
            raise self.trouble.pop(0)

    def _lost(self) -> None:
        if self.lost:
            raise self.lost.pop(0)


def changing(engine: Engine, product: Product) -> Changing:
    shop = Shop(
        images=product.listed, image=product.image, update=product.update, delete=product.delete
    )
    return Changing(engine.ledger, shop, engine.clock, SilentObserver(), RetryTimes(patience=20.0))


def update(image: StoredImage, **facts: str | int | bool) -> PlannedChange:
    return PlannedChange(kind=ChangeKind.UPDATE, image=image, facts=facts)


def delete(image: StoredImage) -> PlannedChange:
    return PlannedChange(kind=ChangeKind.DELETE, image=image)


def carried_out(engine: Engine, product: Product, *changes: PlannedChange) -> list[ShopChange]:
    engine.ledger.plan(changes)
    changing(engine, product).carry_out(engine.ledger.own_batch())
    return list(engine.ledger.changes_of(engine.ledger.own_batch()))


def test_what_is_planned_is_sent_and_written_down_with_what_was_there(engine: Engine) -> None:
    one, other = an_image(1, main=True), an_image(2, 1)
    product = Product({1: one, 2: other})
    update_, delete_ = carried_out(
        engine, product, update(other, is_thumbnail=True, description="a mug"), delete(one)
    )
    assert product.images == {2: replace(other, is_thumbnail=True, description="a mug")}
    assert (update_.state, update_.before, update_.main_before) == (ChangeState.DONE, other, 1)
    assert delete_.state is ChangeState.DONE
    assert delete_.before == replace(one, is_thumbnail=False), "as it was just before"


@settings(max_examples=60, deadline=None)
@given(
    before=st.lists(st.integers(0, 5), min_size=1, max_size=5),
    after=st.lists(st.integers(0, 5), min_size=5, max_size=5),
    cut=st.integers(0, 6),
)
@example(before=[0, 0], after=[2, 2, 0, 0, 0], cut=2)
def test_every_order_becomes_what_was_planned_wherever_it_is_cut_off(
    tmp_path_factory: pytest.TempPathFactory, before: list[int], after: list[int], cut: int
) -> None:
    clock = ManualClock()
    file = tmp_path_factory.mktemp("orders") / "ledger.sqlite3"
    images = {number: an_image(number, order) for number, order in enumerate(before, 1)}
    product = Product(dict(images))
    first = open_ledger(file, "store", "run", clock.now)
    engine = Engine(first, FakeStages().stages(), clock, RetryTimes(), SilentObserver())
    first.plan([update(one, sort_order=after[one.id - 1]) for one in images.values()])
    batch = first.own_batch()
    calls = iter(range(100))

    def stop_at(*given: object) -> StoredImage:
        if next(calls) == cut:
            raise KeyboardInterrupt
        return product.update(*given)  # type: ignore[arg-type]

    shop = Shop(images=product.listed, image=product.image, update=stop_at, delete=product.delete)
    interrupted = Changing(first, shop, clock, SilentObserver(), RetryTimes())
    with suppress(KeyboardInterrupt):
        interrupted.carry_out(batch)
    first.close()
    with closing(open_ledger(file, "store", "run", clock.now)) as second:
        later = replace_ledger(engine, second)
        changing(later, product).go_on()
        assert {one.id: one.sort_order for one in product.images.values()} == {
            number: after[number - 1] for number in images
        }
        assert {one.state for one in second.changes_of(batch)} == {ChangeState.DONE}


def replace_ledger(engine: Engine, ledger: Ledger) -> Engine:
    return Engine(ledger, engine.stages, engine.clock, engine.retry_times, engine.observer)


@pytest.mark.parametrize(
    ("change", "by_hand", "why"),
    [
        (lambda one: update(one, sort_order=4), {"sort_order": 9}, "changed its order"),
        (lambda one: update(one, description="a"), {"description": "b"}, "its description"),
        (delete, {"description": "b"}, "its description"),
        (delete, {"sort_order": 3}, "its order"),
        (delete, {"image_file": "k/1/other.jpg"}, "the picture itself"),
    ],
)
def test_what_a_person_changed_meanwhile_is_left_and_that_is_said(
    engine: Engine,
    change: Callable[[StoredImage], PlannedChange],
    by_hand: dict[str, str | int],
    why: str,
) -> None:
    planned = change(an_image(1, 1))
    product = Product({1: replace(an_image(1, 1), **by_hand)})  # type: ignore[arg-type]
    engine.ledger.plan([planned])
    ended = changing(engine, product).carry_out(engine.ledger.own_batch())
    assert (ended.done, product.writes) == (0, [])
    assert why in ended.left[0]
    (left,) = engine.ledger.changes_of(engine.ledger.own_batch())
    assert left.state is ChangeState.LEFT
    assert why in left.sentence


def test_what_a_person_changed_of_something_else_is_no_hindrance(engine: Engine) -> None:
    product = Product({1: replace(an_image(1, 1), description="by hand")})
    (change,) = carried_out(engine, product, update(an_image(1, 1), sort_order=4))
    assert change.state is ChangeState.DONE
    assert product.images[1] == replace(an_image(1, 4), description="by hand")


def test_what_is_so_already_is_done_without_a_request(engine: Engine) -> None:
    product = Product({1: an_image(1, 4)})
    (change,) = carried_out(engine, product, update(an_image(1, 1), sort_order=4))
    assert (change.state, product.writes) == (ChangeState.DONE, [])
    assert change.before == an_image(1, 4), "so taking it back changes nothing"


def test_an_image_that_is_not_there_is_left_unless_we_deleted_it(engine: Engine) -> None:
    product = Product({})
    one, other = carried_out(
        engine, product, update(an_image(1), sort_order=4), delete(an_image(2))
    )
    assert (one.state, other.state) == (ChangeState.LEFT, ChangeState.LEFT)
    assert "not in the shop any more" in other.sentence
    engine.ledger.plan([delete(an_image(3))])
    *_, third = engine.ledger.changes_of(one.batch)
    engine.ledger.intend_change(third.number, an_image(3), None)
    changing(engine, product).carry_out(one.batch)
    *_, third = engine.ledger.changes_of(one.batch)
    assert third.state is ChangeState.DONE


def test_an_image_that_a_listing_does_not_show_yet_is_asked_for_alone(engine: Engine) -> None:
    product = Product({1: an_image(1)}, unlisted={1})
    (change,) = carried_out(engine, product, update(an_image(1), description="a mug"))
    assert change.state is ChangeState.DONE


def test_a_product_that_is_gone_has_no_images(engine: Engine) -> None:
    image = replace(an_image(1), product_id=159)
    (change,) = carried_out(engine, Product({}), delete(image))
    assert change.state is ChangeState.LEFT


@pytest.mark.parametrize("lost", [False, True])
def test_a_request_without_an_answer_is_sent_again(
    engine: Engine, clock: ManualClock, lost: bool
) -> None:
    errors: list[Exception] = [StoreUnavailable("no answer"), StoreThrottled("slow down", 3.0)]
    product = Product({1: an_image(1), 2: an_image(2, 1)})
    if lost:
        product.lost = errors[:1]
    else:
        product.trouble = errors
    before = clock.monotonic()
    one, other = carried_out(
        engine, product, update(an_image(1), sort_order=1), delete(an_image(2, 1))
    )
    assert (one.state, other.state) == (ChangeState.DONE, ChangeState.DONE)
    assert product.images == {1: an_image(1, 1)}
    assert clock.monotonic() > before


def test_a_store_that_does_not_answer_for_long_is_left_and_gone_on_with_later(
    engine: Engine,
) -> None:
    product = Product({1: an_image(1)}, trouble=[StoreUnavailable("no answer")] * 50)
    engine.ledger.plan([delete(an_image(1))])
    batch = engine.ledger.own_batch()
    with pytest.raises(StoreUnavailable):
        changing(engine, product).carry_out(batch)
    (change,) = engine.ledger.changes_of(batch)
    assert change.state is ChangeState.INTENDED
    product.trouble = []
    changing(engine, product).go_on()
    assert product.images == {}


def test_a_token_that_is_not_good_ends_it(engine: Engine) -> None:
    product = Product({1: an_image(1)}, trouble=[StoreDenied("no")])
    engine.ledger.plan([delete(an_image(1))])
    with pytest.raises(StoreDenied):
        changing(engine, product).carry_out(engine.ledger.own_batch())


def test_what_the_store_refuses_is_left_in_its_words(engine: Engine) -> None:
    product = Product({1: an_image(1)}, trouble=[StoreRejected(422, "too long")])
    (change,) = carried_out(engine, product, update(an_image(1), description="x" * 5000))
    assert change.state is ChangeState.LEFT
    assert "too long" in change.sentence


def test_who_is_asked_to_stop_leaves_the_rest_for_later(engine: Engine, clock: ManualClock) -> None:
    product = Product({1: an_image(1), 2: an_image(2)})
    engine.ledger.plan([delete(an_image(1)), delete(an_image(2))])
    clock.stopped = True
    ended = changing(engine, product).carry_out(engine.ledger.own_batch())
    assert (ended.done, ended.cut_off, product.writes) == (0, True, [])
    clock.stopped = False
    assert not changing(engine, product).carry_out(engine.ledger.own_batch()).cut_off
    assert product.images == {}


def test_one_image_is_deleted_now_and_stands_in_the_journal(engine: Engine) -> None:
    product = Product({1: an_image(1), 2: an_image(2)})
    changing(engine, product).delete(PRODUCT, 1)
    assert product.images == {2: an_image(2)}
    (change,) = engine.ledger.changes_of(engine.ledger.own_batch())
    assert (change.kind, change.state) == (ChangeKind.DELETE, ChangeState.DONE)
    with pytest.raises(StoreRejected):
        changing(engine, product).delete(PRODUCT, 1)
    product.trouble = [StoreRejected(422, "no")]
    with pytest.raises(StoreError, match="image 2 of product 158 is left"):
        changing(engine, product).delete(PRODUCT, 2)


def test_our_records_say_what_the_shop_shows_after_it(engine: Engine) -> None:
    photo = engine.ledger.receive(arrival("/158/a.jpg"), original("/158/a.jpg"))
    to_stored(engine.ledger, 1)
    product = Product({1: an_image(1), 2: an_image(2, main=True)})
    carried_out(
        engine,
        product,
        replace(update(an_image(1), sort_order=2, is_thumbnail=True), photo_id=photo.id),
    )
    now = engine.ledger.photo(photo.id)
    assert now is not None
    assert now.image == an_image(1, 2, main=True)
    assert "order 0 → 2, main picture (batch 1)" in engine.ledger.history(photo.id)[-1].sentence
    carried_out(engine, product, update(an_image(2), is_thumbnail=True))
    now = engine.ledger.photo(photo.id)
    assert now is not None
    assert now.image == an_image(1, 2), "another one is the main picture"
    carried_out(engine, product, replace(delete(an_image(1, 2)), photo_id=photo.id))
    now = engine.ledger.photo(photo.id)
    assert now is not None
    assert now.state is State.REMOVED
