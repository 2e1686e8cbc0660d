"""Products looked up by id and by SKU, several with one question.

A filter that a store ignores is noticed by what comes that was not asked for: then each is asked
for by itself, and never are all products of a shop, or all its variants, paged through.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

from pipeline.errors import StoreRejected
from pipeline.skus import alike, compared, gtin_forms
from pipeline.upload.responses import is_id
from pipeline.values import ProductName

__all__ = ["TOO_MUCH", "Catalogue", "Named", "Pages", "Record", "names_of"]

TOO_MUCH: Final = frozenset({400, 413, 414, 422, 431})
"""How a store says that a question is too long, or that it does not know it."""

CODES: Final = ("upc", "gtin")
"""In which fields a product or a variant has a barcode's number."""

CODES_A_QUESTION: Final = 100

FEW: Final = 40
"""As many values as every store should take in one question."""

Record: TypeAlias = Mapping[str, Any]
"""A record of a listing, which may hold anything."""

Named: TypeAlias = Callable[[Mapping[int, ProductName]], None]
"""Is told what products are called, by their ids."""

Pages: TypeAlias = Callable[[str, Mapping[str, str]], Iterable[Sequence[Record]]]
"""Asks for a listing, page by page."""

_Key: TypeAlias = Callable[[Record], str | None]
"""What a record was found by; None where that cannot be told."""


