"""Very many rows, read page by page in the order of their numbers, with nothing held between."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from pipeline.ledger.database import Database, Row, Value

__all__ = ["PAGE", "page_by_page"]

PAGE: Final = 500
"""Rows that are read at a time where there may be very many: some hundred kilobytes."""


def page_by_page(
    database: Database, question: str, values: Mapping[str, Value], *, after: int = 0
) -> Iterator[Row]:
    """Yield the rows of a question, each page in a transaction of its own.

    Args:
        database: is asked.
        question: for the rows whose `seq` is above `:after`, in that order, `:page` at the most.
        values: of its other parameters.
        after: the number behind which it begins.
    """
    while True:
        with database.reading() as transaction:
            rows = transaction.rows(question, **values, after=after, page=PAGE)
        yield from rows
        if len(rows) < PAGE:
            return
        after = int(rows[-1]["seq"])
