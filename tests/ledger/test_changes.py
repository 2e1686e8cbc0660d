"""A photograph is changed by whoever has the claim on it, in the state it was seen in, or not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.errors import LostClaim
from pipeline.ledger import Ledger
from pipeline.ledger.changes import Change, add_history, move, photo_in
from pipeline.ledger.database import Transaction
from pipeline.ledger.sqlite.connection import SqliteDatabase
from pipeline.lifecycle import Reason, State
from pipeline.values import Claim
from tests.contract.steps import take
from tests.makers import arrival, original

CHANGE = Change(at="2026-11-24T09:00:01.000000+00:00", owner="me", sentence="looked at")
REFUSED = {"reason": Reason.TRUNCATED}


@pytest.fixture
def claim(ledger: Ledger) -> Claim:
    ledger.receive(arrival("/a.jpg"), original("/a.jpg"))
    return take(ledger)


@pytest.fixture
def transaction(file: Path, claim: Claim) -> Iterator[Transaction]:
    database = SqliteDatabase(file)
    with database.writing() as transaction:
        yield transaction
    database.close()


def test_a_move_changes_state_and_columns_and_adds_its_line(
    transaction: Transaction, claim: Claim
) -> None:
    move(transaction, claim, State.REFUSED, CHANGE, REFUSED)
    photo = photo_in(transaction, claim.photo.id)
    assert photo is not None
    assert (photo.state, photo.reason, photo.sentence) == (
        State.REFUSED,
        Reason.TRUNCATED,
        "looked at",
    )
    line = transaction.row("SELECT * FROM history ORDER BY seq DESC LIMIT 1")
    assert line is not None
    told = [line[name] for name in ("photo", "before", "after", "sentence", "owner")]
    assert told == [claim.photo.id, "received", "refused", "looked at", "me"]


@pytest.mark.parametrize("lost", ["the claim", "the state", "the photograph"])
def test_a_claim_that_was_lost_changes_nothing(
    transaction: Transaction, claim: Claim, lost: str
) -> None:
    stale = {
        "the claim": replace(claim, token="another's"),
        "the state": replace(claim, photo=replace(claim.photo, state=State.VALIDATED)),
        "the photograph": replace(claim, photo=replace(claim.photo, id="none")),
    }[lost]
    with pytest.raises(LostClaim, match=r"another process has /a\.jpg in hand"):
        move(transaction, stale, State.REFUSED, CHANGE, REFUSED)
    assert photo_in(transaction, claim.photo.id) == claim.photo
    assert len(transaction.rows("SELECT seq FROM history")) == 1


def test_only_who_says_so_leaves_the_state_as_it_is(transaction: Transaction, claim: Claim) -> None:
    with pytest.raises(ValueError, match="received may not become received"):
        move(transaction, claim, State.RECEIVED, CHANGE, {"attempts": 1})
    move(transaction, claim, State.RECEIVED, CHANGE, {"attempts": 1}, stay=True)
    photo = photo_in(transaction, claim.photo.id)
    assert photo is not None
    assert (photo.state, photo.attempts) == (State.RECEIVED, 1)


def test_a_line_of_history_says_what_it_was_told(transaction: Transaction, claim: Claim) -> None:
    add_history(transaction, claim.photo.id, None, State.RECEIVED, CHANGE.saying("once more"))
    line = transaction.row("SELECT * FROM history ORDER BY seq DESC LIMIT 1")
    assert line is not None
    assert (line["before"], line["sentence"], line["at"]) == (None, "once more", CHANGE.at)
    assert photo_in(transaction, "none") is None
