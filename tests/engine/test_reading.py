"""The store read in chunks, and a product by itself where that is needed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from pipeline.engine import Engine
from pipeline.engine.ports import MOST_PRODUCTS
from pipeline.engine.reading import TRIES, all_images, chunks
from pipeline.errors import StoreRejected, StoreThrottled, StoreUnavailable
from pipeline.values import ProductImages, StoredImage
from tests.engine.fake_stages import FakeStages
from tests.makers import stored_image

ONE = stored_image(7)


@pytest.mark.parametrize("number", [0, 1, MOST_PRODUCTS, MOST_PRODUCTS + 1, 3 * MOST_PRODUCTS])
def test_no_chunk_is_larger_than_a_question_and_none_is_left_out(number: int) -> None:
    told: list[tuple[int, int]] = []
    found = list(chunks(range(number), lambda read, of: told.append((read, of))))
    assert [one for chunk in found for one in chunk] == list(range(number))
    assert all(0 < len(chunk) <= MOST_PRODUCTS for chunk in found)
    assert told[-1] == (number, number)


@pytest.mark.parametrize(
    ("listed", "enough", "asked"),
    [
        (None, False, False),
        (ProductImages(images=(ONE,), complete=True), False, False),
        (ProductImages(images=(ONE,), complete=False), True, False),
        (ProductImages(images=(ONE,), complete=False), False, True),
    ],
)
def test_a_product_is_asked_for_by_itself_only_where_something_may_be_left_out(
    engine: Engine, store: FakeStages, listed: ProductImages | None, enough: bool, asked: bool
) -> None:
    store.images = [ONE, stored_image(8)]
    images = all_images(engine, 158, listed, lambda images: enough)
    assert store.alone == asked
    if listed is None:
        assert images is None
    else:
        assert list(images or ()) == (store.images if asked else [ONE])


def test_a_product_that_is_gone_meanwhile_is_unknown_and_other_trouble_is_trouble(
    engine: Engine, store: FakeStages
) -> None:
    listed = ProductImages(images=(ONE,), complete=False)

    def ask(*errors: Exception) -> Sequence[StoredImage] | None:
        store.trouble("images", *errors)
        return all_images(engine, 158, listed, lambda images: False)

    assert ask(StoreRejected(404, "gone")) is None
    assert ask(StoreThrottled("slowly", 30.0), StoreUnavailable("away")) == []
    with pytest.raises(StoreRejected):
        ask(StoreRejected(422, "no"))
    with pytest.raises(StoreUnavailable):
        ask(*(StoreUnavailable("away") for _ in range(TRIES)))


def test_a_question_is_not_asked_again_when_patience_is_over(
    engine: Engine, store: FakeStages
) -> None:
    store.trouble("images", *(StoreUnavailable("away") for _ in range(TRIES)))
    engine.retry_times = replace(engine.retry_times, patience=4.0)
    before = engine.clock.monotonic()
    with pytest.raises(StoreUnavailable):
        all_images(engine, 158, ProductImages(images=(), complete=False), lambda images: False)
    assert engine.clock.monotonic() - before <= 4.0
    assert len(store.errors["images"]) == TRIES - 3, "asked at 0, 1 and 3 seconds"
