"""What a question reads does not grow with the ledger: a watcher asks twice a second for months."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from pipeline.ledger import Ledger
from pipeline.ledger.sqlite import open_ledger
from pipeline.values import Step
from tests.ledger.conftest import STORE
from tests.ledger.sqlite.counting import Counter, fill
from tests.makers import ManualClock, arrival, original

MOST_STEPS = 60_000
"""Of SQLite's machine for one question; what grows with the square takes millions."""


@pytest.fixture
def counter(monkeypatch: pytest.MonkeyPatch) -> Counter:
    return Counter(monkeypatch)


@pytest.fixture
def full(file: Path, counter: Counter) -> Ledger:
    """A ledger with 20,000 stored photographs and 3,000 that wait to go up, of one product."""
    ledger = open_ledger(file, STORE, "run", ManualClock().now)
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        fill(connection, STORE, stored=20_000, prepared=3_000)
    return ledger


def test_the_next_is_found_at_once(full: Ledger, counter: Counter) -> None:
    assert counter.steps(lambda: full.claim_next(Step.PREPARE, any_owner=True)) <= 200
    claims = []
    taken = counter.steps(lambda: claims.append(full.claim_next(Step.UPLOAD, any_owner=True)))
    assert [claim and claim.photo.id for claim in claims] == ["20000"]
    assert taken <= 3_000
    # While one of the product is on its way, no other is looked for long.
    taken = counter.steps(lambda: claims.append(full.claim_next(Step.UPLOAD, any_owner=True)))
    assert claims[-1] is None
    assert taken <= MOST_STEPS
    full.close()


def test_an_arrival_costs_the_same_in_a_full_ledger(full: Ledger, counter: Counter) -> None:
    new = arrival("/158/new.jpg"), original("/158/new.jpg")
    known = arrival("/158/7.jpg"), original("/158/7.jpg", b"another content")
    assert counter.steps(lambda: full.receive(*new)) <= 2_000
    assert counter.steps(lambda: full.receive(*new)) <= 2_000, "it is known"
    assert counter.steps(lambda: full.receive(*known)) <= 2_000, "a new version"
    told = arrival("/158/8.jpg"), original("/158/8.jpg", b"one more", product_id=158)
    assert counter.steps(lambda: full.receive(*told)) <= 2_000
    full.close()


def test_the_photographs_of_one_path_are_found_at_once(full: Ledger, counter: Counter) -> None:
    assert counter.steps(lambda: full.at_path(Path("/158/9.jpg"))) <= 1_000
    full.close()
