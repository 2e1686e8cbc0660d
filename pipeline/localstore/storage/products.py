"""The products: from a small CSV, or, in an open catalogue, whichever are asked for."""

from __future__ import annotations

import csv
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from sqlite3 import Connection, Row
from typing import Final

from pipeline.localstore.options import LocalStoreError
from pipeline.localstore.storage.database import Database

__all__ = ["CODES", "LARGEST_ID", "CatalogueRow", "Matches", "Products", "read_catalogue"]

LARGEST_ID: Final = 2**31 - 1

CODES: Final = ("upc", "gtin", "mpn")
"""By what products and variants are known besides their SKU."""

FIRST_INVENTED_ID: Final = 10_001
"""Invented ids begin above the numbers that folders and files are likely to be named by."""

# A variant's SKU is no product's: its product is found by the variant.
SKU_TAKEN: Final = """
SELECT 1 FROM products WHERE sku = ? UNION ALL SELECT 1 FROM variants WHERE sku = ?
"""

NEXT_FREE: Final = """
SELECT min(candidate) FROM (
    SELECT ? AS candidate UNION ALL SELECT id + 1 FROM products WHERE id >= ?
) WHERE candidate NOT IN (SELECT id FROM products)
"""


INVENTED: Final = """
INSERT OR IGNORE INTO products (id, sku, name, listed, modified) VALUES (?, ?, ?, 0, ?)
"""


SHOWN: Final = "(listed OR EXISTS (SELECT 1 FROM images i WHERE i.product_id = products.id))"


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueRow:
    """A product, or, where `product_id` is given, a variant of that product."""

    id: int
    sku: str
    name: str
    product_id: int | None
    upc: str = ""
    gtin: str = ""
    mpn: str = ""
    categories: tuple[str, ...] = ()
    """The names of those that a product is in."""

    @property
    def codes(self) -> tuple[str, ...]:
        """By what else it is known, in the order of `CODES`."""
        return self.upc, self.gtin, self.mpn


