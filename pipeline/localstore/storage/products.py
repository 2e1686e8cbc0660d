"""The products: from a small CSV, or, in an open catalogue, whichever are asked for."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from sqlite3 import Connection, Row
from typing import Final

from pipeline.localstore.options import LocalStoreError
from pipeline.localstore.storage.database import Database

__all__ = ["LARGEST_ID", "CatalogueRow", "Products", "read_catalogue"]

LARGEST_ID: Final = 2**31 - 1

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


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueRow:
    """A product, or, where `product_id` is given, a variant of that product."""

    id: int
    sku: str
    name: str
    product_id: int | None


def read_catalogue(path: Path) -> list[CatalogueRow]:
    """Return a catalogue: CSV with a header line and the columns `id,sku,name,product_id`.

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
    )


class Products:
    """The products and variants; in an open catalogue, whichever are asked for come into being."""

    def __init__(self, database: Database, *, is_open: bool) -> None:
        self._database = database
        self._open = is_open

    def load(self, rows: Sequence[CatalogueRow]) -> None:
        """Take a catalogue's rows in place of an earlier one's; products with images stay."""
        with self._database.transaction() as transaction:
            transaction.execute("DELETE FROM variants")
            transaction.execute(
                "DELETE FROM products WHERE listed AND id NOT IN (SELECT product_id FROM images)"
            )
            transaction.executemany(
                "INSERT INTO products VALUES (?, ?, ?, 1) ON CONFLICT (id) DO UPDATE "
                "SET sku = excluded.sku, name = excluded.name, listed = 1",
                [(row.id, row.sku, row.name or row.sku) for row in rows if row.product_id is None],
            )
            transaction.executemany(
                "INSERT INTO variants VALUES (?, ?, ?)",
                [(row.id, row.product_id, row.sku) for row in rows if row.product_id is not None],
            )

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

    def products(self, ids: Sequence[int] | None, skus: Sequence[str] | None) -> list[Row]:
        """Return the products with one of the ids and one of the SKUs, in order of their ids.

        Args:
            ids: None: any id.
            skus: compared without regard to case; None: any SKU.
        """
        if self._open and skus is None and ids is not None:
            for id_ in ids:
                self.product(id_)
        if self._open and ids is None and skus is not None:
            for sku in skus:
                self._open_sku(sku)
        return self._asked("products", "1", ids, skus)

    def variants(
        self, ids: Sequence[int] | None, skus: Sequence[str] | None, product_id: int | None
    ) -> list[Row]:
        """Return the variants, as `products` does; nothing is ever invented here."""
        only = "1" if product_id is None else f"product_id = {product_id:d}"
        return self._asked("variants", only, ids, skus)

    def variants_of(self, product_ids: Sequence[int]) -> list[Row]:
        """Return the variants of all of these products, in order of their ids."""
        return self._database.rows(
            f"SELECT * FROM variants WHERE product_id IN ({', '.join('?' * len(product_ids))}) "  # noqa: S608
            "ORDER BY id",
            *product_ids,
        )

    def _asked(
        self, table: str, only: str, ids: Sequence[int] | None, skus: Sequence[str] | None
    ) -> list[Row]:
        conditions, values = [only], []
        for column, wanted in (("id", ids), ("sku", skus)):
            if wanted is not None:
                conditions.append(f"{column} IN ({', '.join('?' * len(wanted))})")
                values += list(wanted)
        return self._database.rows(
            f"SELECT * FROM {table} WHERE {' AND '.join(conditions)} ORDER BY id",  # noqa: S608
            *values,
        )

    def _open_id(self, transaction: Connection, product_id: int) -> None:
        sku = str(product_id)
        # A second product with a SKU that is taken would make that SKU undecided.
        taken = transaction.execute("SELECT 1 FROM products WHERE sku = ?", (sku,)).fetchone()
        transaction.execute(
            "INSERT OR IGNORE INTO products VALUES (?, ?, ?, 0)",
            (product_id, "" if taken else sku, f"Product {product_id}"),
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
                transaction.execute("INSERT INTO products VALUES (?, ?, ?, 0)", (free, sku, sku))