class Catalogue:
    """Knows products by their ids and SKUs; threads may share it."""

    def __init__(self, pages: Pages, named: Named = lambda names: None) -> None:
        """Know nothing of the store yet; `named` is told what products are called."""
        self._pages = pages
        self._named = named
        self._singly: set[tuple[str, str]] = set()
        """Where several cannot be asked for with one question: path and field."""
        self._not_asked: set[tuple[str, str]] = set()
        """By which codes the store shows whatever it has: path and field."""

    def known(self, product_ids: Collection[int]) -> frozenset[int]:
        """Return those of the ids that are a product's.

        Raises:
            StoreError: the store could not be asked.
        """
        ids = {str(id_): id_ for id_ in product_ids}
        found = self._found("/catalog/products", "id", list(ids), "sku,name", _id_of)
        self._named(names_of(found))
        return frozenset(ids[id_] for id_ in map(_id_of, found) if id_ in ids)

    def names(self, product_ids: Collection[int]) -> dict[int, ProductName]:
        """Return what each of these products is called, as far as the store knows it.

        Raises:
            StoreError: the store could not be asked.
        """
        ids = {str(id_): id_ for id_ in product_ids}
        found = self._found("/catalog/products", "id", list(ids), "sku,name", _id_of)
        names = names_of(record for record in found if _id_of(record) in ids)
        self._named(names)
        return names

    def by_sku(self, skus: Collection[str]) -> dict[str, frozenset[int]]:
        """Return, for each SKU, the products that bear it or have a variant that does.

        SKUs compare without regard to case, as stores are used by people.

        Raises:
            StoreError: the store could not be asked.
        """
        products: dict[str, set[int]] = {}
        for path, field, fields in (
            ("/catalog/products", "id", "id,sku,name"),
            ("/catalog/variants", "product_id", "id,product_id,sku"),
        ):
            found = self._found(path, "sku", list(skus), fields, _sku_of)
            if field == "id":
                self._named(names_of(found))
            for record in found:
                sku, product = record.get("sku"), record.get(field)
                if isinstance(sku, str) and is_id(product):
                    products.setdefault(sku.casefold(), set()).add(product)
        return {sku: frozenset(products.get(sku.casefold(), ())) for sku in skus}

    def by_code(self, codes: Collection[str]) -> dict[str, frozenset[int]]:
        """Return, for each barcode's number, the products that bear it or have a variant that does.

        It is looked for among the UPCs and GTINs, however many zeros stand before it. A store that
        cannot be asked by these shows something else, or says so; it is asked no more then.

        Raises:
            StoreError: the store could not be asked.
        """
        written = {form: code for code in codes for form in gtin_forms(code)}
        products: dict[str, set[int]] = {}
        for path, id_field in (("/catalog/products", "id"), ("/catalog/variants", "product_id")):
            for field in CODES:
                for record in self._by_code(path, field, list(written), id_field):
                    code, product = record.get(field), record.get(id_field)
                    if code in written and is_id(product):
                        products.setdefault(written[code], set()).add(product)
        return {code: frozenset(products.get(code, ())) for code in codes}

    def by_mpn(self, mpns: Collection[str]) -> dict[str, frozenset[int]]:
        """Return, for each MPN, the products that bear it or have a variant that does.

        Any name may be one, so they are asked for together or not at all: a store that does not
        take several with one question is asked no more.

        Raises:
            StoreError: the store could not be asked.
        """
        products: dict[str, set[int]] = {}
        for path, id_field in (("/catalog/products", "id"), ("/catalog/variants", "product_id")):
            if (path, "mpn") in self._not_asked or not mpns:
                continue
            fields = ",".join(dict.fromkeys(("id", id_field, "mpn")))
            # One without an MPN was not asked for, either.
            found = self._together(
                path, "mpn", list(mpns), fields, lambda record: _text_in(record, "mpn")
            )
            if found is None:
                self._not_asked.add((path, "mpn"))
            for record in found or ():
                if is_id(product := record.get(id_field)):
                    mpn = compared(_text_in(record, "mpn"))
                    products.setdefault(mpn, set()).add(product)
        return {mpn: frozenset(products.get(compared(mpn), ())) for mpn in mpns}

    def _by_code(
        self, path: str, field: str, codes: Sequence[str], id_field: str
    ) -> Sequence[Record]:
        if (path, field) in self._not_asked:
            return ()

        def key(record: Record) -> str | None:
            code = record.get(field)
            return code if isinstance(code, str) else None

        found: list[Record] = []
        fields = ",".join(dict.fromkeys(("id", id_field, field)))
        for start in range(0, len(codes), CODES_A_QUESTION):
            asked = codes[start : start + CODES_A_QUESTION]
            together = None
            if (path, field) not in self._singly:
                together = self._together(path, field, asked, fields, key)
            if together is None:
                self._singly.add((path, field))
                together = self._each(path, field, asked, fields, key)
            if together is None:
                self._not_asked.add((path, field))
                return ()
            found += together
        return found

    def _each(
        self, path: str, field: str, values: Iterable[str], fields: str, key: _Key
    ) -> list[Record] | None:
        """Return the records of these values, each asked for by itself; None where that fails."""
        found: list[Record] = []
        for value in values:
            alone = {field: value, "include_fields": fields}
            try:
                for page in self._asked_for(path, alone, [value], key):
                    if page is None:
                        return None
                    found += page
            except StoreRejected as error:
                if error.status not in TOO_MUCH:
                    raise
                return None
        return found

    def skus_of(self, product_id: int) -> frozenset[str] | None:
        """Return every SKU and MPN of a product and of its variants, and their barcodes' numbers.

        None where that cannot be told.

        Raises:
            StoreError: the store could not be asked.
        """
        fields = "sku,upc,gtin,mpn"
        question = {"id": str(product_id), "include": "variants", "include_fields": fields}
        skus: set[str] = set()
        for page in self._pages("/catalog/products", question):
            for record in page:
                variants = record.get("variants")
                if record.get("id") != product_id or not isinstance(variants, list):
                    return None
                skus |= {sku for one in (record, *variants) if (sku := _sku_in(one))}
                skus |= {mpn for one in (record, *variants) if (mpn := _text_in(one, "mpn"))}
                codes = (one.get(field) for one in (record, *variants) for field in CODES)
                skus |= {form for code in codes if code for form in gtin_forms(str(code))}
        return frozenset(skus)

    def _found(
        self, path: str, field: str, values: Sequence[str], fields: str, key: _Key
    ) -> list[Record]:
        """Return the records of these values: with one question, else with one for each."""
        if not values:
            return []
        several = len(values) > 1 or field == "sku"
        if several and (path, field) not in self._singly:
            together = self._together(path, field, values, fields, key)
            if together is not None:
                return together
        found: list[Record] = []
        for value in values:
            alone = {field: value, "include_fields": fields}
            for page in self._asked_for(path, alone, [value], key):
                found += page or ()
        if several:
            # Not before: one that is refused for itself is no reason to ask singly ever after.
            self._singly.add((path, field))
        return found

    def _together(
        self, path: str, field: str, values: Sequence[str], fields: str, key: _Key
    ) -> list[Record] | None:
        """Return the records of all of these values, asked for together; None where that fails."""
        together = {f"{field}:in": ",".join(values), "include_fields": fields}
        try:
            pages = list(self._asked_for(path, together, values, key))
        except StoreRejected as error:
            if error.status not in TOO_MUCH:
                raise
            if len(values) <= FEW:
                return None
            # The question may just be too long.
            half = len(values) // 2
            found: list[Record] = []
            for part in (values[:half], values[half:]):
                some = self._together(path, field, part, fields, key)
                if some is None:
                    return None
                found += some
            return found
        return None if None in pages else [one for page in pages if page for one in page]

    def _asked_for(
        self, path: str, query: Mapping[str, str], values: Sequence[str], key: _Key
    ) -> Iterator[Sequence[Record] | None]:
        """Yield the pages; None, and no more, where the store shows what was not asked for."""
        wanted = {alike(value) for value in values}
        for page in self._pages(path, query):
            found = [name for record in page if (name := key(record)) is not None]
            if not wanted.issuperset(map(alike, found)):
                yield None
                return
            yield page


def names_of(records: Iterable[Record]) -> dict[int, ProductName]:
    """Return what products are called, by their ids, of records that say so."""
    return {
        record["id"]: ProductName(sku=_text_in(record, "sku"), name=_text_in(record, "name"))
        for record in records
        if is_id(record.get("id")) and isinstance(record.get("name"), str)
    }


def _id_of(record: Record) -> str | None:
    id_ = record.get("id")
    return str(id_) if is_id(id_) else None


def _text_in(record: Record, field: str) -> str:
    text = record.get(field)
    return text if isinstance(text, str) else ""


def _sku_of(record: Record) -> str | None:
    sku = record.get("sku")
    return sku if isinstance(sku, str) else None


def _sku_in(record: Any) -> str | None:
    return _sku_of(record) if isinstance(record, dict) else None
