"""The five endpoints of the Product Images API, and the two that know products by their SKU.

One request a call (a listing: one a page). Nothing here waits or repeats. Written from the
store's reference; where that and today's documentation differ, every variant is taken.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from requests_toolbelt import MultipartEncoderMonitor

from pipeline.batches import ImageFacts
from pipeline.errors import StoreDenied, StoreRejected, StoreUnavailable, StoreUnsure
from pipeline.faultpoints import reach
from pipeline.upload.body import multipart
from pipeline.upload.bulk import BulkReader
from pipeline.upload.catalogue import Catalogue
from pipeline.upload.categories import CategoryReader
from pipeline.upload.product_reader import ProductReader
from pipeline.upload.responses import (
    REQUESTS_LEFT,
    REQUESTS_QUOTA,
    Answer,
    Malformed,
    data_of,
    error_of,
    image_in,
    image_of,
    is_whole,
    nonsense,
    page_error,
)
from pipeline.upload.session import Session
from pipeline.upload.sku_reader import SkuReader
from pipeline.values import ProductImages, ProductName, StoredImage

__all__ = ["Probe", "StoreClient"]

PAGE_SIZE: Final = 250
"""The most records a page that the store gives."""

MOST_READINGS: Final = 5
"""How often a listing that changes under our hands is read before it is left for later."""

CATALOGUE: Final = "/catalog/products"

NOBODYS_ID: Final = 2**31 - 1
"""The largest id that a shop takes, and which none has come to."""

MOST_PAGES: Final = 100
"""A product has at most 1,000 images; a store whose pages do not end is not followed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """What a first question to the store shows: its clock and its quota, where it says so."""

    date: str | None
    left: str | None
    quota: str | None


