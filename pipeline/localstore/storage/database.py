"""The store's metadata: one SQLite file, one connection, every change a durable transaction."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final

from pipeline.localstore.options import LocalStoreError

__all__ = ["Database"]

FILE: Final = "store.sqlite3"
VERSION: Final = 4
SCHEMA: Final = """
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE products (
    id INTEGER PRIMARY KEY,
    sku TEXT NOT NULL COLLATE NOCASE,
    name TEXT NOT NULL,
    listed INTEGER NOT NULL  -- 1: from a catalogue; 0: came into being because it was asked for
) STRICT;
CREATE INDEX products_by_sku ON products (sku);
CREATE TABLE variants (
    id INTEGER PRIMARY KEY,
    product_id INTEGER NOT NULL REFERENCES products (id),
    sku TEXT NOT NULL COLLATE NOCASE
) STRICT;
CREATE INDEX variants_by_sku ON variants (sku);
CREATE TABLE images (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    product_id INTEGER NOT NULL REFERENCES products (id),
    is_thumbnail INTEGER NOT NULL,
    sort_order INTEGER NOT NULL,
    description TEXT NOT NULL,
    image_file TEXT NOT NULL,
    made REAL NOT NULL,          -- seconds since 1970, when the row came
    pictured INTEGER NOT NULL,   -- seconds since 1970, when its present picture came
    modified INTEGER NOT NULL,   -- seconds since 1970
    picture TEXT NOT NULL,       -- the key of the uploaded bytes
    format TEXT NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    bytes INTEGER NOT NULL
) STRICT;
CREATE INDEX images_of_product ON images (product_id, sort_order, id);
-- What a query alone has opened, and nobody has uploaded to, would only be in the way.
CREATE VIEW shown_products AS
    SELECT *, EXISTS (SELECT 1 FROM images WHERE product_id = products.id) AS pictured
    FROM products
    WHERE listed OR EXISTS (SELECT 1 FROM images WHERE product_id = products.id);
"""

SECOND: Final = """
-- Seconds since 1970, when its SKU or name came.
ALTER TABLE products ADD COLUMN modified INTEGER NOT NULL DEFAULT 0;
CREATE INDEX products_by_modified ON products (modified);
CREATE INDEX variants_of_product ON variants (product_id);
"""
"""What the second version added."""

THIRD: Final = """
ALTER TABLE products ADD COLUMN upc TEXT NOT NULL DEFAULT '';
ALTER TABLE products ADD COLUMN gtin TEXT NOT NULL DEFAULT '';
ALTER TABLE products ADD COLUMN mpn TEXT NOT NULL DEFAULT '' COLLATE NOCASE;
ALTER TABLE variants ADD COLUMN upc TEXT NOT NULL DEFAULT '';
ALTER TABLE variants ADD COLUMN gtin TEXT NOT NULL DEFAULT '';
ALTER TABLE variants ADD COLUMN mpn TEXT NOT NULL DEFAULT '' COLLATE NOCASE;
CREATE INDEX products_by_upc ON products (upc) WHERE upc <> '';
CREATE INDEX products_by_gtin ON products (gtin) WHERE gtin <> '';
CREATE INDEX products_by_mpn ON products (mpn) WHERE mpn <> '';
CREATE INDEX variants_by_upc ON variants (upc) WHERE upc <> '';
CREATE INDEX variants_by_gtin ON variants (gtin) WHERE gtin <> '';
CREATE INDEX variants_by_mpn ON variants (mpn) WHERE mpn <> '';
DROP VIEW shown_products;
CREATE VIEW shown_products AS
    SELECT *, EXISTS (SELECT 1 FROM images WHERE product_id = products.id) AS pictured
    FROM products
    WHERE listed OR EXISTS (SELECT 1 FROM images WHERE product_id = products.id);
