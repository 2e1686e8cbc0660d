"""Writes that change one photograph: compare-and-set on the claim, with a line of history."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final

from pipeline.errors import LostClaim
from pipeline.ledger.database import Database, Owner, Row, Transaction, Value
from pipeline.ledger.records import image_record
from pipeline.ledger.rows import columns_of, moment_of, photo_of, rank_of, text_of
from pipeline.lifecycle import UNFINISHED_STATES, KnownPhoto, Reason, State, is_move
from pipeline.values import Claim, Photo, StoredImage

__all__ = [
    "ASIDE",
    "LIVING",
    "ON_ITS_WAY",
    "RELEASED",
    "UNFINISHED",
    "Change",
    "Writer",
    "add_history",
    "known_of",
    "lost_claim",
    "move",
    "photo_in",
    "reopen",
    "row_in",
    "set_image",
    "unpark",
]

RELEASED: Final[Mapping[str, Value]] = MappingProxyType({"lease": None, "owner": None})
"""Column values with which a claim is given back."""

UNFINISHED: Final = ", ".join(f"'{state}'" for state in State if state in UNFINISHED_STATES)
"""The states of what is on its way, said just as its indexes say them: else SQLite does not see
that they serve."""

ASIDE: Final = "'waiting', 'refused', 'failed', 'removed'"
"""The states of what stands aside, in the words of its index."""

ON_ITS_WAY: Final = f"{{0}}.state IN ({UNFINISHED}) AND {{0}}.parked = 0"
"""Of a photograph: it is on its way, and a living process sees to it."""

LIVING: Final = (
    "(EXISTS (SELECT 1 FROM arrivals l WHERE l.photo = {0}.id "
    "AND l.owner IN (SELECT o.id FROM owners o)) "
    "OR EXISTS (SELECT 1 FROM arrivals l WHERE l.path = {0}.path "
    "AND l.owner IN (SELECT o.id FROM owners o)))"
)
"""Of a photograph: it arrived through a process that lives, or another content at its path did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a change writes down beside the columns: when, by whom, and the sentence."""

    at: str
    owner: str
    sentence: str

    def saying(self, sentence: str) -> Change:
        """Return the same change with another sentence."""
        return replace(self, sentence=sentence)


class Writer:
    """What all parts of a ledger that write have in common."""

    def __init__(
        self, database: Database, owner: Owner, store: str, now: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._owner = owner
        self._store = store
        self._now = now

    def _change(self, sentence: str) -> Change:
        return Change(at=text_of(self._now()), owner=self._owner.id, sentence=sentence)


def move(
    transaction: Transaction,
    claim: Claim,
    after: State,
    change: Change,
    facts: Mapping[str, Any] = MappingProxyType({}),
    columns: Mapping[str, Value] = RELEASED,
    *,
    stay: bool = False,
) -> Photo:
    """Change a claimed photograph.

    Args:
        transaction: that is open for writing.
        claim: the ticket; its photograph's state is the one that is expected.
        after: the new state.
        change: for the history.
        facts: what else changes of the photograph, by the names of its fields.
        columns: what changes of the row besides; the claim is given back where nothing is said.
        stay: only facts change, and the state is to be the one it is.

    Returns:
        The photograph as it is now.

    Raises:
        LostClaim: the claim is no longer ours, or the state is another one.
        ValueError: the table of moves does not allow it (a defect of ours).
    """
    before = claim.photo.state
    if not (is_move(before, after) or (stay and after is before)):
        raise ValueError(f"{before} may not become {after}")
    # Each step says anew why it is kept back, if it is.
    facts = {"reason": None, **facts}
    values = {
        "state": after,
        "changed_at": change.at,
        "sentence": change.sentence,
        **columns_of(facts, claim.photo),
        **columns,
    }
    if after is State.STORED:
        values["rank"] = ""  # it counts on the way alone: `reopen` makes it again
    row = transaction.row(
        _move_of(tuple(values)),
        **values,
        photo=claim.photo.id,
        expected=before,
        token=claim.token,
    )
    if row is None:
        raise lost_claim(claim)
    add_history(transaction, claim.photo.id, before, after, change)
    return replace(
        claim.photo,
        state=after,
        changed_at=moment_of(change.at),
        sentence=change.sentence,
        in_haste=bool(row["urgent"]),
        **facts,
    )


_SET: Final = {"batch": "batch = coalesce(batch, :batch)"}
"""How a column is set, where not just to its value: what is put back stays of its batch."""


@lru_cache
def _move_of(columns: tuple[str, ...]) -> str:
    # Somebody may have put it in haste since it was claimed.
    return (
        f"UPDATE photos SET {', '.join(_SET.get(name, f'{name} = :{name}') for name in columns)} "
        "WHERE id = :photo AND state = :expected AND lease = :token RETURNING urgent"
    )


def lost_claim(claim: Claim) -> LostClaim:
    """Return the error for a claim that is no longer ours."""
    return LostClaim(f"another process has {claim.photo.path} in hand now")


def reopen(transaction: Transaction, photo: Photo, after: State, change: Change) -> None:
    """Make a photograph that stands aside, and that nobody holds, due again.

    Where no living process sees to it, it is parked.
    """
    transaction.run(
        "UPDATE photos SET state = :after, failed_from = NULL, reason = NULL, "
        "sentence = :sentence, attempts = 0, not_before = NULL, changed_at = :at, rank = :rank, "
        f"parked = NOT {LIVING.format('photos')} WHERE id = :photo",
        after=after,
        sentence=change.sentence,
        at=change.at,
        rank=rank_of(photo.path, photo.placement),
        photo=photo.id,
    )
    add_history(transaction, photo.id, photo.state, after, change)


def add_history(
    transaction: Transaction, photo: str, before: State | None, after: State, change: Change
) -> None:
    """Add one line to a photograph's history."""
    transaction.run(
        "INSERT INTO history (photo, at, before, after, sentence, owner) "
        "VALUES (:photo, :at, :before, :after, :sentence, :owner)",
        photo=photo,
        at=change.at,
        before=before,
        after=after,
        sentence=change.sentence,
        owner=change.owner,
    )


