"""SKUs and MPNs of many products, in few questions: of all, of those changed, of those asked for.

Products come in order of their ids, and the next page is that of the ids above the last one: so
none slips through between two pages, whatever is added or deleted meanwhile. A store that does not
answer as it was asked is not believed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, TypeAlias

from pipeline.errors import StoreRejected
from pipeline.skus import SkuPage, mpn_kept
from pipeline.upload.catalogue import TOO_MUCH, Named, Record, names_of
from pipeline.upload.responses import is_id
from pipeline.upload.session import AnswerTooLong

__all__ = ["SkuReader"]

FIELDS: Final = "sku,name,mpn"

MOST_CHANGED: Final = 8
"""Pages of products that changed; where there are more, all may be read as well."""

OnePage: TypeAlias = Callable[[str, Mapping[str, str]], tuple[Sequence[Record], int | None]]
"""Asks for the first page of a listing, and how many pages there are; None where that is not told.
"""


class SkuReader:
    """Reads the SKUs of products and of their variants, and their MPNs as `mpn_kept` gives them.

    Each method raises `StoreError` where the store could not be asked, and returns None where it
    does not answer such a question as it should.
    """

    def __init__(self, page: OnePage, named: Named = lambda names: None) -> None:
        """Know nothing of the store yet; `named` is told what products are called."""
        self._page = page
        self._named = named

    def above(self, product_id: int) -> SkuPage | None:
        """Return a page of the products whose ids are above one, whichever there are."""
        return self._after(product_id, {"include_fields": FIELDS}, lambda record: True)

    def changed(self, since: datetime) -> dict[int, frozenset[str]] | None:
        """Return the SKUs of the products that were added or changed since a time of the store's.

        A variant that is added or changed does not always change its product (integrations that
        follow `date_modified` miss such variants).
        """
        # The store's times are whole seconds.
        whole = since.astimezone(UTC).replace(microsecond=0)
        question = {
            "date_modified:min": whole.isoformat(),
            "include_fields": f"{FIELDS},date_modified",
        }
        return self._all(question, lambda record: _is_since(record, whole), MOST_CHANGED)

    def of(self, product_ids: Collection[int]) -> dict[int, frozenset[str]] | None:
        """Return the SKUs of each of these products, some 250 at most, that the store knows."""
        wanted = frozenset(product_ids)
        question = {"id:in": ",".join(map(str, sorted(wanted))), "include_fields": FIELDS}
        return self._all(question, lambda record: record.get("id") in wanted, len(wanted))

    def _all(
        self, question: Mapping[str, str], is_asked_for: Callable[[Record], bool], most: int
    ) -> dict[int, frozenset[str]] | None:
        found: dict[int, frozenset[str]] = {}
        for page in self._pages(question, is_asked_for, most):
            if page is None:
                return None
            found |= page.skus
        return found

    def _pages(
        self, question: Mapping[str, str], is_asked_for: Callable[[Record], bool], most: int
    ) -> Iterator[SkuPage | None]:
        last = 0
        for _ in range(most):
            page = self._after(last, question, is_asked_for)
            yield page
            if page is None or page.left == 0:
                return
            last = page.last
        yield None

    def _after(
        self, product_id: int, question: Mapping[str, str], is_asked_for: Callable[[Record], bool]
    ) -> SkuPage | None:
        query = {
            **question,
            "id:min": str(product_id + 1),
            "include": "variants",
            "sort": "id",
            "direction": "asc",
        }
        try:
            records, pages = self._page("/catalog/products", query)
        except AnswerTooLong:
            return None
        except StoreRejected as error:
            if error.status not in TOO_MUCH:
                raise
            return None
        skus: dict[int, frozenset[str]] = {}
        last = product_id
        for record in records:
            id_, variants = record.get("id"), record.get("variants")
            if not is_id(id_) or id_ <= last or not isinstance(variants, list):
                return None
            if not is_asked_for(record):
                return None
            skus[id_] = frozenset(name for one in (record, *variants) for name in _names_in(one))
            last = id_
        self._named(names_of(records))
        left = pages - 1 if pages is not None else len(records)
        return SkuPage(skus=skus, last=last, left=max(0, left) if records else 0)


def _names_in(record: Any) -> Iterator[str]:
    sku, mpn = map(record.get, ("sku", "mpn")) if isinstance(record, dict) else (None, None)
    if isinstance(sku, str) and sku:
        yield sku
    if isinstance(mpn, str) and mpn:
        yield mpn_kept(mpn)


def _is_since(record: Record, since: datetime) -> bool:
    text = record.get("date_modified")
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return False
    return moment is not None and moment.tzinfo is not None and moment >= since
