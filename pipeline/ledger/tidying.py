"""The history of what is long stored becomes one line each: it is most of what a ledger holds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from pipeline.ledger.database import Database, Row
from pipeline.ledger.rows import text_of

__all__ = ["SqlTidying"]

PAGE: Final = 200
"""Photographs of one transaction: some hundredths of a second, in which nobody else writes."""

_LONG_STORED: Final = """
SELECT p.id, p.seq, p.changed_at FROM photos p {by_index}
WHERE p.state = 'stored' AND p.changed_at < :before
AND (p.changed_at, p.seq) > (:at, :seq) ORDER BY p.changed_at, p.seq LIMIT :page
"""

# Where the last line does not say what the row says, something is wrong, and `check` is to see it.
_CHOSEN: Final = """
INSERT INTO folding (photo)
SELECT p.id FROM photos p WHERE p.id = :photo AND p.state = 'stored'
AND (SELECT count(*) FROM history h WHERE h.photo = p.id) > 1
AND (SELECT h.after FROM history h WHERE h.photo = p.id ORDER BY h.seq DESC LIMIT 1) = 'stored'
"""

# Before the others go: the first and the last of them are in it, and a photograph always has one.
_ONE_LINE: Final = """
INSERT INTO history (photo, at, before, after, sentence, owner)
SELECT f.photo, z.at, NULL, z.after,
    a.sentence || ', ' || substr(a.at, 1, 10) || '; ' || z.sentence || ' (' ||
    (SELECT count(*) FROM history h WHERE h.photo = f.photo) || ' lines in one)', z.owner
FROM folding f CROSS JOIN history a CROSS JOIN history z
WHERE a.seq = (SELECT min(h.seq) FROM history h WHERE h.photo = f.photo)
AND z.seq = (SELECT max(h.seq) FROM history h WHERE h.photo = f.photo)
"""

_THE_OTHERS_GO: Final = """
DELETE FROM history WHERE seq IN (
    SELECT h.seq FROM folding f CROSS JOIN history h WHERE h.photo = f.photo
    AND h.seq < (SELECT max(n.seq) FROM history n WHERE n.photo = f.photo))
"""


class SqlTidying:
    """See `pipeline.ledger.port.Tidying` for what each method promises."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def long_stored(self, before: datetime) -> int:
        return sum(len(page) for page in self._pages(before))

    def fold(self, before: datetime) -> Iterator[int]:
        for page in self._pages(before):
            with self._database.writing() as transaction:
                chosen = sum(transaction.run(_CHOSEN, photo=row["id"]) for row in page)
                if chosen:
                    transaction.run(_ONE_LINE)
                    transaction.run(_THE_OTHERS_GO)
                    transaction.run("DELETE FROM folding")
            yield chosen

    def close(self) -> None:
        self._database.close()

    def _pages(self, before: datetime) -> Iterator[list[Row]]:
        question = _LONG_STORED.format(by_index=self._database.by_index("photos_stored_at"))
        at, seq = "", 0
        while True:
            with self._database.reading() as transaction:
                page = list(
                    transaction.rows(question, before=text_of(before), at=at, seq=seq, page=PAGE)
                )
            if not page:
                return
            yield page
            at, seq = str(page[-1]["changed_at"]), int(page[-1]["seq"])