def set_image(transaction: Transaction, photo_id: str, image: StoredImage, change: Change) -> None:
    """Have a photograph that is STORED be another image than it was thought to be."""
    # When it was stored stays as it was: that counts the photographs of a day.
    transaction.run(
        "UPDATE photos SET image = :image, image_id = :image_id, sentence = :sentence "
        "WHERE id = :photo",
        image=image_record(image),
        image_id=image.id,
        sentence=change.sentence,
        photo=photo_id,
    )
    add_history(transaction, photo_id, State.STORED, State.STORED, change)


def unpark(transaction: Transaction, photo_id: str) -> None:
    """Have a photograph that is on its way be worked on again by those through whom it arrived."""
    held = transaction.row(
        "UPDATE photos SET parked = 0, reason = nullif(reason, 'held') "
        "WHERE id = :photo AND parked = 1 RETURNING seq",
        photo=photo_id,
    )
    for owner, which in (("a.owner", "TRUE"), ("''", "a.door = 'hook'")) if held else ():
        transaction.run(
            "INSERT INTO on_their_way (photo, owner, state, urgent, unplaced) "
            f"SELECT p.seq, {owner}, p.state, p.urgent, "
            "p.state = 'received' AND p.product_id IS NULL "
            "FROM photos p CROSS JOIN arrivals a ON a.photo = p.id "
            f"WHERE p.id = :photo AND p.state IN ({UNFINISHED}) AND {which} ON CONFLICT DO NOTHING",
            photo=photo_id,
        )


def row_in(transaction: Transaction, photo_id: str) -> Row | None:
    """Return the row of one photograph by its id."""
    return transaction.row("SELECT * FROM photos WHERE id = :photo", photo=photo_id)


def photo_in(transaction: Transaction, photo_id: str) -> Photo | None:
    """Return one photograph by its id."""
    row = row_in(transaction, photo_id)
    return None if row is None else photo_of(row)


def known_of(row: Row) -> KnownPhoto:
    """Return of a row of the table `photos` what the rules need to know."""
    return KnownPhoto(
        state=State(row["state"]),
        reason=None if row["reason"] is None else Reason(row["reason"]),
        failed_from=None if row["failed_from"] is None else State(row["failed_from"]),
        has_digest=bool(row["sha256"]),
    )