def read_catalogue(path: Path) -> list[CatalogueRow]:
    """Return a catalogue: CSV with a header line and the columns `id,sku,name,product_id`.

    There may be `upc`, `gtin` and `mpn`, too, and `categories`: the names of those that a product
    is in, with semicolons between.

    Raises:
        LocalStoreError: it cannot be read, or a line is wrong, with its number.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            missing = {"id", "sku"} - set(reader.fieldnames or ())
            if missing:
                raise LocalStoreError(
                    f"catalogue {path}: the first line must name the columns "
                    f"id,sku,name,product_id; there is no {' and no '.join(sorted(missing))}"
                )
            rows = [_row(line, f"catalogue {path}, line {reader.line_num}") for line in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise LocalStoreError(f"catalogue {path} cannot be read: {error}") from error
    products = {row.id for row in rows if row.product_id is None}
    for row in rows:
        if row.product_id is not None and row.product_id not in products:
            raise LocalStoreError(
                f"catalogue {path}: variant {row.id} belongs to product {row.product_id}, "
                "which is not in it"
            )
    for kind in (False, True):
        ids = [row.id for row in rows if (row.product_id is not None) is kind]
        twice = {id_ for id_ in ids if ids.count(id_) > 1} if len(set(ids)) < len(ids) else set()
        if twice:
            raise LocalStoreError(f"catalogue {path}: id {min(twice)} is there twice")
    return rows


def _row(line: dict[str, str], where: str) -> CatalogueRow:
    def number(column: str) -> int:
        text = (line.get(column) or "").strip()
        if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= LARGEST_ID:
            raise LocalStoreError(f"{where}: {column} is {text!r}, not a positive whole number")
        return int(text)

    return CatalogueRow(
        id=number("id"),
        sku=(line.get("sku") or "").strip(),
        name=(line.get("name") or "").strip(),
        product_id=number("product_id") if (line.get("product_id") or "").strip() else None,
        **{code: (line.get(code) or "").strip() for code in CODES},
        categories=tuple(filter(None, map(str.strip, (line.get("categories") or "").split(";")))),
    )


def _load_categories(transaction: Connection, rows: Sequence[CatalogueRow]) -> None:
    """Put the products of a catalogue into their categories; one keeps its id from now on."""
    names = dict.fromkeys(name for row in rows for name in row.categories)
    transaction.executemany(
        "INSERT OR IGNORE INTO categories (name) VALUES (?)", [(name,) for name in names]
    )
    transaction.executemany(
        "INSERT OR IGNORE INTO product_categories (product_id, category_id) "
        "SELECT ?, id FROM categories WHERE name = ?",
        [(row.id, name) for row in rows if row.product_id is None for name in row.categories],
    )


class Matches:
    """The rows that answer a question, in order of their ids, a page at a time."""

    def __init__(
        self, database: Database, table: str, conditions: Sequence[str], values: Sequence[int | str]
    ) -> None:
        self._database = database
        self._which = f"FROM {table} WHERE {' AND '.join(['1', *conditions])}"
        self._values = values

    def __iter__(self) -> Iterator[Row]:
        return iter(self.page(0, -1))

    def number(self) -> int:
        """Return how many there are."""
        return self._database.number(f"SELECT count(*) {self._which}", *self._values)

    def page(self, first: int, most: int) -> list[Row]:
        """Return some of them: from which on, and how many at most (-1: all)."""
        page = f"SELECT * {self._which} ORDER BY id LIMIT ? OFFSET ?"
        return self._database.rows(page, *self._values, most, first)


class Products:
    """The products and variants; in an open catalogue, whichever are asked for come into being."""

    def __init__(self, database: Database, *, is_open: bool) -> None:
        self._database = database
        self._open = is_open

    def load(self, rows: Sequence[CatalogueRow]) -> None:
        """Take a catalogue's rows in place of an earlier one's; products with images stay."""
        now = int(time.time())
        with self._database.transaction() as transaction:
            transaction.execute("DELETE FROM variants")
            transaction.execute("DELETE FROM product_categories")
            # When a product was modified is known of what was the same before.
            transaction.execute("CREATE TEMP TABLE former AS SELECT * FROM products")
            transaction.execute(
                "DELETE FROM products WHERE listed AND id NOT IN (SELECT product_id FROM images)"
            )
            transaction.executemany(
                "INSERT INTO products (id, sku, name, listed, modified, upc, gtin, mpn) "
                "VALUES (?, ?, ?, 1, ?, ?, ?, ?) "
                "ON CONFLICT (id) DO UPDATE SET sku = excluded.sku, name = excluded.name, "
                "listed = 1, modified = excluded.modified, upc = excluded.upc, "
                "gtin = excluded.gtin, mpn = excluded.mpn",
                [
                    (row.id, row.sku, row.name or row.sku, now, *row.codes)
                    for row in rows
                    if row.product_id is None
                ],
            )
            transaction.execute(
                "UPDATE products SET modified = former.modified FROM former "
                "WHERE former.id = products.id AND former.name = products.name "
                "AND former.sku = products.sku COLLATE BINARY AND former.upc = products.upc "
                "AND former.gtin = products.gtin AND former.mpn = products.mpn COLLATE BINARY"
            )
            transaction.execute("DROP TABLE former")
            transaction.executemany(
                "INSERT INTO variants VALUES (?, ?, ?, ?, ?, ?)",
                [
                    (row.id, row.product_id, row.sku, *row.codes)
                    for row in rows
                    if row.product_id is not None
                ],
            )
            _load_categories(transaction, rows)

    def product(self, product_id: int, *, opening: bool = True) -> Row | None:
        """Return a product; None where there is none.

        Args:
            product_id: its id.
            opening: an open catalogue may make it.
        """
        question = "SELECT * FROM products WHERE id = ?"
        found = self._database.row(question, min(product_id, LARGEST_ID + 1))
        if found is not None or not self._open or not opening:
            return found
        if not 1 <= product_id <= LARGEST_ID:
            return None
        with self._database.transaction() as transaction:
            self._open_id(transaction, product_id)
        return self._database.row(question, product_id)

    def products(
        self,
        ids: Sequence[int] | None,
        skus: Sequence[str] | None,
        *,
        codes: Mapping[str, Sequence[str]] | None = None,
        least_id: int = 0,
        modified_since: int = 0,
        categories: Sequence[int] | None = None,
    ) -> Matches:
        """Return the products with one of the ids and one of the SKUs, in order of their ids.

        Args:
            ids: None: any id.
            skus: compared without regard to case; None: any SKU.
            codes: which of each of `CODES`; any of those that are not there.
            least_id: only those of this id and of higher ones.
            modified_since: only those that were modified then or later, in seconds since 1970.
            categories: only those that are in one of these.

        Returns:
            They; where none is named, of those that an open catalogue made only those with images.
        """
        if self._open and skus is None and ids is not None:
            for id_ in ids:
                self.product(id_)
        if self._open and ids is None and skus is not None:
            for sku in skus:
                self._open_sku(sku)
        conditions, values = ["id >= ?"] if least_id else [], [least_id] if least_id else []
        if modified_since:
            conditions.append("modified >= ?")
            values.append(modified_since)
        if categories is not None:
            conditions.append(
                "id IN (SELECT product_id FROM product_categories WHERE category_id IN "  # noqa: S608
                f"({', '.join('?' * len(categories))}))"
            )
            values += categories
        if self._open and ids is None and skus is None and not codes:
            # What was only asked for, a mistyped SKU say, is no product that a shop shows.
            conditions.append(SHOWN)
        return self._asked("products", conditions, values, ids, skus, codes)

    def variants(
        self,
        ids: Sequence[int] | None,
        skus: Sequence[str] | None,
        product_id: int | None,
        codes: Mapping[str, Sequence[str]] | None = None,
    ) -> Matches:
        """Return the variants, as `products` does; nothing is ever invented here."""
        only = [] if product_id is None else ["product_id = ?"]
        values = [] if product_id is None else [product_id]
        return self._asked("variants", only, values, ids, skus, codes)

    def variants_of(self, product_ids: Sequence[int]) -> list[Row]:
        """Return the variants of all of these products, in order of their ids."""
        return self._database.rows(
            f"SELECT * FROM variants WHERE product_id IN ({', '.join('?' * len(product_ids))}) "  # noqa: S608
            "ORDER BY id",
            *product_ids,
        )

    def categories(self) -> Matches:
        """Return all categories, in order of their ids."""
        return Matches(self._database, "categories", (), ())

    def categories_of(self, product_ids: Sequence[int]) -> list[Row]:
        """Return of all of these products which categories they are in, in order of their ids."""
        return self._database.rows(
            "SELECT product_id, category_id FROM product_categories WHERE product_id IN "  # noqa: S608
            f"({', '.join('?' * len(product_ids))}) ORDER BY product_id, category_id",
            *product_ids,
        )

    def _asked(
        self,
        table: str,
        only: Sequence[str],
        these: Sequence[int],
        ids: Sequence[int] | None,
        skus: Sequence[str] | None,
        codes: Mapping[str, Sequence[str]] | None,
    ) -> Matches:
        conditions: list[str] = list(only)
        values: list[int | str] = list(these)
        asked: dict[str, Sequence[int | str] | None] = {"id": ids, "sku": skus, **(codes or {})}
        for column, wanted in asked.items():
            if wanted is not None:
                if column in CODES:  # their indexes hold those that have one
                    conditions.append(f"{column} <> ''")
                conditions.append(f"{column} IN ({', '.join('?' * len(wanted))})")
                values += list(wanted)
        return Matches(self._database, table, conditions, values)

    def _open_id(self, transaction: Connection, product_id: int) -> None:
        sku = str(product_id)
        # A second product with a SKU that is taken would make that SKU undecided.
        taken = transaction.execute("SELECT 1 FROM products WHERE sku = ?", (sku,)).fetchone()
        transaction.execute(
            INVENTED, (product_id, "" if taken else sku, f"Product {product_id}", int(time.time()))
        )

    def _open_sku(self, sku: str) -> None:
        if not sku or self._database.row(SKU_TAKEN, sku, sku):
            return
        with self._database.transaction() as transaction:
            # Asked again, because another request may have been quicker.
            if transaction.execute(SKU_TAKEN, (sku, sku)).fetchone():
                return
            free = transaction.execute(
                NEXT_FREE, (FIRST_INVENTED_ID, FIRST_INVENTED_ID)
            ).fetchone()[0]
            if sku.isascii() and sku.isdigit() and 1 <= int(sku) <= LARGEST_ID:
                own = transaction.execute("SELECT 1 FROM products WHERE id = ?", (int(sku),))
                free = int(sku) if own.fetchone() is None else free
            if free <= LARGEST_ID:
                transaction.execute(INVENTED, (free, sku, sku, int(time.time())))
