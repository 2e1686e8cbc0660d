"""The store read product by product, up to 250 in one question: memory stays flat, however many."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final, TypeAlias

from pipeline.engine.ports import Stages
from pipeline.errors import StoreRejected
from pipeline.values import ProductImages, StoredImage

__all__ = ["AT_ONCE", "Progress", "all_images", "chunks", "in_silence"]

AT_ONCE: Final = 250
"""Products that one question is for: as many as the store gives on a page."""

Progress: TypeAlias = Callable[[int, int], None]
"""Is told how many products have been read, and of how many."""


def in_silence(read: int, of: int) -> None:
    """Tell nobody."""


def chunks(product_ids: Sequence[int], progress: Progress) -> Iterator[Sequence[int]]:
    """Yield products, as many at a time as one question is for."""
    for begin in range(0, len(product_ids), AT_ONCE):
        progress(begin, len(product_ids))
        yield product_ids[begin : begin + AT_ONCE]
    progress(len(product_ids), len(product_ids))


def all_images(
    stages: Stages,
    product_id: int,
    listed: ProductImages | None,
    enough: Callable[[Sequence[StoredImage]], bool],
) -> Sequence[StoredImage] | None:
    """Return the images of a product; None where the store does not know it.

    Args:
        stages: ask the store.
        product_id: of the product.
        listed: what was read of it together with others.
        enough: whether these images are all that is looked for. Where they are not, and are not
            certainly all that the product has, it is asked for by itself.

    Raises:
        StoreError: the store could not be asked.
    """
    if listed is None or listed.complete or enough(listed.images):
        return None if listed is None else listed.images
    try:
        return stages.images(product_id)
    except StoreRejected as error:
        if error.status != 404:
            raise
        return None
