"""Files that are known without being opened: by their stamps, and by what was made of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Final, TypeVar

from pipeline.ledger.changes import Writer, known_of
from pipeline.ledger.database import Row, Transaction, Value
from pipeline.ledger.decided import IS_DECIDED
from pipeline.ledger.rows import below, from_blob, to_blob
from pipeline.lifecycle import (
    ArrivalDecision,
    ArrivalFacts,
    State,
    is_another_photo,
    on_arrival,
)
from pipeline.suffixes import Says, what_suffix_says
from pipeline.values import Arrival, KnownFile, Original
from pipeline.wording import writable

__all__ = ["SqlKnownFiles", "forget_stamp", "keep_stamp"]

_Item = TypeVar("_Item")

PIECE: Final = 250
"""Paths in one question: it takes some milliseconds, and writers wait for it."""

FORGOTTEN_AT_ONCE: Final = 10_000
"""Stamps that are forgotten in one transaction, for which others wait."""

_ASKED: Final = ", ".join(f":path{number}" for number in range(PIECE))

_REMEMBERED: Final = f"SELECT path, mark FROM files WHERE store = :store AND path IN ({_ASKED})"

_WHAT: Final = (
    "f.path AS at, f.mark, f.sha256 AS digest, p.id, p.seq, p.sha256, p.state, p.reason, "
    f"p.failed_from, p.product_id, p.sku, p.path, {IS_DECIDED} AS decided, "
    "instr(p.placement, '\"also\":[') > 0 AS several"
)

# Those of that content that ever came from there: by its path each, not by its content, for a
# content may be that of thousands. The second part is of those that lay elsewhere first.
_CAME_FROM_THERE: Final = f"""
WITH f AS MATERIALIZED (
  SELECT store, path, mark, sha256 FROM files
  WHERE store = :store AND path IN ({_ASKED}) AND sha256 IS NOT NULL)
SELECT {_WHAT} FROM f CROSS JOIN photos p
WHERE p.path = f.path AND (p.sha256 = f.sha256) IS TRUE AND (p.store = f.store) IS TRUE
UNION ALL
SELECT {_WHAT} FROM f CROSS JOIN arrivals a CROSS JOIN photos p
WHERE a.path = f.path AND p.id = a.photo
  AND p.path <> f.path AND (p.sha256 = f.sha256) IS TRUE AND (p.store = f.store) IS TRUE
UNION ALL
SELECT {_WHAT} FROM f CROSS JOIN same_pictures s CROSS JOIN photos p
WHERE s.store = f.store AND s.sha256 = f.sha256 AND p.id = s.photo
  AND p.state IN ('stored', 'removed')
  AND (p.path = f.path OR EXISTS (
    SELECT 1 FROM arrivals a WHERE a.photo = p.id AND (a.path = f.path) IS TRUE))
