"""What the ledger is asked by people and by the rest of the program; nothing here writes."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from heapq import merge, nlargest
from itertools import chain
from pathlib import Path
from typing import Final

from pipeline.ledger.catalogue import bearing, names_in
from pipeline.ledger.changes import ASIDE, UNFINISHED, photo_in
from pipeline.ledger.database import Database, Row, Transaction, Value
from pipeline.ledger.journal_reports import SqlJournalReports
from pipeline.ledger.meetings import met_in
from pipeline.ledger.pages import PAGE, page_by_page
from pipeline.ledger.rows import below, from_blob, moment_of, photo_of, text_of, to_blob
from pipeline.lifecycle import UNFINISHED_STATES, Reason, State, needs_bytes
from pipeline.skus import compared, is_mpn
from pipeline.values import HistoryLine, Meeting, Photo, ProductName, Tally
from pipeline.wanted import Named, Wanted

__all__ = ["CAME_FROM", "SqlReports"]

NAMES: Final = 5_000
"""Paths that are read at a time, of an index alone: some hundred kilobytes."""

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


_BEARING: Final = (
    "SELECT c.product_id FROM catalogue_skus c WHERE c.store = :store AND c.sku = :sku"
)

_OF_THAT_PRODUCT: Final = (
    "SELECT p.* FROM photos p WHERE p.store = :store AND p.product_id = :product"
)

_GIVEN_A_SKU: Final = (
    f"SELECT p.* FROM photos p WHERE (p.store = :store) IS TRUE AND p.state IN ({ASIDE}) "
    "AND p.product_id IS NULL AND p.sku IS NOT NULL",
    "SELECT p.* FROM photos p WHERE p.store = :store AND p.parked IN (0, 1) "
    "AND p.state = 'received' AND p.product_id IS NULL AND p.sku IS NOT NULL",
)
"""Of which nobody knows the product."""

_STAND_ASIDE: Final = frozenset(State) - UNFINISHED_STATES - {State.STORED}

_BY_SEQ: Final = "SELECT p.* FROM photos p WHERE p.seq = :seq"

_THAT_ARRIVED: Final = (
    "SELECT p.* FROM photos p WHERE p.id = (SELECT a.photo FROM arrivals a WHERE a.seq = :seq)"
)


class SqlReports(SqlJournalReports):
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

    def stores(self) -> Mapping[str, int]:
        with self._database.reading() as transaction:
            rows = transaction.rows(
                f"SELECT p.store, sum(p.number) AS number FROM tallies p WHERE {self._of_store} "
                "GROUP BY p.store HAVING sum(p.number) > 0 ORDER BY number DESC, p.store",
                **self._asked,
            )
        return {str(row["store"]): int(row["number"]) for row in rows}

    def stores_that_answered(self) -> Sequence[str]:
        with self._database.reading() as transaction:
            rows = transaction.rows(
                "SELECT p.store FROM tallies p WHERE p.state IN ('stored', 'removed') "
                f"AND {self._of_store} "
                "UNION SELECT p.store FROM catalogues p WHERE p.read_at IS NOT NULL "
                f"AND {self._of_store} ORDER BY 1",
                **self._asked,
            )
        return [str(row["store"]) for row in rows]

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

    def arrived_since(self, moment: datetime) -> Tally:
        counts: Counter[State] = Counter()
        aside = 0
        with self._database.reading() as transaction:
            first = self._first_since(transaction, text_of(moment))
            rows = transaction.rows(
                "SELECT p.state, p.reason = 'not_for_upload' AS noted, count(*) AS number "
                f"FROM photos p WHERE p.seq >= :first AND {self._of_store} GROUP BY 1, 2",
                **self._asked,
                first=first,
            )
        for row in rows:
            counts[State(row["state"])] += int(row["number"])
            aside += int(row["number"]) if row["noted"] else 0
        return Tally(counts=dict(counts), not_for_upload=aside)

    def found_since(self, moment: datetime) -> Iterator[Photo]:
        with self._database.reading() as transaction:
            first = self._first_since(transaction, text_of(moment))
        yield from map(photo_of, self._pages(self._of_store, self._asked, after=first - 1))

    def _first_since(self, transaction: Transaction, at: str) -> int:
        """Return the number from which on photographs arrived since a time, by halving."""
        row = transaction.row("SELECT max(p.seq) AS last FROM photos p")
        low, high = 1, 1 + (0 if row is None or row["last"] is None else int(row["last"]))
        while low < high:
            middle = (low + high) // 2
            there = transaction.row(
                "SELECT p.seq, p.received_at FROM photos p WHERE p.seq >= :middle "
                "ORDER BY p.seq LIMIT 1",
                middle=middle,
            )
            if there is None or str(there["received_at"]) >= at:
                high = middle
            else:
                low = int(there["seq"]) + 1
        return low

    def left_behind(self, *, nobody_works: bool = False) -> Mapping[Path, int]:
        parked = "TRUE" if nobody_works else "p.parked = 1"
        # Nobody goes on with what is held by asking for it.
        parked += f" AND p.reason IS NOT '{Reason.HELD}'"
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

    def _pages(self, which: str, values: Mapping[str, Value], after: int = 0) -> Iterator[Row]:
        question = (
            f"SELECT p.* FROM photos p WHERE {which} AND p.seq > :after ORDER BY p.seq LIMIT :page"
        )
        return page_by_page(self._database, question, values, after=after)

    def wanted(self, wanted: Wanted) -> Iterator[Photo]:
        return filter(wanted.takes, self._candidates(wanted))

    def _candidates(self, wanted: Wanted) -> Iterator[Photo]:
        """Yield what one index tells of those that are asked for, as few as it can."""
        if wanted.product_id is not None:
            return iter(self.of_product(wanted.product_id))
        if wanted.sku is not None:
            return map(photo_of, self._of_sku(compared(wanted.sku)))
        if wanted.within is not None:
            return map(photo_of, self._within(wanted.within))
        states = wanted.states
        if wanted.reason is not None:
            # Only what stands aside has one, or, for two reasons alone, what is on its way.
            on_its_way = wanted.reason in (Reason.NOT_SENT, Reason.HELD)
            which = UNFINISHED_STATES if on_its_way else _STAND_ASIDE
            states = (states or frozenset(State)) & which
            if not states:
                return iter(())
        if wanted.since is not None:
            return self._changed_since(wanted.since, states or frozenset(State))
        if states == wanted.states and not states:
            return self.photos()
        each = (self.photos(state) for state in State if state in states)
        return chain.from_iterable(each)

    def _changed_since(self, moment: datetime, states: Collection[State]) -> Iterator[Photo]:
        if State.STORED in states:
            yield from map(photo_of, self._stored_since(text_of(moment)))
        for state in State:
            if state in states and state is not State.STORED:
                yield from self.photos(state)

    def _stored_since(self, at: str) -> Iterator[Row]:
        by_time = self._database.by_index("photos_stored_at")
        question = (
            f"SELECT p.* FROM photos p {by_time} WHERE {self._of_store} AND p.state = 'stored' "
            "AND (p.changed_at, p.seq) > (:at, :after) ORDER BY p.changed_at, p.seq LIMIT :page"
        )
        after = 0
        while True:
            with self._database.reading() as transaction:
                rows = transaction.rows(question, **self._asked, at=at, after=after, page=PAGE)
            yield from rows
            if len(rows) < PAGE:
                return
            at, after = rows[-1]["changed_at"], int(rows[-1]["seq"])

    def _within(self, place: Path) -> Iterator[Row]:
        begin, end = below(place)
        question = (
            f"SELECT p.* FROM photos p WHERE {self._of_store} AND p.path >= :path "
            "AND (p.path, p.seq) > (:path, :after) AND p.path < :end "
            "ORDER BY p.path, p.seq LIMIT :page"
        )
        # The file of that name, and then what lies below the folder of that name.
        for path, past in ((to_blob(place), to_blob(place) + b"\0"), (begin, end)):
            at, after = path, 0
            while True:
                asked: dict[str, Value] = {"path": at, "after": after, "end": past, "page": PAGE}
                with self._database.reading() as transaction:
                    rows = transaction.rows(question, **self._asked, **asked)
                yield from rows
                if len(rows) < PAGE:
                    break
                at, after = rows[-1]["path"], int(rows[-1]["seq"])

    def _of_sku(self, sku: str) -> Sequence[Row]:
        """Return those of the products that have a SKU, and those that nobody knows a product of.

        They are as many as a product has, and those of a SKU that was given and is not known.
        """
        found: list[Row] = []
        with self._database.reading() as transaction:
            for store in self._stores(transaction):
                for bearing in transaction.rows(_BEARING, store=store, sku=sku):
                    product = int(bearing["product_id"])
                    found += transaction.rows(_OF_THAT_PRODUCT, store=store, product=product)
                for question in _GIVEN_A_SKU:
                    given = transaction.rows(question, store=store)
                    found += (row for row in given if compared(row["sku"]) == sku)
        return sorted(found, key=lambda row: int(row["seq"]))

    def named(self, part: str, most: int) -> Named:
        now = self._named_now(part, most)
        return now if now.number else self._named_once(part, most)

    def _named_now(self, part: str, most: int) -> Named:
        number, newest = 0, list[int]()
        for seqs in self._seqs_named(part, "photos"):
            number += len(seqs)
            newest = nlargest(most, (*newest, *seqs))
        with self._database.reading() as transaction:
            rows = [transaction.row(_BY_SEQ, seq=seq) for seq in newest]
        return Named(number=number, newest=tuple(photo_of(row) for row in rows if row))

    def _named_once(self, part: str, most: int) -> Named:
        found: dict[int, Row] = {}
        for seqs in self._seqs_named(part, "arrivals"):
            with self._database.reading() as transaction:
                for row in (transaction.row(_THAT_ARRIVED, seq=seq) for seq in seqs):
                    if row is not None and self._of in (None, row["store"]):
                        found[int(row["seq"])] = row
        newest = nlargest(most, found)
        return Named(number=len(found), newest=tuple(photo_of(found[seq]) for seq in newest))

    def _seqs_named(self, part: str, table: str) -> Iterator[list[int]]:
        """Yield page by page which rows of a table have a path with a name that holds a text."""
        sought = part.casefold()
        names_alone = os.sep not in part
        question = (
            f"SELECT p.path, p.seq FROM {table} p WHERE p.path >= :path "
            f"AND (p.path, p.seq) > (:path, :after) ORDER BY p.path, p.seq LIMIT {NAMES}"
        )
        if table == "photos" and self._of is not None:
            question = question.replace("WHERE", f"WHERE {self._of_store} AND")
        path, after = b"", 0
        while True:
            with self._database.reading() as transaction:
                rows = transaction.rows(question, **self._asked, path=path, after=after)
            texts = os.fsdecode(b"\0".join([row["path"] for row in rows]))
            # Nearly all pages have none: all their paths are looked through at once.
            if rows and sought in texts.casefold():
                named = zip(texts.split("\0"), rows, strict=True)
                yield [
                    int(row["seq"])
                    for text, row in named
                    if sought in (text.rpartition(os.sep)[2] if names_alone else text).casefold()
                ]
            if len(rows) < NAMES:
                return
            path, after = rows[-1]["path"], int(rows[-1]["seq"])

    def of_image(self, image_id: int) -> Sequence[Photo]:
        return self._photos("p.image_id IS NOT NULL AND p.image_id = :image", image=image_id)

    def skus_of(self, product_id: int) -> frozenset[str]:
        with self._database.reading() as transaction:
            return frozenset(
                row["sku"]
                for store in self._stores(transaction)
                for row in transaction.rows(
                    "SELECT c.sku FROM catalogue_skus c "
                    "WHERE c.store = :store AND c.product_id = :product",
                    store=store,
                    product=product_id,
                )
                if not is_mpn(row["sku"])
            )

    def product_names(self, product_ids: Collection[int]) -> Mapping[int, ProductName]:
        with self._database.reading() as transaction:
            found = [names_in(transaction, one, product_ids) for one in self._stores(transaction)]
        return {id_: name for names in found for id_, name in names.items()}

    def products_bearing(self, skus: Collection[str]) -> Mapping[str, frozenset[int]]:
        found: dict[str, frozenset[int]] = {}
        with self._database.reading() as transaction:
            for store in self._stores(transaction):
                for sku, products in bearing(transaction, store, skus).items():
                    found[sku] = found.get(sku, frozenset()) | products
        return found

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
        return self._photos("p.product_id = :product", product=product_id)

    def _photos(self, which: str, **values: Value) -> Sequence[Photo]:
        with self._database.reading() as transaction:
            rows = transaction.rows(
                f"SELECT p.* FROM photos p WHERE {self._of_store_by_index} AND {which} "
                "ORDER BY p.seq",
                **self._asked,
                **values,
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
