"""Two rows that turn out to be one photograph become one row, and nothing of either is lost."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

from pipeline.ledger.moving import Moved, add_history
from pipeline.ledger.rows import readable, to_blob
from pipeline.values import Photo

__all__ = ["fold", "forget_unread"]


def fold(connection: sqlite3.Connection, gone: str, into: str) -> None:
    """Make one row part of another, in the transaction that is open.

    Its arrivals, its attempts and its history go over to the other; whoever calls adds the line
    of history that says why.

    Args:
        connection: in a transaction.
        gone: the id of the row that goes.
        into: the id of the row that stays.
    """
    for table in ("arrivals", "history", "attempts"):
        connection.execute(f"UPDATE {table} SET photo = ? WHERE photo = ?", (into, gone))
    connection.execute("DELETE FROM photos WHERE id = ?", (gone,))


def forget_unread(
    connection: sqlite3.Connection, store: str, photo: Photo, path: Path, moved: Moved
) -> None:
    """Take away the row of a file that could not be read for a while, now that it is known again.

    Such a row has no digest. Left there, it would be counted as refused for ever.
    """
    row = connection.execute(
        "SELECT id FROM photos WHERE store = ? AND path = ? AND sha256 = '' AND id <> ?",
        (store, to_blob(path), photo.id),
    ).fetchone()
    if row is not None:
        fold(connection, row["id"], photo.id)
        sentence = f"can be read again at {readable(path)}"
        add_history(
            connection, photo.id, photo.state, photo.state, replace(moved, sentence=sentence)
        )
