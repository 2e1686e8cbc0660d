"""All products of the shop with their images, up to 250 in one question.

Products come in order of their ids, and the next page is that of the ids above the last one: so
none slips through between two pages, whatever is added or deleted meanwhile. Where the shop does
not take such a question, its pages are counted.

How many images of a product come along at most is not documented. One that shows as many as any
is asked for by itself, once some of them have shown that the shop leaves images out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any, Final, Generic, Protocol, TypeVar

from pipeline.errors import StoreRejected, StoreUnavailable
from pipeline.lacking import ShopProduct
from pipeline.upload.catalogue import TOO_MUCH, Record
from pipeline.upload.categories import categories_in
from pipeline.upload.responses import image_in, is_id, nonsense
from pipeline.upload.session import AnswerTooLong
from pipeline.values import StoredImage

__all__ = ["ProductReader", "Progress"]

PAGE_SIZE: Final = 250
"""The most products a page that the shop gives."""

ENOUGH_PROBES: Final = 5
"""So many products that show as many images as any, and have no more when they are asked for alone,
and the shop is believed to let all come along. Where it leaves some out, most of them show it."""

MOST_PAGES: Final = 40_000
"""Ten million products; a shop whose pages do not end is not followed."""

_T = TypeVar("_T")

Progress = Callable[[int, int], None]
"""Is told how many products have been read, and of how many, as the shop counts them."""


class OnePage(Protocol):
    """Asks for a page of a listing, and how many pages there are; None where that is not told."""

    def __call__(
        self, path: str, query: Mapping[str, str], page: int = 1, *, size: int = PAGE_SIZE
    ) -> tuple[Sequence[Record], int | None]: ...


@dataclass(frozen=True, slots=True)
class _Doubtful(Generic[_T]):
    """A product that may have more images than came along, and what is said of it if it has not."""

    product: ShopProduct
    """Without its images: very many products may be doubtful."""

    said: _T


class ProductReader:
    """Reads the whole catalogue; each reading learns anew how many images come along."""

    def __init__(self, page: OnePage, listing: Callable[[int], Sequence[StoredImage]]) -> None:
        """Know nothing of the store yet.

        Args:
            page: asks for a page of a listing.
            listing: asks for all images of one product, by itself.
        """
        self._page = page
        self._listing = listing

    def each(self, judge: Callable[[ShopProduct], _T], progress: Progress) -> Iterator[_T]:
        """Yield what is said of each product, those last that may have had more images.

        Args:
            judge: says something small of a product with all of its images. What it says of one
                that may have more is thrown away where it has.
            progress: is told how far it is.

        Raises:
            StoreError: the store could not be asked, or answers nonsense.
        """
        doubtful: list[_Doubtful[_T]] = []
        most = 1
        for product in self._products(progress):
            said, shown = judge(product), len(product.images)
            if shown > most:
                # More come along than all of these showed, who so have no others.
                yield from (one.said for one in doubtful)
                doubtful, most = [], shown
            if shown == most:
                doubtful.append(_Doubtful(replace(product, images=()), said))
            else:
                yield said
        yield from self._settled(doubtful, most, judge)

    def _settled(
        self, doubtful: Sequence[_Doubtful[_T]], shown: int, judge: Callable[[ShopProduct], _T]
    ) -> Iterator[_T]:
        # At random, as neighbours, or every tenth, may have come to the shop alike.
        chosen = Random(len(doubtful))  # noqa: S311 - nobody would gain by guessing them
        probes = frozenset(chosen.sample(range(len(doubtful)), min(ENOUGH_PROBES, len(doubtful))))
        cut = False
        for number in sorted(probes):
            images = self._alone(doubtful[number])
            cut = cut or (images is not None and len(images) > shown)
            yield from _judged(doubtful[number], images, judge)
        for number, one in enumerate(doubtful):
            if number not in probes:
                if cut:
                    yield from _judged(one, self._alone(one), judge)
                else:
                    yield one.said

    def _alone(self, one: _Doubtful[_T]) -> tuple[StoredImage, ...] | None:
        """Return all images of a product; None where it is not there any more."""
        try:
            return tuple(self._listing(one.product.id))
        except StoreRejected as error:
            if not error.is_of_one_product:
                raise
            return None

    def _products(self, progress: Progress) -> Iterator[ShopProduct]:
        """Yield the products as they came along with their images, in order of their ids."""
        last, read, size = 0, 0, PAGE_SIZE
        for _ in range(MOST_PAGES):
            query = {"id:min": str(last + 1), "sort": "id", "direction": "asc"}
            try:
                found = self._asked(query, 1, size)
            except AnswerTooLong:
                size = _smaller(size)
                continue
            if found is None or not _in_order(found[0], last):
                yield from self._counted(last, read, size, progress)
                return
            products, pages = found
            yield from products
            read += len(products)
            left = 0 if not products or pages == 1 else (pages or 2) - 1
            progress(read, read + left * size)
            if not left:
                return
            last = products[-1].id
        raise StoreUnavailable(f"the shop's listing does not end after {MOST_PAGES} pages")

    def _counted(
        self, last: int, read: int, size: int, progress: Progress
    ) -> Iterator[ShopProduct]:
        """Yield the products of counted pages that were not read yet.

        One that is added meanwhile moves others on to the next page, where they are seen again.
        """
        seen: set[int] = set()
        page = 1
        for _ in range(MOST_PAGES):
            try:
                found = self._asked({}, page, size)
            except AnswerTooLong:
                # Counted anew, in smaller pages: what was seen is passed over.
                size, page = _smaller(size), 1
                continue
            if found is None:
                raise nonsense("a listing of products is refused")
            products, pages = found
            # By their ids all were read up to the last of them.
            new = [one for one in products if one.id > last and one.id not in seen]
            seen |= {one.id for one in new}
            yield from new
            read += len(new)
            progress(read, read + max(0, (pages or page) - page) * size)
            if not products or (pages is not None and page >= pages):
                return
            page += 1
        raise StoreUnavailable(f"the shop's listing does not end after {MOST_PAGES} pages")

    def _asked(
        self, query: Mapping[str, str], page: int, size: int
    ) -> tuple[list[ShopProduct], int | None] | None:
        """Return a page, and how many there are; None where the shop refuses such a question."""
        asked = {**query, "include": "images", "include_fields": "sku,name,categories"}
        try:
            records, pages = self._page("/catalog/products", asked, page, size=size)
        except StoreRejected as error:
            if error.status not in TOO_MUCH:
                raise
            return None
        return [_product_in(record) for record in records], pages


def _smaller(size: int) -> int:
    if size == 1:
        raise nonsense("one product with its images makes an answer that is too long")
    return max(1, size // 4)


def _in_order(products: Sequence[ShopProduct], last: int) -> bool:
    for one in products:
        if one.id <= last:
            return False
        last = one.id
    return True


def _judged(
    one: _Doubtful[_T], images: tuple[StoredImage, ...] | None, judge: Callable[[ShopProduct], _T]
) -> Iterator[_T]:
    if images is not None:
        yield judge(replace(one.product, images=images))


def _product_in(record: Record) -> ShopProduct:
    id_, images = record.get("id"), record.get("images")
    if not is_id(id_):
        raise nonsense("a product's id is no positive whole number")
    if not isinstance(images, list):
        raise nonsense("a product comes without the images that were asked for with it")
    return ShopProduct(
        id=id_,
        sku=_text(record.get("sku")),
        name=_text(record.get("name")),
        images=tuple(image_in(image, id_) for image in images),
        categories=categories_in(record),
    )


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
