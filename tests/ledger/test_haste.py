"""What is in haste is found at once, behind whatever backlog."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path

from pipeline.claimable import ANYBODYS, Claimable
from pipeline.ledger import Ledger
from pipeline.values import Step
from tests.ledger.counting import Counter
from tests.makers import arrival, original


def test_that_nothing_is_in_haste_is_known_at_once(full: Ledger, counter: Counter) -> None:
    for step in Step:
        ask = partial(full.claim_next, step, Claimable(any_owner=True, only_haste=True))
        assert counter.steps(ask) <= 200


def test_that_no_shot_of_another_process_is_there_is_known_at_once(
    full: Ledger, counter: Counter
) -> None:
    for step in Step:
        ask = partial(full.claim_next, step, Claimable(only_haste=True, shots=True))
        assert counter.steps(ask) <= 200
    assert counter.steps(full.haste_is_due) <= 400
    ask_left = partial(full.any_unfinished, any_owner=True, step=None, urgent=True)
    assert counter.steps(ask_left) <= 400
    assert not ask_left()


def test_whether_a_shot_is_in_nobodys_hand_is_known_without_reading_what_it_may_wait_for(
    full: Ledger, file: Path, counter: Counter
) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute(
            "UPDATE photos SET state = 'received', product_id = NULL WHERE state = 'prepared' "
            "AND seq < (SELECT max(seq) FROM photos)"
        )
        connection.execute("UPDATE photos SET urgent = 1 WHERE state = 'prepared'")
    assert counter.steps(full.haste_is_due) <= 1_000
    assert not full.haste_is_due(), "nobody says that those before it are of other products"


def test_the_next_shot_is_found_at_once_behind_a_backlog(full: Ledger, counter: Counter) -> None:
    shot = replace(arrival("/z.jpg", product_id=7), in_haste=True)
    photo = full.receive(shot, original("/z.jpg", product_id=7))
    claims = []

    def ask() -> None:
        claims.append(full.claim_next(Step.PREPARE, ANYBODYS))

    assert counter.steps(ask) <= 3_000
    assert [claim and claim.photo.id for claim in claims] == [photo.id]


def test_what_comes_before_it_in_its_product_is_hastened_once(
    full: Ledger, file: Path, counter: Counter
) -> None:
    with closing(sqlite3.connect(file)) as connection:
        [product] = connection.execute(
            "SELECT DISTINCT product_id FROM photos WHERE state = 'prepared'"
        ).fetchone()

        def in_haste() -> int:
            [number] = connection.execute("SELECT sum(urgent) FROM photos").fetchone()
            return int(number)

        assert in_haste() == 0
        for number in (1, 2):
            path = f"zzz{number}.jpg"
            shot = replace(arrival(path, product_id=product), in_haste=True)
            made = original(path, path.encode(), product_id=product)
            steps = counter.steps(partial(full.receive, shot, made))
            assert in_haste() == 3_000 + number
    # The second one finds its neighbour in haste, and looks no further.
    assert steps <= 3_000