"""
"""What the third version added: by what else products and variants are known."""

FOURTH: Final = """
CREATE TABLE categories (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE product_categories (
    category_id INTEGER NOT NULL REFERENCES categories (id),
    product_id INTEGER NOT NULL REFERENCES products (id) ON DELETE CASCADE,
    PRIMARY KEY (category_id, product_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX categories_of_product ON product_categories (product_id, category_id);
"""
"""What the fourth version added: the categories that products are in."""


class Database:
    """One connection for all threads, behind a lock; `opened` and `copied` make one."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._lock = threading.RLock()
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA trusted_schema = OFF")
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version > VERSION:
            raise LocalStoreError(
                f"the data folder was written by a newer local store (version {version}; "
                f"this one knows {VERSION}): use another folder with --data"
            )
        if version < VERSION:
            with self.transaction() as transaction:
                for statement in "".join((SCHEMA, SECOND, THIRD, FOURTH)[version:]).split(";\n"):
                    transaction.execute(statement)
                transaction.execute(f"PRAGMA user_version = {VERSION}")

    @classmethod
    def opened(cls, data: Path) -> Database:
        """Return the data folder's own database, made where there is none, to read and to write.

        Raises:
            LocalStoreError: it is not a database, or not ours.
        """
        try:
            connection = _connect(str(data / FILE))
        except sqlite3.Error as error:
            raise LocalStoreError(f"{data / FILE} cannot be opened: {error}") from error
        try:
            # TRUNCATE with FULL loses nothing that was answered, even at a power cut; deleting
            # the journal (the default) can, and WAL needs a library that is not everywhere yet.
            connection.execute("PRAGMA journal_mode = TRUNCATE")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA fullfsync = ON")
            return cls(connection)
        except sqlite3.DatabaseError as error:
            connection.close()
            raise LocalStoreError(f"{data / FILE} cannot be used: {error}") from error

    @classmethod
    def copied(cls, data: Path) -> Database:
        """Return a copy in memory of what the data folder holds; its file is only read."""
        connection = _connect(":memory:")
        if (data / FILE).exists():
            try:
                _copy((data / FILE).absolute().as_uri() + "?mode=ro", connection)
            except sqlite3.OperationalError:
                # A store that was killed left a journal, which reading alone cannot roll back.
                with tempfile.TemporaryDirectory() as folder:
                    for file in data.glob(f"{FILE}*"):
                        shutil.copy2(file, folder)
                    _copy((Path(folder) / FILE).as_uri(), connection)
        return cls(connection)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Make a change: all of it, durably, when the block ends; none if it raises."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def rows(self, question: str, *values: Any) -> list[sqlite3.Row]:
        """Return every row that answers a question."""
        with self._lock:
            return self._connection.execute(question, values).fetchall()

    def row(self, question: str, *values: Any) -> sqlite3.Row | None:
        """Return the first row that answers a question; None when there is none."""
        with self._lock:
            found: sqlite3.Row | None = self._connection.execute(question, values).fetchone()
            return found

    def number(self, question: str, *values: Any) -> int:
        """Return the whole number that answers a question; nothing and NULL are 0."""
        found = self.row(question, *values)
        return int(found[0] or 0) if found is not None else 0

    def fact(self, name: str, otherwise: str) -> str:
        """Return a fact of this store, which becomes `otherwise` when it was never told."""
        with self.transaction() as transaction:
            transaction.execute("INSERT OR IGNORE INTO facts VALUES (?, ?)", (name, otherwise))
            return str(
                transaction.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()[0]
            )

    def close(self) -> None:
        """Close the connection, after whatever change is under way."""
        with self._lock:
            self._connection.close()


def _connect(place: str) -> sqlite3.Connection:
    return sqlite3.connect(
        place,
        timeout=10,
        isolation_level=None,
        check_same_thread=False,
        uri=place.startswith("file:"),
    )


def _copy(place: str, target: sqlite3.Connection) -> None:
    with closing(_connect(place)) as source:
        source.backup(target)
