"""Writes that change one photograph: compare-and-set on the claim, with a line of history."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Any

from pipeline.errors import LostClaim
from pipeline.lifecycle import State, is_move
from pipeline.values import Claim

__all__ = ["LET_GO", "Moved", "add_history", "move"]

LET_GO: dict[str, Any] = {"lease": None, "owner": None}
"""Column values with which a claim is given back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """What a change writes down beside the columns: when, by whom, and the sentence."""

    at: str
    owner: str
    sentence: str


def move(
    connection: sqlite3.Connection,
    claim: Claim,
    after: State,
    moved: Moved,
    *,
    stay: bool = False,
    **columns: Any,
) -> None:
    """Change a claimed photograph, in the transaction that is open.

    Args:
        connection: in a transaction.
        claim: the ticket; its photograph's state is the one that is expected.
        after: the new state.
        moved: for the history.
        stay: only facts change, and the state is to be the one it is.
        **columns: further columns and their values.

    Raises:
        LostClaim: the claim is no longer ours, or the state is another one.
        ValueError: the table of moves does not allow it (a defect of ours).
    """
    before = claim.photo.state
    if not (is_move(before, after) or (stay and after is before)):
        raise ValueError(f"{before} may not become {after}")
    values = {"state": after, "changed_at": moved.at, "sentence": moved.sentence, **columns}
    changed = connection.execute(
        f"UPDATE photos SET {', '.join(f'{name} = :{name}' for name in values)} "
        "WHERE id = :photo AND state = :expected AND lease = :token",
        {**values, "photo": claim.photo.id, "expected": before, "token": claim.token},
    ).rowcount
    if changed != 1:
        raise LostClaim(f"the claim on {claim.photo.path} was lost to another process")
    add_history(connection, claim.photo.id, before, after, moved)


def add_history(
    connection: sqlite3.Connection, photo: str, before: State | None, after: State, moved: Moved
) -> None:
    """Add one line to a photograph's history, in the transaction that is open."""
    connection.execute(
        "INSERT INTO history (photo, at, before, after, sentence, owner) VALUES (?, ?, ?, ?, ?, ?)",
        (photo, moved.at, before, after, moved.sentence, moved.owner),
    )
