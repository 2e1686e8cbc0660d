"""What a person decided of a photograph is kept with it, and found again by its content.

It counts for the same bytes at the path from which they came, and where that file is there no
longer, wherever they turn up: it was renamed. The same bytes at another place besides may be
another product's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from pipeline.ledger.database import Row, Transaction
from pipeline.ledger.reports import CAME_FROM
from pipeline.ledger.rows import from_blob, photo_of, to_blob
from pipeline.placement import Rule
from pipeline.values import Original

__all__ = ["IS_DECIDED", "as_decided", "came_here", "exists"]

IS_DECIDED: Final = f'instr(p.placement, \'"by":"{Rule.HAND}"\') > 0'
"""Of a photograph `p`: a person decided whose it is. In a text of the record it cannot stand so."""

MOST: Final = 50
"""Photographs of one content, the newest, that are asked whether they are a file under another
name: a content may be that of thousands."""

_OF_CONTENT: Final = (
    "SELECT p.* FROM photos p WHERE substr(p.sha256, 1, 16) = substr(:sha256, 1, 16) "
    "AND (p.sha256 = :sha256) IS TRUE AND (p.store = :store) IS TRUE"
)


def as_decided(
    transaction: Transaction, store: str, original: Original, *, came_before: bool
) -> Original:
    """Return a file's content with what a person decided of it, where somebody did.

    Args:
        transaction: that is open.
        store: whose photographs are meant.
        original: as it came, with what its caller said.
        came_before: whether anything came from its path before.
    """
    if original.placement is not None and original.placement.by is Rule.HAND:
        return original
    row = _decided_here(transaction, store, original) if came_before else None
    if row is None:
        renamed = transaction.rows(
            f"SELECT c.* FROM ({_OF_CONTENT} ORDER BY p.seq DESC LIMIT {MOST}) c "
            f"WHERE {IS_DECIDED.replace('p.', 'c.')}",
            store=store,
            sha256=original.sha256,
        )
        row = next((one for one in renamed if _is_gone(one)), None)
    if row is None:
        return original
    placement = photo_of(row).placement
    return replace(original, placement=placement, sku=None, from_current_product=False)


def came_here(transaction: Transaction, store: str, original: Original) -> Iterator[Row]:
    """Yield the photographs of a content that came from its path, or from one that is gone."""
    seen: set[str] = set()
    for row in transaction.rows(
        f"SELECT p.* FROM photos p WHERE {CAME_FROM} AND (p.store = :store) IS TRUE "
        "AND (p.sha256 = :sha256) IS TRUE ORDER BY p.seq DESC",
        store=store,
        sha256=original.sha256,
        path=to_blob(original.path),
    ):
        seen.add(row["id"])
        yield row
    for row in transaction.rows(
        f"{_OF_CONTENT} ORDER BY p.seq DESC LIMIT {MOST}", store=store, sha256=original.sha256
    ):
        if row["id"] not in seen and _is_gone(row):
            yield row


def exists(path: Path) -> bool:
    """Whether something lies at a path, as far as that can be seen."""
    try:
        return path.exists()
    except OSError:
        return False


def _decided_here(transaction: Transaction, store: str, original: Original) -> Row | None:
    return transaction.row(
        f"SELECT p.* FROM photos p WHERE {CAME_FROM} AND (p.store = :store) IS TRUE "
        f"AND (p.sha256 = :sha256) IS TRUE AND {IS_DECIDED} ORDER BY p.seq DESC LIMIT 1",
        store=store,
        sha256=original.sha256,
        path=to_blob(original.path),
    )


def _is_gone(row: Row) -> bool:
    return not exists(from_blob(row["path"]))
