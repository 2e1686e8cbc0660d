"""A file that shows the same as a stored photograph is part of it, by what was remembered."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pipeline.ledger import Ledger
from pipeline.ledger.shown_by import known_to_show
from tests.ledger.conftest import STORE
from tests.ledger.test_same_pictures import ALIKE, claimed, stored


def test_it_is_known_by_its_digest_its_product_and_where_it_came_from(
    opened: Callable[[], Ledger],
) -> None:
    ledger = opened()
    first = stored(ledger, "/158/a.jpg")
    claim = claimed(ledger, "/158/b.jpg")
    sha256 = claim.photo.sha256
    database = ledger._database  # type: ignore[attr-defined]

    def known(store: str, product: int | None, path: str | None) -> str | None:
        with database.reading() as transaction:
            place = None if path is None else Path(path)
            row = known_to_show(transaction, store, sha256, product, path=place)
            return None if row is None else str(row["id"])

    assert known(STORE, 158, None) is None, "until it was seen that it shows the same"
    ledger.shown_already(claim, ALIKE)
    assert known(STORE, 158, None) == known(STORE, None, "/158/b.jpg") == first.id
    assert known(STORE, 159, None) is None
    assert known("another shop", 158, None) is None
    assert known(STORE, None, "/158/elsewhere.jpg") is None
