"""Which arrivals of unknown product may be of a product, by their names.

Their names are written down once, by the first that has to know: nobody pays for it while no shot
waits. From then on an index says which of them bear one of a product's names.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import islice
from typing import Final

from pipeline.claimable import NameRules
from pipeline.ledger.changes import ON_ITS_WAY
from pipeline.ledger.database import Row, Transaction, Value
from pipeline.ledger.rows import unplaced_of

__all__ = ["any_unnamed", "bearing", "name_some"]

PAGE: Final = 1_000
"""Photographs whose names are written in one transaction: some hundredths of a second, in which
nobody else writes."""

A_QUESTION: Final = 200
"""So many of a product's names are looked up with one statement."""

ENOUGH: Final = 100
"""Of those that may be of a product so many are enough: while they are there it waits, and those
behind them are found when they have gone on."""

# Those named by other rules as well: no rule has number 0.
_UNNAMED: Final = f"""
SELECT q.seq, q.path, q.root, q.sku FROM photos q {{by_names}}
WHERE q.store = :store AND q.state = 'received' AND {ON_ITS_WAY.format("q")}
  AND q.product_id IS NULL AND q.named {{other}} :rules AND q.seq < :seq
LIMIT :most
"""

_BEARING: Final = f"""
SELECT q.id, q.urgent FROM proposed_names n CROSS JOIN photos q ON q.seq = n.photo
WHERE n.name IN ({{names}}) AND n.photo < :seq AND q.store = :store AND q.state = 'received'
  AND {ON_ITS_WAY.format("q")} AND q.product_id IS NULL AND {{others}}
LIMIT :most
"""


def any_unnamed(transaction: Transaction, by_names: str, rules: int, **place: Value) -> bool:
    """Whether the names of any that arrived before one are not written down, by these rules.

    Args:
        transaction: that is open.
        by_names: has the table be read by the index of those without names.
        rules: see `NameRules`.
        place: the `store`, and the `seq` before which they arrived.
    """
    return any(_unnamed(transaction, by_names, rules, most=1, **place))


def name_some(
    transaction: Transaction, by_names: str, name_rules: NameRules, **place: Value
) -> None:
    """Write the names of some that arrived before one; see `any_unnamed`."""
    rows = list(_unnamed(transaction, by_names, name_rules.rules, most=PAGE, **place))
    transaction.run_for_each(
        "DELETE FROM proposed_names WHERE photo = :photo", ({"photo": row["seq"]} for row in rows)
    )
    transaction.run_for_each(
        "INSERT INTO proposed_names (name, photo) VALUES (:name, :photo) ON CONFLICT DO NOTHING",
        (
            {"name": name, "photo": row["seq"]}
            for row in rows
            for name in name_rules.proposed(unplaced_of(row))
        ),
    )
    transaction.run_for_each(
        "UPDATE photos SET named = :rules WHERE seq = :photo",
        ({"rules": name_rules.rules, "photo": row["seq"]} for row in rows),
    )


def bearing(
    transaction: Transaction, names: Collection[str], others: str, **asked: Value
) -> Sequence[Row]:
    """Return some of those that arrived before one and bear one of these names, where any do.

    Args:
        transaction: that is open.
        names: of a product.
        others: which others hold it up, in SQL.
        asked: the `store`, the `seq` before which they arrived, and what `others` needs.

    Returns:
        The `id` of each and whether it is `urgent`.
    """
    found: list[Row] = []
    rest = iter(sorted(names))
    while len(found) < ENOUGH and (piece := list(islice(rest, A_QUESTION))):
        named = {f"name{number}": name for number, name in enumerate(piece)}
        question = _BEARING.format(names=", ".join(f":{key}" for key in named), others=others)
        found += transaction.rows(question, **asked, **named, most=ENOUGH)
    return found


def _unnamed(
    transaction: Transaction, by_names: str, rules: int, *, most: int, **place: Value
) -> Iterator[Row]:
    for other in ("<", ">"):
        question = _UNNAMED.format(other=other, by_names=by_names)
        yield from transaction.rows(question, **place, rules=rules, most=most)
