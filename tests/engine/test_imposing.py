"""The shoot's order, asked for: whatever was moved by hand, and wherever it is cut off."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.engine import Changing, Engine, RetryTimes, Shop, SilentObserver
from pipeline.engine.imposing import asked_for, impose
from pipeline.errors import StoreUnavailable
from pipeline.ledger.port import ByHand, Decision
from pipeline.ledger.sqlite import open_ledger
from pipeline.values import ProductImages, Step
from tests.contract.steps import take, to_prepared
from tests.engine.fake_stages import FakeStages
from tests.engine.test_changing import PRODUCT, Product, an_image
from tests.makers import ManualClock, arrival, original


def an_engine(orders: Sequence[int], product: Product, file: Path | str) -> Engine:
    """Return an engine whose ledger knows all images of a product, shot in the order of their ids.

    They were made so; `product` is where they are now.
    """
    clock = ManualClock()
    ledger = open_ledger(Path(file), "store", "run", clock.now)
    for number, order in enumerate(orders, start=1):
        path = f"/in/158_{number}.jpg"
        ledger.receive(arrival(path), original(path, path.encode()))
        to_prepared(ledger)
        made = an_image(number, number - 1, main=number == 1)
        ledger.stored(ledger.intend(take(ledger, Step.UPLOAD)), made, "stored")
        product.images[number] = an_image(number, order, main=number == 1)
    stages = replace(
        FakeStages().stages(),
        images=product.listed,
        images_of=lambda ids: {
            one: ProductImages(images=tuple(product.images.values()), complete=True)
            for one in ids
            if one == PRODUCT
        },
        shop=Shop(
            images=product.listed, image=product.image, update=product.update, delete=product.delete
        ),
    )
    return Engine(ledger, stages, clock, RetryTimes(patience=1.0), SilentObserver())


def shown(product: Product) -> list[int]:
    return sorted(product.images, key=lambda one: (product.images[one].sort_order, one))


@given(st.lists(st.integers(0, 4), min_size=1, max_size=6))
@settings(max_examples=60, deadline=None)
def test_whatever_the_order_is_the_shoots_is_there_after_it_and_nothing_is_left_to_do(
    orders: list[int],
) -> None:
    product = Product({})
    engine = an_engine(orders, product, ":memory:")
    with closing(engine.ledger):
        engine.ledger.note_by_hand(PRODUCT, [ByHand(1, Decision.PLACE)])
        asked = list(asked_for(engine, [PRODUCT], main=False))
        assert impose(engine, engine.ledger.own_batch(), asked, main=False) == []
        assert shown(product) == sorted(product.images)
        assert set(engine.ledger.by_hand(PRODUCT)) == set()
        (again,) = asked_for(engine, [PRODUCT], main=False)
        assert again.plan is not None
        assert not again.plan.changes


def test_a_choice_of_the_main_picture_is_noted_and_given_up_only_where_asked(
    tmp_path: Path,
) -> None:
    product = Product({})
    engine = an_engine([0, 1, 2], product, tmp_path / "ledger.sqlite3")
    with closing(engine.ledger):
        for image_id in (1, 3):
            product.images[image_id] = replace(product.images[image_id], is_thumbnail=image_id == 3)
        (kept,) = asked_for(engine, [PRODUCT], main=False)
        assert kept.other_main
        impose(engine, engine.ledger.own_batch(), [kept], main=False)
        assert set(engine.ledger.by_hand(PRODUCT)) == {ByHand(3, Decision.MAIN)}
        (given_up,) = asked_for(engine, [PRODUCT], main=True)
        impose(engine, engine.ledger.own_batch(), [given_up], main=True)
        assert set(engine.ledger.by_hand(PRODUCT)) == set()
        assert product.images[1].is_thumbnail


def test_what_is_cut_off_is_gone_on_with_by_the_next_process(tmp_path: Path) -> None:
    product = Product({})
    engine = an_engine([3, 2, 1, 0], product, tmp_path / "ledger.sqlite3")
    with closing(engine.ledger):
        product.trouble = [StoreUnavailable("out of reach")] * 99
        asked = list(asked_for(engine, [PRODUCT], main=False))
        with pytest.raises(StoreUnavailable):
            impose(engine, engine.ledger.own_batch(), asked, main=False)
        product.trouble = []
        Changing.of(engine).carry_out(engine.ledger.own_batch())
        assert shown(product) == [1, 2, 3, 4]


def test_a_product_that_is_not_there_or_has_nothing_of_ours_has_no_plan(tmp_path: Path) -> None:
    product = Product({})
    engine = an_engine([], product, tmp_path / "ledger.sqlite3")
    with closing(engine.ledger):
        product.images[9] = an_image(9)
        nothing, unknown = asked_for(engine, [PRODUCT, 77], main=False)
        assert (nothing.plan, nothing.is_there) == (None, True)
        assert (unknown.plan, unknown.is_there) == (None, False)
