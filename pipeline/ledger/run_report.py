"""What a process leaves behind: every file that arrived through it, with its photograph."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Final

from pipeline.ledger.changes import Writer
from pipeline.ledger.database import Database, Row, Transaction
from pipeline.ledger.meetings import met_in
from pipeline.ledger.pages import page_by_page
from pipeline.ledger.rows import from_blob, photo_of
from pipeline.lifecycle import State
from pipeline.values import RunFile, RunReport

__all__ = ["SqlRunReport"]

PAGE: Final = 500
"""Files that are held, and read in one transaction: some hundredths of a second."""

# Those of one process lie close together in the order of their arrival. Their owner is no index
# here: that has them in no order, and would read all of them for each page. A file that came before
# this one and was stored already, as one that shows the same is, is not the one that was stored.
_FILES: Final = """
SELECT p.*, a.seq AS arrival, a.path AS arrived_as, a.state_before,
  EXISTS (SELECT 1 FROM arrivals b WHERE b.photo = a.photo AND b.owner = a.owner AND b.seq < a.seq
    AND b.state_before IS NOT 'stored') AS seen,
  NOT EXISTS (SELECT 1 FROM attempts t WHERE t.photo = p.id) AS never_sent
FROM arrivals a CROSS JOIN photos p ON p.id = a.photo
WHERE a.seq > :after AND (a.owner = :owner) IS TRUE ORDER BY a.seq LIMIT :most
"""

_PHOTOS: Final = """
SELECT a.seq, a.photo FROM arrivals a
WHERE a.seq > :after AND (a.owner = :owner) IS TRUE AND NOT EXISTS (
  SELECT 1 FROM arrivals b WHERE b.photo = a.photo AND b.owner = a.owner AND b.seq < a.seq)
ORDER BY a.seq LIMIT :page
"""


class SqlRunReport(Writer):
    """See `pipeline.ledger.port.Arrivals` for what it promises."""

    def run_report(self) -> RunReport:
        with self._database.reading() as transaction:
            first = _first(transaction, self._owner.id)
            met = met_in(transaction, self._store)
            # A shot of a hook's that this process sent beside its own is none of them.
            posts = transaction.row(
                "SELECT count(*) AS number FROM attempts t WHERE t.owner = :owner AND EXISTS "
                "(SELECT 1 FROM arrivals a WHERE a.photo = t.photo AND a.owner = :owner)",
                owner=self._owner.id,
            )
        return RunReport(
            lines=_Files(self._database, self._owner.id, first),
            posts=0 if posts is None else int(posts["number"]),
            met=met,
        )

    def arrived_photos(self) -> Iterator[str]:
        with self._database.reading() as transaction:
            first = _first(transaction, self._owner.id)
        if first is None:
            return
        values = {"owner": self._owner.id}
        for row in page_by_page(self._database, _PHOTOS, values, after=first - 1):
            yield str(row["photo"])

    def arrived_here(self, photo_id: str) -> bool:
        with self._database.reading() as transaction:
            row = transaction.row(
                "SELECT 1 FROM arrivals a WHERE a.photo = :photo AND a.owner = :owner LIMIT 1",
                photo=photo_id,
                owner=self._owner.id,
            )
        return row is not None


def _first(transaction: Transaction, owner: str) -> int | None:
    """Return where among all arrivals a process's first one is; None where it has none."""
    row = transaction.row(
        "SELECT min(a.seq) AS seq FROM arrivals a WHERE a.owner = :owner", owner=owner
    )
    return None if row is None or row["seq"] is None else int(row["seq"])


class _Files:
    """The files that arrived through a process, in their order, read as they are asked for.

    The first page is held: where it is the only one, they stay as they were.
    """

    def __init__(self, database: Database, owner: str, first: int | None) -> None:
        """Read the first page.

        Args:
            database: that is open for as long as they are asked for.
            owner: the process.
            first: where among all arrivals its first one is; None where it has none.
        """
        self._database = database
        self._owner = owner
        self._first = () if first is None else self._page(after=first - 1)

    def __iter__(self) -> Iterator[RunFile]:
        return map(_file, chain.from_iterable(self._pages()))

    def _pages(self) -> Iterator[Sequence[Row]]:
        page = self._first
        while page:
            yield page
            if len(page) < PAGE:
                return
            page = self._page(after=int(page[-1]["arrival"]))

    def _page(self, *, after: int) -> Sequence[Row]:
        with self._database.reading() as transaction:
            return transaction.rows(_FILES, owner=self._owner, after=after, most=PAGE)


def _file(row: Row) -> RunFile:
    already = row["state_before"] == State.STORED or bool(row["seen"])
    there = row["state"] == State.STORED and bool(row["never_sent"])
    return RunFile(
        path=from_blob(row["arrived_as"]),
        photo=photo_of(row),
        already=already or there,
        taken_over=there and not already,
    )
