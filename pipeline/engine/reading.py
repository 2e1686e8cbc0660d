"""The store read product by product, up to 250 in one question: memory stays flat, however many."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, TypeAlias, TypeVar

from pipeline.engine.engine import Engine
from pipeline.engine.ports import MOST_PRODUCTS
from pipeline.errors import StoreRejected, StoreUnavailable
from pipeline.values import ProductImages, StoredImage

__all__ = ["Progress", "all_images", "chunks", "in_silence", "look_at", "together"]

TRIES: Final = 5
"""How often one question is asked where the store cannot answer just now: some 15 seconds in all,
for one answer among many must not end a comparison of a whole shop; and no longer than patience."""

_Answer = TypeVar("_Answer")

Progress: TypeAlias = Callable[[int, int], None]
"""Is told how many products have been read, and of how many."""


def in_silence(read: int, of: int) -> None:
    """Tell nobody."""


def chunks(product_ids: Sequence[int], progress: Progress) -> Iterator[Sequence[int]]:
    """Yield products, as many at a time as one question is for."""
    for begin in range(0, len(product_ids), MOST_PRODUCTS):
        progress(begin, len(product_ids))
        yield product_ids[begin : begin + MOST_PRODUCTS]
    progress(len(product_ids), len(product_ids))


def together(engine: Engine, product_ids: Sequence[int]) -> Mapping[int, ProductImages]:
    """Return the images of products, but for those that the store does not know.

    Raises:
        StoreError: the store could not be asked, after several tries.
    """
    return _patiently(engine, lambda: engine.stages.images_of(product_ids))


def all_images(
    engine: Engine,
    product_id: int,
    listed: ProductImages | None,
    enough: Callable[[Sequence[StoredImage]], bool],
) -> Sequence[StoredImage] | None:
    """Return the images of a product; None where the store does not know it.

    Args:
        engine: asks the store.
        product_id: of the product.
        listed: what was read of it together with others.
        enough: whether these images are all that is looked for. Where they are not, and are not
            certainly all that the product has, it is asked for by itself.

    Raises:
        StoreError: the store could not be asked, after several tries.
    """
    if listed is None or listed.complete or enough(listed.images):
        return None if listed is None else listed.images
    try:
        return _patiently(engine, lambda: engine.stages.images(product_id))
    except StoreRejected as error:
        if not error.is_of_one_product:
            raise
        return None


def look_at(engine: Engine, product_ids: Sequence[int], progress: Progress) -> None:
    """Have the store show all images of products: each listing is held against the ledger.

    Raises:
        StoreError: the store could not be asked, after several tries.
    """
    for some in chunks(product_ids, progress):
        listed = together(engine, some)
        for product_id in some:
            if all_images(engine, product_id, listed.get(product_id), lambda images: False) is None:
                engine.listings.heard(product_id, ())
        if engine.clock.stopping():
            return


def _patiently(engine: Engine, ask: Callable[[], _Answer]) -> _Answer:
    pause = engine.retry_times.first_pause
    latest = engine.clock.monotonic() + engine.retry_times.patience
    for _ in range(TRIES - 1):
        try:
            return ask()
        except StoreUnavailable:
            late = engine.clock.monotonic() + pause > latest
            if late or engine.clock.stopping() or engine.clock.wait(pause):
                raise
            pause *= 2
    return ask()
