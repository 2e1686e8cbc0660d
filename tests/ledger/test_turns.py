"""Who may take only its own finds them at once, behind whatever others have."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from pipeline.claimable import ANYBODYS, OWN, Claimable
from pipeline.ledger import Ledger
from pipeline.ledger.changes import ON_ITS_WAY
from pipeline.ledger.turns import Indexes, next_due, next_in_haste
from pipeline.values import Step
from tests.contract.steps import take
from tests.ledger.counting import Counter
from tests.makers import arrival, inspection, original, picture, placement

MOST_STEPS = 6_000
"""Of SQLite's machine for one claim; who looks at what others have takes tens of thousands."""

EVERY = (OWN, ANYBODYS, Claimable(shots=True), Claimable(shots=True, only_haste=True))


@pytest.fixture
def beside(full: Ledger, file: Path) -> Ledger:
    """One that is opened where a living process has thousands in every state, also in haste."""
    states = "CASE seq % 4 WHEN 0 THEN 'validated' WHEN 1 THEN 'received' ELSE 'prepared' END"
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute(
            f"UPDATE photos SET state = {states}, urgent = 1, product_id = CASE seq % 8 "
            "WHEN 1 THEN NULL ELSE 200 + seq % 50 END WHERE state = 'prepared'"
        )
    return full


@pytest.mark.parametrize("claimable", [OWN, Claimable(shots=True)])
def test_its_own_are_found_at_once_behind_a_backlog_of_others(
    beside: Ledger, counter: Counter, claimable: Claimable
) -> None:
    for step in Step:
        ask = partial(beside.claim_next, step, claimable)
        assert counter.steps(ask) <= MOST_STEPS
        assert ask() is None
    photo = beside.receive(arrival("/own.jpg"), original("/own.jpg", b"own", product_id=7))
    assert counter.steps(lambda: beside.any_unfinished(any_owner=False, step=None)) <= MOST_STEPS
    claims = []
    ask = partial(beside.claim_next, Step.PREPARE, claimable)
    assert counter.steps(lambda: claims.append(ask())) <= MOST_STEPS
    assert [claim and claim.photo.id for claim in claims] == [photo.id]
    (claim,) = claims
    assert claim is not None
    beside.validated(claim, inspection(), placement(7), "whole")
    again = beside.claim(photo.id)
    assert again is not None
    beside.prepared(again, picture(), "made")
    ask = partial(beside.claim_next, Step.UPLOAD, claimable)
    assert counter.steps(lambda: claims.append(ask())) <= MOST_STEPS
    assert [claim and claim.photo.id for claim in claims] == [photo.id] * 2


def test_what_is_at_its_end_is_nobodys(ledger: Ledger, file: Path) -> None:
    for number in range(3):
        ledger.receive(arrival(f"/{number}.jpg"), original(f"/{number}.jpg", b"%d" % number))
    ledger.validated(take(ledger), inspection(), placement(7), "whole")
    ledger.close()
    question = "SELECT state, count(*) FROM on_their_way GROUP BY state ORDER BY state"
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        assert connection.execute(question).fetchall() == [("received", 2), ("validated", 1)]
        connection.execute("UPDATE photos SET product_id = 7, image_id = seq, state = 'stored'")
        assert connection.execute(question).fetchall() == []


@pytest.mark.parametrize("questions", [next_due, next_in_haste])
def test_every_question_asks_for_what_is_on_its_way_and_is_the_same_each_time(
    questions: Callable[[Step, Claimable, Indexes], tuple[tuple[str, str], ...]],
) -> None:
    for step in Step:
        for claimable in EVERY:
            asked = questions(step, claimable, Indexes())
            assert asked is questions(step, claimable, Indexes())
            assert all(ON_ITS_WAY.format("p") in question for _, question in asked)
            assert all("{" not in question for _, question in asked)