class StoreClient:
    """Calls the store's endpoints; threads may share it.

    Every method raises `StoreUnavailable`, `StoreThrottled`, `StoreDenied` or `StoreRejected`;
    only a create call raises `StoreUnsure`.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self.named: Callable[[Mapping[int, ProductName]], None] = lambda names: None
        """Is told what products are called, whatever they were asked for."""
        self._catalogue = Catalogue(self.listing, self._hear_names)
        self._bulk = BulkReader(self.listing, self.list_images)
        self.skus = SkuReader(self.page, self._hear_names)
        """Reads the SKUs of many products."""
        self.products = ProductReader(self.page, self.list_images)
        """Reads all products of the shop, each with its images."""
        self.categories = CategoryReader(self.page)
        """Reads the shop's categories, and which products are in them."""
        self.heard: Callable[[int, Sequence[StoredImage]], None] = lambda product_id, images: None
        """Is told of every whole listing of a product, whatever it was made for."""
        self.answered: Callable[[], None] = lambda: None
        """Is told of every answer that a shop gives to whoever has a token for it."""

    @property
    def clock_ahead(self) -> timedelta:
        """By how much the store's clock is ahead of ours, by its last answer."""
        return self._session.clock_ahead

    def let_go(self, rest: float) -> None:
        """Ask nothing any more, and end what has not got on for so many seconds."""
        self._session.let_go(rest)

    def list_images(self, product_id: int) -> list[StoredImage]:
        """Return all images of a product, all pages, by id.

        Pages shift while others add and delete images, and one may slip through between two of
        them, even where their number stays: several pages are read until they are twice the same.

        Raises:
            StoreUnavailable: also where they change faster than they can be read.
        """
        path = _images_path(product_id)
        before: frozenset[int] | None = None
        for _ in range(MOST_READINGS):
            records, pages = self._all_pages(path, {})
            found = [image_in(record, product_id) for record in records]
            images = {image.id: image for image in found}
            if pages == 1 or images.keys() == before:
                listed = [images[image_id] for image_id in sorted(images)]
                self.heard(product_id, listed)
                return listed
            before = frozenset(images)
        raise StoreUnavailable(
            f"the images of product {product_id} change faster than they can be listed"
        )

    def images_of_products(self, product_ids: Collection[int]) -> dict[int, ProductImages]:
        """Return the images of each of these products, read together, up to 250 at once.

        A product that the store does not know is not in it; one without images is, with none.
        """
        found = self._bulk.images_of(product_ids)
        for product_id, one in found.items():
            if one.complete:
                self.heard(product_id, one.images)
        return found

    def get_image(self, product_id: int, image_id: int) -> StoredImage:
        """Return one image."""
        answer = self._ask("GET", _image_path(product_id, image_id))
        return image_in(self._data(answer)[0], product_id)

    def create_image(
        self,
        product_id: int,
        file: Path,
        name: str,
        facts: ImageFacts | None = None,
        progress: Callable[[int, int], None] = lambda done, total: None,
    ) -> StoredImage:
        """Upload an image from a file, streamed as multipart; every call makes a new image.

        Args:
            product_id: the product that gets it.
            file: read while it is sent; must not change meanwhile.
            name: the file name that the store is told.
            facts: further fields.
            progress: is told the bytes handed to the network, and the bytes of the whole body.

        Raises:
            StoreUnsure: the body was sent whole, and no clear answer came.
            OSError: the file cannot be read.
        """
        # Without a buffer: what is read is sent.
        with file.open("rb", buffering=0) as handle:

            def handed_over(now: MultipartEncoderMonitor) -> None:
                self._session.got_on()
                reach("body handed over" if now.bytes_read >= now.len else "within the body")
                progress(now.bytes_read, now.len)

            size = os.fstat(handle.fileno()).st_size
            body = multipart(handle, size, name, facts or {}, handed_over)
            answer = self._session.ask("POST", _images_path(product_id), body=body, creating=True)
        return self._created(answer, product_id)

    def create_image_from_url(self, product_id: int, facts: ImageFacts) -> StoredImage:
        """Have the store fetch an image from `facts["image_url"]`; makes a new image every time.

        Raises:
            StoreUnsure: no clear answer came.
        """
        answer = self._session.ask("POST", _images_path(product_id), document=facts, creating=True)
        return self._created(answer, product_id)

    def rendition(self, image: StoredImage) -> bytes:
        """Return what the shop shows of an image, as large as it shows it.

        Raises:
            StoreError: it could not be fetched.
        """
        return self._session.fetch(image.url_zoom or image.url_standard)

    def update_image(self, product_id: int, image_id: int, facts: ImageFacts) -> StoredImage:
        """Change what is said of an image."""
        answer = self._ask("PUT", _image_path(product_id, image_id), document=facts)
        return image_in(self._data(answer)[0], product_id)

    def delete_image(self, product_id: int, image_id: int) -> None:
        """Delete an image; one that is not there is rejected with 404 (or taken, by some)."""
        self._ask("DELETE", _image_path(product_id, image_id))

    def probe(self) -> Probe:
        """Ask the store something harmless that needs the token; return what the answer shows.

        Raises:
            StoreError: the store is not reached, or does not accept the token.
        """
        headers = self._ask("GET", CATALOGUE, {"limit": "1"}).headers
        return Probe(
            date=headers.get("date"),
            left=headers.get(REQUESTS_LEFT),
            quota=headers.get(REQUESTS_QUOTA),
        )

    def may_change(self) -> bool:
        """Whether the token has the scope for changes; for one that `probe` found accepted.

        An image is to be changed that no shop has, and nothing of it: who may change something is
        told that it is not there, and who may not, that this is forbidden.

        Raises:
            StoreError: the store is not reached, or says neither.
        """
        try:
            self._ask("PUT", _image_path(NOBODYS_ID, NOBODYS_ID), document={})
        except StoreDenied:
            return False
        except StoreRejected:
            pass
        return True

    def has_product(self, product_id: int) -> bool:
        """Whether a product of that id exists."""
        return bool(self.known_products([product_id]))

    def known_products(self, product_ids: Collection[int]) -> frozenset[int]:
        """Return those of the ids that are a product's."""
        return self._catalogue.known(product_ids)

    def product_names(self, product_ids: Collection[int]) -> dict[int, ProductName]:
        """Return what each of these products is called, 250 at most, as far as it is known."""
        return self._catalogue.names(product_ids)

    def products_by_sku(self, skus: Collection[str]) -> dict[str, frozenset[int]]:
        """Return, for each SKU, the products that bear it or have a variant that does.

        SKUs compare without regard to case, as stores are used by people.
        """
        return self._catalogue.by_sku(skus)

    def products_by_code(self, codes: Collection[str]) -> dict[str, frozenset[int]]:
        """See `Catalogue.by_code`."""
        return self._catalogue.by_code(codes)

    def products_by_mpn(self, mpns: Collection[str]) -> dict[str, frozenset[int]]:
        """See `Catalogue.by_mpn`."""
        return self._catalogue.by_mpn(mpns)

    def skus_of(self, product_id: int) -> frozenset[str] | None:
        """Return every SKU of a product and of its variants; None where that cannot be told."""
        return self._catalogue.skus_of(product_id)

    def _hear_names(self, names: Mapping[int, ProductName]) -> None:
        self.named(names)

    def _all_pages(
        self, path: str, query: Mapping[str, str]
    ) -> tuple[list[Mapping[str, Any]], int]:
        """Return the records of all pages, and how many pages there were."""
        pages = list(self.listing(path, query))
        return [record for page in pages for record in page], len(pages)

    def listing(self, path: str, query: Mapping[str, str]) -> Iterator[Sequence[Mapping[str, Any]]]:
        """Yield the records of each page.

        Raises:
            StoreDenied: also where the catalogue itself is not there: nothing is wrong with what
                was asked for, but with the address.
        """
        for page in range(1, MOST_PAGES + 1):
            on_page, pages = self.page(path, query, page)
            yield on_page
            # A store may cap the page size below what was asked for: its own count decides.
            if not on_page or (pages is not None and page >= pages):
                return
        raise StoreUnavailable(f"the shop's listing does not end after {MOST_PAGES} pages")

    def page(
        self, path: str, query: Mapping[str, str], page: int = 1, *, size: int = PAGE_SIZE
    ) -> tuple[Sequence[Mapping[str, Any]], int | None]:
        """Return the records of one page, and how many pages there are, where that is told.

        Args:
            path: of the listing.
            query: what is asked for.
            page: its number, from 1 on.
            size: as many records at the most.

        Raises:
            StoreDenied: as `listing` does.
        """
        asked = {**query, "page": str(page), "limit": str(size)}
        try:
            answer = self._ask("GET", path, asked)
        except StoreRejected as error:
            if error.status == 404 and path == CATALOGUE:
                raise StoreDenied(
                    f"no shop answers there ({error}): check the shop's hash or address"
                ) from error
            raise
        data, meta = self._data(answer)
        pagination = meta.get("pagination")
        pages = pagination.get("total_pages") if isinstance(pagination, dict) else None
        return _records(data), pages if is_whole(pages) else None

    def _ask(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        document: ImageFacts | None = None,
    ) -> Answer:
        answer = self._session.ask(method, path, query=query, document=document)
        if not 200 <= answer.status < 300:
            raise error_of(answer, creating=False)
        if page := page_error(answer):
            raise page
        self.answered()
        return answer

    def _data(self, answer: Answer) -> tuple[Any, Mapping[str, Any]]:
        try:
            return data_of(answer)
        except Malformed as error:
            raise nonsense(str(error)) from error

    def _created(self, answer: Answer, product_id: int) -> StoredImage:
        if not 200 <= answer.status < 300:
            raise error_of(answer, creating=True)
        if page := page_error(answer):
            raise StoreUnsure(str(page), intercepted=True)
        try:
            record = data_of(answer)[0]
            image = image_of(record, product_id)
        except Malformed as error:
            raise StoreUnsure(f"the shop took it and answers nonsense: {error}") from error
        if "product_id" not in record:
            # The description promises no field; but every answer that was seen has this one, and
            # without it the record may be about anything.
            raise StoreUnsure("the shop took it and does not say for which product", image.id)
        if image.product_id != product_id:
            raise StoreUnsure(f"the shop answers about another product, {image.product_id}")
        self.answered()
        return image


def _records(data: Any) -> Sequence[Mapping[str, Any]]:
    if not isinstance(data, list) or not all(isinstance(record, dict) for record in data):
        raise nonsense("a listing is no list of objects")
    return data


def _images_path(product_id: int) -> str:
    return f"/catalog/products/{product_id}/images"


def _image_path(product_id: int, image_id: int) -> str:
    return f"{_images_path(product_id)}/{image_id}"
