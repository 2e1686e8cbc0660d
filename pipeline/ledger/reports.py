"""What the ledger is asked by people and by the rest of the program; nothing here writes."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from pipeline.ledger.port import HistoryLine
from pipeline.ledger.rows import from_blob, from_text, photo_of, to_blob, to_text
from pipeline.lifecycle import Reason, State
from pipeline.values import Photo, RunFile, RunReport, SendRecord, Tally

__all__ = [
    "at_path",
    "changed_files",
    "history",
    "photo",
    "photos",
    "run_report",
    "same_photo",
    "send_record",
    "stored_since",
    "tally",
]


def photo(connection: sqlite3.Connection, photo_id: str) -> Photo | None:
    """Give one photograph by its id."""
    row = connection.execute("SELECT * FROM photos WHERE id = ?", (photo_id,)).fetchone()
    return None if row is None else photo_of(row)


def same_photo(
    connection: sqlite3.Connection, store: str, product_id: int, other: Photo
) -> Photo | None:
    """Give the photograph that holds the same bytes for that product, if it is another row."""
    row = connection.execute(
        "SELECT * FROM photos WHERE store = ? AND product_id = ? AND sha256 = ? AND id <> ?",
        (store, product_id, other.sha256, other.id),
    ).fetchone()
    return None if row is None else photo_of(row)


def send_record(connection: sqlite3.Connection, store: str, asked: Photo) -> SendRecord:
    """Give when a photograph was last sent, and what images were known then."""
    began_at = connection.execute(
        "SELECT max(began_at) FROM attempts WHERE photo = ?", (asked.id,)
    ).fetchone()[0]
    last_id = connection.execute(
        "SELECT max(image_id) FROM photos WHERE store = ? AND state = 'stored' AND changed_at < ?",
        (store, began_at or ""),
    ).fetchone()[0]
    product_id = None if asked.placement is None else asked.placement.product_id
    known = connection.execute(
        "SELECT image_id FROM photos WHERE store = ? AND product_id = ? AND image_id IS NOT NULL "
        "AND id <> ?",
        (store, product_id, asked.id),
    )
    return SendRecord(
        at=from_text(began_at),
        last_id=last_id or 0,
        known=frozenset(int(row["image_id"]) for row in known),
    )


def run_report(connection: sqlite3.Connection, owner: str) -> RunReport:
    """Give every arrival through one process with its photograph, and the create calls made."""
    rows = connection.execute(
        "SELECT p.*, a.path AS arrived_as, a.state_before FROM arrivals a "
        "JOIN photos p ON p.id = a.photo WHERE a.owner = ? ORDER BY a.seq",
        (owner,),
    ).fetchall()
    posts = connection.execute(
        "SELECT count(*) AS number FROM attempts WHERE owner = ?", (owner,)
    ).fetchone()
    lines: list[RunFile] = []
    seen: set[str] = set()
    for row in rows:
        already = row["state_before"] == State.STORED or row["id"] in seen
        seen.add(row["id"])
        lines.append(
            RunFile(path=from_blob(row["arrived_as"]), photo=photo_of(row), already=already)
        )
    return RunReport(lines=tuple(lines), posts=int(posts["number"]))


def tally(connection: sqlite3.Connection, store: str | None) -> Tally:
    """Count the photographs of a store (None: of all) by state."""
    rows = connection.execute(
        "SELECT state, count(*) AS number FROM photos WHERE (:store IS NULL OR store = :store) "
        "GROUP BY state",
        {"store": store},
    )
    counts = {State(row["state"]): int(row["number"]) for row in rows}
    aside = connection.execute(
        "SELECT count(*) AS number FROM photos WHERE (:store IS NULL OR store = :store) "
        "AND state = 'refused' AND reason = :reason",
        {"store": store, "reason": Reason.NOT_FOR_UPLOAD},
    ).fetchone()
    return Tally(counts=counts, not_for_upload=int(aside["number"]))


def stored_since(connection: sqlite3.Connection, store: str | None, moment: datetime) -> int:
    """Count the photographs of a store (None: of all) that were stored since a time."""
    row = connection.execute(
        "SELECT count(*) AS number FROM photos WHERE (:store IS NULL OR store = :store) "
        "AND state = 'stored' AND changed_at >= :moment",
        {"store": store, "moment": to_text(moment)},
    ).fetchone()
    return int(row["number"])


def changed_files(
    connection: sqlite3.Connection, store: str, stamps: Mapping[Path, str]
) -> list[Path]:
    """Give those files of which another mark, or none, was remembered."""
    question = "SELECT mark FROM files WHERE store = ? AND path = ?"
    others: list[Path] = []
    for path, stamp in stamps.items():
        row = connection.execute(question, (store, to_blob(path))).fetchone()
        if row is None or row["mark"] != stamp:
            others.append(path)
    return others


def photos(
    connection: sqlite3.Connection, store: str | None, state: State | None
) -> Sequence[Photo]:
    """Give a store's photographs, all or those in one state, in the order of their arrival."""
    rows = connection.execute(
        "SELECT * FROM photos WHERE (:store IS NULL OR store = :store) "
        "AND (:state IS NULL OR state = :state) ORDER BY seq",
        {"store": store, "state": state},
    )
    return [photo_of(row) for row in rows]


def at_path(connection: sqlite3.Connection, store: str | None, path: Path) -> Sequence[Photo]:
    """Give the photographs that ever arrived from a path, the latest first."""
    rows = connection.execute(
        "SELECT p.* FROM photos p WHERE (:store IS NULL OR p.store = :store) "
        "AND (p.path = :path OR EXISTS (SELECT 1 FROM arrivals a WHERE a.photo = p.id "
        "AND a.path = :path)) ORDER BY p.seq DESC",
        {"store": store, "path": to_blob(path)},
    )
    return [photo_of(row) for row in rows]


def history(connection: sqlite3.Connection, photo_id: str) -> Sequence[HistoryLine]:
    """Give a photograph's history, the oldest line first."""
    lines: list[HistoryLine] = []
    for row in connection.execute(
        "SELECT at, after, sentence FROM history WHERE photo = ? ORDER BY seq", (photo_id,)
    ):
        at = from_text(row["at"])
        assert at is not None  # noqa: S101 - the table says NOT NULL
        lines.append(HistoryLine(at=at, state=State(row["after"]), sentence=row["sentence"]))
    return lines