"""

_OF_PRODUCT: Final = f"""
SELECT {_WHAT} FROM files f
JOIN photos p ON p.store = f.store AND p.product_id = :product AND p.sha256 = f.sha256
WHERE f.store = :store AND f.path IN ({_ASKED}) AND p.product_id IS NOT NULL
"""

_KEEP: Final = (
    "INSERT INTO files (store, path, mark, sha256) VALUES (:store, :path, :mark, {digest}) "
    "ON CONFLICT (store, path) DO UPDATE SET mark = excluded.mark, sha256 = {again}"
)
_KEEP_WITH_DIGEST: Final = _KEEP.format(digest=":sha256", again="excluded.sha256")
_KEEP_AS_SEEN: Final = _KEEP.format(
    digest="NULL", again="CASE WHEN files.mark = excluded.mark THEN files.sha256 END"
)


class SqlKnownFiles(Writer):
    """See `pipeline.ledger.port.KnownFiles` for what each method promises."""

    def changed_files(self, stamps: Mapping[Path, str]) -> Sequence[Path]:
        places = {path: to_blob(path) for path in stamps}
        remembered: dict[bytes, str] = {}
        for piece in _pieces(places.values()):
            remembered |= {row["path"]: row["mark"] for row in self._ask(_REMEMBERED, piece)}
        return [path for path, stamp in stamps.items() if remembered.get(places[path]) != stamp]

    def remember(self, stamps: Mapping[Path, str]) -> None:
        with self._database.writing() as transaction:
            transaction.run_for_each(
                _KEEP_AS_SEEN,
                (
                    {"store": self._store, "path": to_blob(path), "mark": stamp}
                    for path, stamp in stamps.items()
                ),
            )

    def forget_files(self, folder: Path) -> None:
        first, end = below(folder)
        begin: bytes | None = first
        while begin is not None:
            with self._database.writing() as transaction:
                row = transaction.row(
                    "SELECT path FROM files WHERE store = :store AND path >= :begin "
                    "AND path < :end ORDER BY path LIMIT 1 OFFSET :piece",
                    store=self._store,
                    begin=begin,
                    end=end,
                    piece=FORGOTTEN_AT_ONCE,
                )
                until: bytes = end if row is None else row["path"]
                transaction.run(
                    "DELETE FROM files WHERE store = :store AND path >= :begin AND path < :until",
                    store=self._store,
                    begin=begin,
                    until=until,
                )
            begin = None if row is None else row["path"]

    def known_files(self, arrivals: Sequence[Arrival]) -> Sequence[KnownFile | None]:
        found: dict[bytes, list[Row]] = defaultdict(list)
        told: dict[int | None, list[bytes]] = defaultdict(list)
        places = [to_blob(arrival.path) for arrival in arrivals]
        for arrival, place in zip(arrivals, places, strict=True):
            if arrival.stamp is not None:
                told[arrival.product_id].append(place)
        for product_id, paths in told.items():
            for piece in _pieces(paths):
                if product_id is None:
                    rows = self._ask(_CAME_FROM_THERE, piece)
                else:
                    rows = self._ask(_OF_PRODUCT, piece, product=product_id)
                for row in rows:
                    found[row["at"]].append(row)
        return [
            _known(arrival, place, found[place]) if place in found else None
            for arrival, place in zip(arrivals, places, strict=True)
        ]

    def _ask(self, question: str, paths: list[bytes], **values: Value) -> Sequence[Row]:
        # One statement, whatever their number, is made ready once.
        paths = paths + paths[:1] * (PIECE - len(paths))
        asked = {f"path{number}": path for number, path in enumerate(paths)}
        with self._database.reading() as transaction:
            return transaction.rows(question, store=self._store, **asked, **values)


def keep_stamp(transaction: Transaction, store: str, original: Original) -> None:
    """Remember which content a file had when it had its stamp, where that is proven."""
    if original.stamp is not None:
        transaction.run(
            _KEEP_WITH_DIGEST,
            store=store,
            path=to_blob(original.path),
            mark=original.stamp,
            sha256=original.sha256,
        )


def forget_stamp(transaction: Transaction, store: str, path: Path) -> None:
    """Remember nothing of a file: what is said of it is not said of its content."""
    transaction.run(
        "DELETE FROM files WHERE store = :store AND path = :path", store=store, path=to_blob(path)
    )


def _known(arrival: Arrival, place: bytes, rows: Sequence[Row]) -> KnownFile | None:
    """Return what an arrival is by its stamp, where taking it in would change nothing."""
    if rows[0]["mark"] != arrival.stamp:
        return None
    row: Row | None = rows[0]
    if arrival.product_id is None and (len(rows) > 1 or arrival.sku is not None):
        told = None if arrival.sku is None else writable(arrival.sku)
        row = next(_in_question(told, place, rows), None)
    if row is None or not _needs_nothing(arrival, row):
        return None
    if row["several"] and not all(
        _needs_nothing(arrival, one) for one in rows if one["sha256"] == one["digest"]
    ):
        return None  # its arrival is that of each of its products' photographs
    return KnownFile(photo_id=row["id"], state=State(row["state"]))


def _in_question(told_sku: str | None, place: bytes, rows: Sequence[Row]) -> Iterator[Row]:
    """Yield the photographs that a file may be, in the order in which its arrival would ask."""

    def standing(row: Row) -> tuple[bool, bool, bool, int]:
        unplaced = row["product_id"] is None
        shows_the_same = row["sha256"] != row["digest"]
        return shows_the_same, unplaced, unplaced and row["path"] != place, -int(row["seq"])

    # What a person decided outweighs what is said now.
    decided = [row for row in rows if row["decided"] and row["sha256"] == row["digest"]]
    if decided:
        yield from sorted(decided, key=standing)
        return
    for row in sorted(rows, key=standing):
        placed, known = row["product_id"] is not None, row["sku"]
        of_content = row["sha256"] == row["digest"]
        if not (of_content and is_another_photo(told_sku=told_sku, known_sku=known, placed=placed)):
            yield row


def _needs_nothing(arrival: Arrival, row: Row) -> bool:
    if row["state"] == State.STORED:
        return True
    if arrival.product_id is not None:
        return False
    path = from_blob(row["path"])
    facts = ArrivalFacts(
        sku=arrival.sku is not None,
        moved=path != arrival.path,
        named_as_picture=what_suffix_says(arrival.path.suffix) is Says.PICTURE,
    )
    return on_arrival(known_of(row), facts) == ArrivalDecision()


def _pieces(items: Iterable[_Item]) -> Iterator[list[_Item]]:
    left = iter(items)
    while piece := list(islice(left, PIECE)):
        yield piece
