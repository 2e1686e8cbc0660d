"""The images of many products, in few questions.

Up to 250 products come on a page, and their images along with them. Of what is not documented
nothing is taken for granted: how many images of a product come along at most, whether the products
are filtered as they were asked for, and how long a question may be.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final

from pipeline.errors import StoreRejected
from pipeline.upload.catalogue import TOO_MUCH, Pages
from pipeline.upload.responses import image_in, is_id, nonsense
from pipeline.upload.session import AnswerTooLong
from pipeline.values import ProductImages, StoredImage

__all__ = ["BulkReader"]

MOST_AT_ONCE: Final = 250
"""As many products as come on a page."""

MOST_CHARACTERS: Final = 3_400
"""The longest list of ids, its commas written as `%2C`: 250 of 32 bits fit, and with all else an
address stays below 4,096 characters, which servers and proxies take."""

ENOUGH_PROBES: Final = 12
"""So many products that seem whole are asked for by themselves before that is believed of the
others that show as many images. A store that cuts there shows it by most of them."""


class BulkReader:
    """Reads products with their images, and learns how far the store can be asked so."""

    def __init__(self, pages: Pages, listing: Callable[[int], Sequence[StoredImage]]) -> None:
        """Know nothing of the store yet.

        Args:
            pages: asks for a listing; the answers' records may hold anything.
            listing: asks for all images of one product, by itself.
        """
        self._pages = pages
        self._listing = listing
        self._usable: bool | None = None
        """Whether the store answers such a question; None as long as that is not seen."""
        self._refused = 0
        self._most = 0
        """The most images that ever came along with a product."""
        self._cut_at: int | None = None
        """How many images of a product come along at most; None as long as that is not seen."""
        self._whole: Counter[int] = Counter()
        """How many products with so many images had no more when they were asked for alone."""

    def images_of(self, product_ids: Collection[int]) -> dict[int, ProductImages]:
        """Return the images of each of these products, but for those that the store does not know.

        Raises:
            StoreError: the store could not be asked, or answers nonsense.
        """
        found: dict[int, ProductImages | None] = {}
        left = list(dict.fromkeys(product_ids))
        while left:
            size = _fitting(left)
            found |= self._chunk(left[:size])
            left = left[size:]
        return {id_: images for id_, images in found.items() if images is not None}

    def _chunk(self, ids: Sequence[int]) -> dict[int, ProductImages | None]:
        along = self._along(ids)
        self._most = max(self._most, *(len(images) for images in along.values()), 0)
        if self._cut_at is not None and self._most > self._cut_at:
            self._cut_at = None
        # What did not come is perhaps deleted: the product's own listing says so for certain.
        found = {id_: self._alone(id_) for id_ in ids if id_ not in along}
        doubtful = [id_ for id_, images in along.items() if len(images) >= max(1, self._full)]
        if self._cut_at is None:
            found |= self._probed(doubtful, along)
        if self._cut_at is not None:
            found |= {id_: self._alone(id_) for id_ in doubtful if id_ not in found}
        for id_ in along.keys() - found.keys():
            found[id_] = ProductImages(images=along[id_], complete=id_ not in doubtful)
        return found

    @property
    def _full(self) -> int:
        """As many images as come along with no product, or (it shows fewer) may be all there is."""
        return self._most if self._cut_at is None else self._cut_at

    def _probed(
        self, doubtful: Sequence[int], along: Mapping[int, tuple[StoredImage, ...]]
    ) -> dict[int, ProductImages | None]:
        """Ask for some of the doubtful by themselves, and learn from them whether images are cut.

        They are taken from all over, as neighbours may have come to the store alike.
        """
        shown = self._full
        probes = max(0, ENOUGH_PROBES - self._whole[shown])
        found: dict[int, ProductImages | None] = {}
        for id_ in doubtful[:: max(1, -(-len(doubtful) // max(1, probes)))][:probes]:
            found[id_] = alone = self._alone(id_)
            if alone is not None and len(alone.images) == shown:
                self._whole[shown] += 1
            elif alone is not None and len(self._along([id_]).get(id_, ())) == shown:
                # Asked again, for another may have come meanwhile.
                self._cut_at = shown
                break
        return found

    def _alone(self, product_id: int) -> ProductImages | None:
        try:
            return ProductImages(images=tuple(self._listing(product_id)), complete=True)
        except StoreRejected as error:
            if not error.is_of_one_product:
                raise
            return None

    def _along(self, ids: Sequence[int]) -> dict[int, tuple[StoredImage, ...]]:
        """Return the images that come along with these products, for those that they come with."""
        if self._usable is False:
            return {}
        try:
            return self._asked(ids)
        except AnswerTooLong:
            pass
        except StoreRejected as error:
            if error.status not in TOO_MUCH:
                raise
            # One id alone may be refused for what it is; two, and none ever taken: the question.
            self._refused += len(ids) == 1
            if self._refused > 1 and self._usable is None:
                self._usable = False
        half = len(ids) // 2
        return {**self._along(ids[:half]), **self._along(ids[half:])} if half else {}

    def _asked(self, ids: Sequence[int]) -> dict[int, tuple[StoredImage, ...]]:
        question = {
            "include": "images",
            # A product has a hundred fields and a long description: its SKU is enough.
            "include_fields": "sku",
            "id:in": ",".join(map(str, ids)),
        }
        wanted, found = frozenset(ids), {}
        for page in self._pages("/catalog/products", question):
            for record in page:
                id_, images = record.get("id"), record.get("images")
                if not is_id(id_):
                    raise nonsense("a product's id is no positive whole number")
                if id_ not in wanted:
                    # The store does not filter: what was asked for may be on any of its pages.
                    self._usable = False
                    return {}
                if isinstance(images, list):
                    found[id_] = tuple(image_in(image, id_) for image in images)
        self._usable = True
        return found


def _fitting(ids: Sequence[int]) -> int:
    """Return how many of the first ids fit into one question; one always does."""
    size = characters = 0
    for id_ in ids[:MOST_AT_ONCE]:
        characters += len(f"{id_}%2C")
        if size and characters > MOST_CHARACTERS:
            break
        size += 1
    return size
