"""What is long stored takes little room: one line of history each, and a row without its traces.

Nothing goes by which a photograph is known again or found in the shop: its digests, its paths, its
ids, the store's record of its image.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from pipeline.errors import LedgerError
from pipeline.ledger.database import Database, Row, Transaction, Value
from pipeline.ledger.records import (
    image_record,
    inspection_record,
    picture_record,
    placement_record,
)
from pipeline.ledger.rows import photo_of, text_of

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
# Which process wrote it is told no more: that one is long gone.
_ONE_LINE: Final = """
INSERT INTO history (photo, at, before, after, sentence, owner)
SELECT f.photo, z.at, NULL, z.after,
    a.sentence || ', ' || substr(a.at, 1, 10) || '; ' || z.sentence || ' (' ||
    (SELECT count(*) FROM history h WHERE h.photo = f.photo) || ' lines in one)', ''
FROM folding f CROSS JOIN history a CROSS JOIN history z
WHERE a.seq = (SELECT min(h.seq) FROM history h WHERE h.photo = f.photo)
AND z.seq = (SELECT max(h.seq) FROM history h WHERE h.photo = f.photo)
"""

_THE_OTHERS_GO: Final = """
DELETE FROM history WHERE seq IN (
    SELECT h.seq FROM folding f CROSS JOIN history h WHERE h.photo = f.photo
    AND h.seq < (SELECT max(n.seq) FROM history n WHERE n.photo = f.photo))
"""

# What a living process wrote down it still reports on.
_OF_NOBODY_NOW: Final = "owner NOT IN (SELECT o.id FROM owners o)"

# That it came from its own path its row says already.
_ARRIVALS_GO: Final = (
    "DELETE FROM arrivals WHERE photo = :photo AND EXISTS (SELECT 1 FROM photos p "
    f"WHERE p.id = :photo AND p.state = 'stored' AND p.path = arrivals.path) AND {_OF_NOBODY_NOW}"
)
_ATTEMPTS_GO: Final = (
    "DELETE FROM attempts WHERE photo = :photo AND ended_at IS NOT NULL AND EXISTS (SELECT 1 "
    f"FROM photos p WHERE p.id = :photo AND p.state = 'stored') AND {_OF_NOBODY_NOW}"
)

# An earlier program kept the shot order of what is stored; figures are in what is not yet short.
_NOT_SHORT: Final = """
SELECT * FROM photos p WHERE p.id = :photo AND p.state = 'stored'
AND (p.rank <> '' OR p.picture LIKE '%"made":%' OR p.picture LIKE '%"encode_report"%')
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
                smaller = _folded(transaction, page)
                for row in page:
                    if _thinned(transaction, row["id"]):
                        smaller.add(row["id"])
            yield len(smaller)

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


def _folded(transaction: Transaction, page: Sequence[Row]) -> set[str]:
    """Make the history of each photograph one line, and return the ids of those that had more."""
    chosen = {row["id"] for row in page if transaction.run(_CHOSEN, photo=row["id"])}
    if chosen:
        transaction.run(_ONE_LINE)
        transaction.run(_THE_OTHERS_GO)
        transaction.run("DELETE FROM folding")
    return chosen


def _thinned(transaction: Transaction, photo_id: str) -> bool:
    """Write a row as short as it can be, without its traces; return whether anything changed."""
    traces = transaction.run(_ARRIVALS_GO, photo=photo_id)
    traces += transaction.run(_ATTEMPTS_GO, photo=photo_id)
    row = transaction.row(_NOT_SHORT, photo=photo_id)
    if row is None:
        return traces > 0
    try:
        short = _short(row)
    except LedgerError:  # `check` tells of it, as it is
        return traces > 0
    smaller = {name: value for name, value in short.items() if row[name] != value}
    if smaller:
        transaction.run(
            f"UPDATE photos SET {', '.join(f'{name} = :{name}' for name in smaller)} "
            "WHERE id = :photo",
            **smaller,
            photo=photo_id,
        )
    return traces > 0 or bool(smaller)


def _short(row: Row) -> dict[str, Value]:
    """Return of a stored photograph's row what can be written shorter, and is read as before.

    How its picture was made, in figures, is left out: nobody asks for that of what is long stored.

    Raises:
        LedgerError: the row makes no sense.
    """
    photo = photo_of(row)
    picture = None if photo.picture is None else replace(photo.picture, encode_report=None)
    return {
        "rank": "",
        "placement": placement_record(photo.placement),
        "inspection": inspection_record(photo.inspection),
        "picture": picture_record(
            picture, photo_id=photo.id, sha256=photo.sha256, likeness=row["likeness"]
        ),
        "image": image_record(photo.image),
    }
