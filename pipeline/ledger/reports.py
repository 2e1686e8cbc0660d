"""What the ledger is asked by people and by the rest of the program; nothing here writes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from heapq import merge
from pathlib import Path
from typing import Final

from pipeline.ledger.changes import ASIDE, UNFINISHED, photo_in
from pipeline.ledger.database import Database, Row, Transaction, Value
from pipeline.ledger.meetings import met_in
from pipeline.ledger.rows import from_blob, moment_of, photo_of, text_of, to_blob
from pipeline.lifecycle import UNFINISHED_STATES, Reason, State, needs_bytes
from pipeline.values import HistoryLine, Meeting, Photo, Tally

__all__ = ["CAME_FROM", "SqlReports"]

PAGE: Final = 500
"""Rows that are read at a time where there may be very many: some hundred kilobytes."""

CAME_FROM: Final = (
    "p.id IN (SELECT o.id FROM photos o WHERE o.path = :path "
    "UNION SELECT a.photo FROM arrivals a WHERE a.path = :path)"
)
"""Of a photograph `p`: it ever arrived from a path."""


# The first digits are said as their index says them, and the whole in a way that SQLite does not
# put into them: else it does not see that the index serves.
_OF_THAT_CONTENT: Final = """
SELECT p.state, p.reason FROM photos p
WHERE substr(p.sha256, 1, 16) = substr(:sha256, 1, 16)
AND (p.sha256 = :sha256) IS TRUE
"""


class SqlReports:
    """See `pipeline.ledger.port.Reports` for what each method promises."""

    def __init__(self, database: Database, store: str | None) -> None:
        """Take the database, and the store that is asked about; None for all stores."""
        self._database = database
        self._of = store
        self._asked: dict[str, Value] = {} if store is None else {"store": store}
        # A home has had two or three stores, each of which is looked for in the index.
        every = "p.store IN (SELECT t.store FROM tallies t)"
        self._of_store_by_index = every if store is None else "p.store = :store"
        # By no index: nearly all photographs are of one store, and another one finds fewer.
        self._of_store = "TRUE" if store is None else "(p.store = :store) IS TRUE"

    def photo(self, photo_id: str) -> Photo | None:
        with self._database.reading() as transaction:
            return photo_in(transaction, photo_id)

    def tally(self) -> Tally:
        with self._database.reading() as transaction:
            rows = transaction.rows(
                "SELECT p.state, p.noted, sum(p.number) AS number FROM tallies p "
                f"WHERE {self._of_store} GROUP BY p.state, p.noted",
                **self._asked,
            )
        counts: Counter[State] = Counter()
        for row in rows:
            counts[State(row["state"])] += int(row["number"])
        noted = (row for row in rows if row["noted"] and row["state"] == State.REFUSED)
        return Tally(
            # One that there was, and is no longer, is none that somebody asks for.
            counts={state: number for state, number in counts.items() if number},
            not_for_upload=sum(int(row["number"]) for row in noted),
        )

    def stored_since(self, moment: datetime) -> int:
        by_time = self._database.by_index("photos_stored_at")
        with self._database.reading() as transaction:
            row = transaction.row(
                f"SELECT count(*) AS number FROM photos p {by_time} WHERE {self._of_store} "
                "AND p.state = 'stored' AND p.changed_at >= :moment",
                **self._asked,
                moment=text_of(moment),
            )
        return 0 if row is None else int(row["number"])

    def left_behind(self, *, nobody_works: bool = False) -> Mapping[Path, int]:
        parked = "TRUE" if nobody_works else "p.parked = 1"
        with self._database.reading() as transaction:
            rows = transaction.rows(
                "SELECT p.root, count(*) AS number FROM photos p "
                f"WHERE {self._of_store_by_index} AND p.state IN ({UNFINISHED}) AND {parked} "
                "GROUP BY p.root ORDER BY number DESC, p.root",
                **self._asked,
            )
        return {from_blob(row["root"]): int(row["number"]) for row in rows}

    def met(self) -> Mapping[Meeting, int]:
        with self._database.reading() as transaction:
            return met_in(transaction, self._of)

    def photos(self, state: State | None = None) -> Iterator[Photo]:
        if state not in UNFINISHED_STATES:
            # Those that stand aside by their index; all, and the stored ones, one after another.
            aside = "TRUE" if state in (None, State.STORED) else f"p.state IN ({ASIDE})"
            which = "TRUE" if state is None else f"p.state = '{state}'"
            pages = self._pages(f"{self._of_store} AND {which} AND {aside}", self._asked)
            yield from map(photo_of, pages)
            return
        with self._database.reading() as transaction:
            stores = self._stores(transaction)
        # Their index begins with the store: the order is that of all.
        which = (
            f"p.store = :store AND p.state = '{state}' AND p.state IN ({UNFINISHED}) "
            "AND p.parked = :parked"
        )
        of_each = (
            self._pages(which, {"store": store, "parked": parked})
            for store in stores
            for parked in (0, 1)
        )
        yield from map(photo_of, merge(*of_each, key=lambda row: int(row["seq"])))

    def _pages(self, which: str, values: Mapping[str, Value]) -> Iterator[Row]:
        question = (
            f"SELECT p.* FROM photos p WHERE {which} AND p.seq > :after ORDER BY p.seq LIMIT :page"
        )
        after = 0
        while True:
            with self._database.reading() as transaction:
                rows = transaction.rows(question, **values, after=after, page=PAGE)
            yield from rows
            if len(rows) < PAGE:
                return
            after = int(rows[-1]["seq"])

    def stored_products(self, after: int, most: int) -> Sequence[int]:
        products: set[int] = set()
        with self._database.reading() as transaction:
            for store in self._stores(transaction):
                rows = transaction.rows(
                    "SELECT DISTINCT p.product_id FROM photos p WHERE p.store = :store "
                    "AND p.image_id IS NOT NULL AND p.state = 'stored' AND p.product_id > :after "
                    "ORDER BY p.product_id LIMIT :most",
                    store=store,
                    after=after,
                    most=most,
                )
                products |= {int(row["product_id"]) for row in rows}
        return sorted(products)[:most]

    def stored_product_count(self) -> int:
        number, after = 0, 0
        # Page by page: where there are very many, nobody waits for the end to write.
        while products := self.stored_products(after, PAGE):
            number, after = number + len(products), products[-1]
        return number

    def _stores(self, transaction: Transaction) -> Sequence[str]:
        if self._of is not None:
            return [self._of]
        return [row["store"] for row in transaction.rows("SELECT DISTINCT store FROM tallies")]

    def of_content(self, beginning: str) -> Sequence[Photo]:
        # A SHA-256 is written in hexadecimal digits, which come before this letter.
        with self._database.reading() as transaction:
            rows = transaction.rows(
                f"SELECT p.* FROM photos p WHERE {self._of_store} "
                "AND substr(p.sha256, 1, 16) >= :first AND substr(p.sha256, 1, 16) < :end "
                "AND p.sha256 >= :beginning AND p.sha256 < :past ORDER BY p.seq",
                **self._asked,
                first=beginning[:16],
                end=f"{beginning[:16]}g",
                beginning=beginning,
                past=f"{beginning}g",
            )
        return [photo_of(row) for row in rows]

    def of_product(self, product_id: int) -> Sequence[Photo]:
        with self._database.reading() as transaction:
            rows = transaction.rows(
                f"SELECT p.* FROM photos p WHERE {self._of_store_by_index} "
                "AND p.product_id = :product ORDER BY p.seq",
                **self._asked,
                product=product_id,
            )
        return [photo_of(row) for row in rows]

    def at_path(self, path: Path) -> Sequence[Photo]:
        with self._database.reading() as transaction:
            rows = transaction.rows(
                f"SELECT p.* FROM photos p WHERE {CAME_FROM} AND {self._of_store} "
                "ORDER BY p.seq DESC",
                **self._asked,
                path=to_blob(path),
            )
        return [photo_of(row) for row in rows]

    def needs_bytes(self, sha256: str) -> bool | None:
        with self._database.reading() as transaction:
            rows = transaction.rows(_OF_THAT_CONTENT, sha256=sha256)
        reasons = [None if row["reason"] is None else Reason(row["reason"]) for row in rows]
        needs = [
            needs_bytes(State(row["state"]), reason)
            for row, reason in zip(rows, reasons, strict=True)
        ]
        return any(needs) if needs else None

    def history(self, photo_id: str) -> Sequence[HistoryLine]:
        with self._database.reading() as transaction:
            rows = transaction.rows(
                "SELECT at, after, sentence FROM history WHERE photo = :photo ORDER BY seq",
                photo=photo_id,
            )
        return [
            HistoryLine(
                at=moment_of(row["at"]), state=State(row["after"]), sentence=row["sentence"]
            )
            for row in rows
        ]

    def check(self) -> str | None:
        return self._database.problem()

    def close(self) -> None:
        self._database.close()
