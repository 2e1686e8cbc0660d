"""Which photograph a file is part of because it shows the same: its digest was remembered."""

from __future__ import annotations

from pathlib import Path

from pipeline.ledger.database import Row, Transaction
from pipeline.ledger.reports import CAME_FROM
from pipeline.ledger.rows import to_blob

__all__ = ["known_to_show"]


def known_to_show(
    transaction: Transaction,
    store: str,
    sha256: str,
    product_id: int | None = None,
    *,
    path: Path | None = None,
) -> Row | None:
    """Find the photograph that a file is part of because it shows the same.

    Where that one is neither stored nor was deleted by hand, the file is a photograph of its own:
    the other's bytes may be there no longer.

    Args:
        transaction: that is open.
        store: whose photographs are meant.
        sha256: the file's.
        product_id: the product, where it is known.
        path: where the file lies, if it is to have come from there before.
    """
    place = "TRUE" if path is None else CAME_FROM
    return transaction.row(
        "SELECT p.* FROM same_pictures s JOIN photos p ON p.id = s.photo "
        "WHERE s.store = :store AND s.sha256 = :sha256 "
        "AND (:product IS NULL OR s.product_id = :product) "
        f"AND p.state IN ('stored', 'removed') AND {place} ORDER BY p.seq DESC LIMIT 1",
        store=store,
        sha256=sha256,
        product=product_id,
        path=b"" if path is None else to_blob(path),
    )
