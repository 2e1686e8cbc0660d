"""The store's SKUs, kept with their age, and what it calls its products."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from itertools import islice
from typing import Final, TypeVar

from pipeline.ledger.changes import Writer
from pipeline.ledger.database import Transaction, Value
from pipeline.ledger.rows import moment_of, text_of
from pipeline.skus import CatalogueAge, compared
from pipeline.values import ProductName
from pipeline.wording import writable

__all__ = ["SqlCatalogue", "bearing", "names_in"]

A_QUESTION: Final = 200
"""So many SKUs are looked up with one statement."""

_Key = TypeVar("_Key", int, str)

HIGHEST_ID: Final = 2**63 - 1


class SqlCatalogue(Writer):
    """See `pipeline.ledger.port.Catalogue` for what each method promises."""

    def catalogue_age(self) -> CatalogueAge:
        with self._database.reading() as transaction:
            return _age_in(transaction, self._store)

    def age_catalogue(self, before: CatalogueAge, age: CatalogueAge) -> bool:
        with self._database.writing(deferred=True) as transaction:
            now = _age_in(transaction, self._store)
            if (now.read_at, now.brought_at) != (before.read_at, before.brought_at):
                return False
            transaction.run(
                "INSERT INTO catalogues (store, read_at, brought_at, shown_at, questions, asked) "
                "VALUES (:store, :read_at, :brought_at, :shown_at, :questions, :asked) "
                "ON CONFLICT (store) DO UPDATE SET read_at = :read_at, brought_at = :brought_at, "
                "shown_at = :shown_at, questions = :questions, asked = :asked",
                store=self._store,
                read_at=_text(age.read_at),
                brought_at=_text(age.brought_at),
                shown_at=_text(age.shown_at),
                questions=age.questions,
                asked=age.asked,
            )
        return True

    def keep_skus(self, skus: Mapping[int, Collection[str]]) -> None:
        with self._database.writing(deferred=True) as transaction:
            for product_id in skus:
                _forget(transaction, self._store, product_id - 1, product_id)
            _keep(transaction, self._store, skus)

    def note_skus(self, products: Mapping[str, Collection[int]]) -> None:
        with self._database.reading() as transaction:
            kept = bearing(transaction, self._store, products)
        new: dict[int, list[str]] = {}
        for sku, bearers in products.items():
            for product_id in set(bearers) - kept.get(sku, frozenset()):
                new.setdefault(product_id, []).append(sku)
        if new:
            with self._database.writing(deferred=True) as transaction:
                _keep(transaction, self._store, new)

    def keep_page(
        self, skus: Mapping[int, Collection[str]], *, above: int, up_to: int | None
    ) -> None:
        with self._database.writing(deferred=True) as transaction:
            _forget(transaction, self._store, above, HIGHEST_ID if up_to is None else up_to)
            _keep(transaction, self._store, skus)

    def keep_names(self, names: Mapping[int, ProductName]) -> None:
        with self._database.reading() as transaction:
            kept = names_in(transaction, self._store, names)
        new = {id_: name for id_, name in names.items() if kept.get(id_) != name}
        if not new:
            return
        with self._database.writing(deferred=True) as transaction:
            transaction.run_for_each(
                "INSERT INTO catalogue_names (store, product_id, sku, name) "
                "VALUES (:store, :product_id, :sku, :name) ON CONFLICT (store, product_id) "
                "DO UPDATE SET sku = excluded.sku, name = excluded.name",
                (
                    {
                        "store": self._store,
                        "product_id": product_id,
                        "sku": writable(one.sku),
                        "name": writable(one.name),
                    }
                    for product_id, one in new.items()
                ),
            )


def names_in(
    transaction: Transaction, store: str, product_ids: Iterable[int]
) -> Mapping[int, ProductName]:
    """Return what is kept of what a store calls some products."""
    found = {}
    for ids in _pieces(product_ids):
        named: dict[str, Value] = {f"id{number}": id_ for number, id_ in enumerate(ids)}
        rows = transaction.rows(
            "SELECT product_id, sku, name FROM catalogue_names WHERE store = :store "
            f"AND product_id IN ({', '.join(f':{name}' for name in named)})",
            store=store,
            **named,
        )
        for row in rows:
            found[int(row["product_id"])] = ProductName(sku=row["sku"], name=row["name"])
    return found


def bearing(
    transaction: Transaction, store: str, skus: Collection[str]
) -> dict[str, frozenset[int]]:
    """Return the products of a store that bear each of the SKUs, as far as they are kept."""
    by_key: dict[str, list[str]] = {}
    for sku in skus:
        by_key.setdefault(compared(sku), []).append(sku)
    found: dict[str, set[int]] = {}
    for keys in _pieces(by_key):
        named = {f"sku{number}": key for number, key in enumerate(keys)}
        rows = transaction.rows(
            "SELECT sku, product_id FROM catalogue_skus WHERE store = :store "
            f"AND sku IN ({', '.join(f':{name}' for name in named)})",
            store=store,
            **named,
        )
        for row in rows:
            found.setdefault(row["sku"], set()).add(int(row["product_id"]))
    return {sku: frozenset(products) for key, products in found.items() for sku in by_key[key]}


def _forget(transaction: Transaction, store: str, above: int, up_to: int) -> None:
    transaction.run(
        "DELETE FROM catalogue_skus WHERE store = :store AND product_id > :above "
        "AND product_id <= :up_to",
        store=store,
        above=above,
        up_to=up_to,
    )


def _keep(transaction: Transaction, store: str, skus: Mapping[int, Collection[str]]) -> None:
    transaction.run_for_each(
        "INSERT INTO catalogue_skus (store, sku, product_id) "
        "VALUES (:store, :sku, :product_id) ON CONFLICT DO NOTHING",
        (
            {"store": store, "sku": sku, "product_id": product_id}
            for product_id, of_one in skus.items()
            for sku in sorted(set(map(compared, of_one)) - {""})
        ),
    )


def _age_in(transaction: Transaction, store: str) -> CatalogueAge:
    row = transaction.row(
        "SELECT read_at, brought_at, shown_at, questions, asked FROM catalogues "
        "WHERE store = :store",
        store=store,
    )
    if row is None:
        return CatalogueAge()
    return CatalogueAge(
        read_at=_moment(row["read_at"]),
        brought_at=_moment(row["brought_at"]),
        shown_at=_moment(row["shown_at"]),
        questions=int(row["questions"]),
        asked=int(row["asked"]),
    )


def _pieces(keys: Iterable[_Key]) -> Iterable[list[_Key]]:
    rest = iter(keys)
    while piece := list(islice(rest, A_QUESTION)):
        yield piece


def _moment(text: str | None) -> datetime | None:
    return None if text is None else moment_of(text)


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else text_of(moment)
