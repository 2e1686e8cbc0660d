"""A store that never answered goes out of the ledger, with all that was written down for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pipeline.ledger.database import Database, Transaction

__all__ = ["SqlForgetting"]

PAGE: Final = 200
"""Photographs of one transaction."""

_OF_THE_STORE: Final = (
    "p.store = :store AND p.product_id IS NOT NULL",
    "p.store = :store AND p.product_id IS NULL",
)
"""Each by an index of its own; together they are all."""

_UNTOUCHED: Final = (
    "p.lease IS NULL AND p.image_id IS NULL AND p.state NOT IN ('uploading', 'stored', 'removed') "
    "AND (p.failed_from IS NULL OR p.failed_from <> 'uploading') "
    "AND NOT EXISTS (SELECT 1 FROM attempts a WHERE a.photo = p.id)"
)
"""Of a photograph `p`: nothing of it can have reached the store, and nobody works on it."""

_ANSWERED: Final = """
SELECT 1 FROM tallies t WHERE t.store = :store AND t.state IN ('stored', 'removed')
UNION ALL SELECT 1 FROM catalogues c WHERE c.store = :store AND c.read_at IS NOT NULL
"""

_PARTS: Final = ("history", "folding", "arrivals", "attempts", "same_pictures")

_BESIDES: Final = (
    *("batches", "files", "catalogue_skus", "catalogue_names", "catalogues", "met_images"),
    "tallies",
)
"""What is kept of a store besides photographs."""


class SqlForgetting:
    """See `pipeline.ledger.port.Forgetting` for what each method promises."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def why_not(self, store: str) -> str | None:
        with self._database.reading() as transaction:
            if transaction.row(f"{_ANSWERED} LIMIT 1", store=store) is not None:
                return "it has answered"
            for which in _OF_THE_STORE:
                question = f"SELECT p.id FROM photos p WHERE {which} AND NOT ({_UNTOUCHED}) LIMIT 1"
                if transaction.row(question, store=store) is not None:
                    return "something may have reached it, or is just being sent"
            changed = "SELECT c.seq FROM changes c WHERE c.store = :store LIMIT 1"
            if transaction.row(changed, store=store) is not None:
                return "something there was changed"
        return None

    def forget(self, store: str) -> Iterator[int]:
        for which in _OF_THE_STORE:
            question = f"SELECT p.id FROM photos p WHERE {which} AND {_UNTOUCHED} LIMIT {PAGE}"
            while True:
                with self._database.writing() as transaction:
                    gone = [str(row["id"]) for row in transaction.rows(question, store=store)]
                    for photo in gone:
                        _forget(transaction, photo)
                if not gone:
                    break
                yield len(gone)
        with self._database.writing() as transaction:
            left = (f"SELECT 1 FROM photos p WHERE {which} LIMIT 1" for which in _OF_THE_STORE)
            if all(transaction.row(question, store=store) is None for question in left):
                for table in _BESIDES:
                    transaction.run(f"DELETE FROM {table} WHERE store = :store", store=store)

    def close(self) -> None:
        self._database.close()


def _forget(transaction: Transaction, photo: str) -> None:
    transaction.run("INSERT INTO folding (photo) VALUES (:photo)", photo=photo)
    for table in _PARTS:
        transaction.run(f"DELETE FROM {table} WHERE photo = :photo", photo=photo)
    transaction.run("DELETE FROM photos WHERE id = :photo", photo=photo)
