"""Which arrivals may be of a shot's product is told by an index, behind however many."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.claimable import ANYBODYS, NameRules
from pipeline.ledger import Ledger
from pipeline.ledger.sqlite.maintenance import problems_of
from pipeline.lifecycle import Reason
from pipeline.values import Claim, Original, Photo, Step
from tests.ledger.conftest import STORE
from tests.ledger.counting import Counter
from tests.makers import arrival, inspection, original, picture, placement

BACKLOG = 25_000

MOST_STEPS = 6_000
"""Of SQLite's machine for one claim; who looks at all that wait takes hundreds of thousands."""


def of_unknown_product(file: Path, number: int, named: str = "other-{}") -> None:
    """Write so many arrivals of which nobody knows whose they are."""
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("BEGIN")
        for one in range(number):
            path = f"/in/{named.format(one)}.jpg".encode()
            connection.execute(
                "INSERT INTO photos (id, store, sha256, size, path, root, rank, state, sentence, "
                "received_at, changed_at) VALUES (?1, ?2, ?1, 3, ?3, ?4, ?1, 'received', '', "
                "'2026-11-25T09:00:00.000000+00:00', '2026-11-25T09:00:00.000000+00:00')",
                (f"unknown-{one}", STORE, path, b"/in"),
            )
        connection.execute("COMMIT")


def shot(ledger: Ledger, path: str = "/shots/a.jpg", product_id: int = 158) -> Photo:
    """Bring a shot up to where it is to be sent."""
    come = replace(arrival(path, product_id=product_id), in_haste=True)
    photo = ledger.receive(come, original(path, path.encode(), product_id=product_id))
    ledger.validated(claimed(ledger, photo), inspection(), placement(product_id), "checked")
    ledger.prepared(claimed(ledger, photo), picture(), "prepared")
    return photo


def claimed(ledger: Ledger, photo: Photo) -> Claim:
    claim = ledger.claim(photo.id)
    assert claim is not None
    return claim


class Names:
    """Names photographs as their files are called, and counts how many it was asked for."""

    def __init__(self, *of_product: str, rules: int = 1) -> None:
        self.asked = 0
        self.name_rules = NameRules(
            rules=rules, proposed=self._proposed, of_product=lambda product_id: of_product
        )

    def _proposed(self, one: Original) -> Collection[str]:
        self.asked += 1
        return (one.path.stem, "a name that many have")


def next_to_send(ledger: Ledger, names: Names) -> Claim | None:
    return ledger.claim_next(
        Step.UPLOAD, replace(ANYBODYS, only_haste=True), name_rules=names.name_rules
    )


def test_a_shot_goes_up_behind_however_many_of_other_products(
    ledger: Ledger, file: Path, counter: Counter
) -> None:
    of_unknown_product(file, BACKLOG)
    photo = shot(ledger)
    names = Names("sm-158")
    claim = next_to_send(ledger, names)
    assert claim is not None
    assert claim.photo.id == photo.id
    assert names.asked == BACKLOG
    ledger.release(claim)
    assert counter.steps(lambda: next_to_send(ledger, names)) <= MOST_STEPS
    assert names.asked == BACKLOG, "each was named once"


def test_what_arrives_later_needs_no_name(ledger: Ledger, file: Path) -> None:
    photo = shot(ledger)
    of_unknown_product(file, 10)
    names = Names("other-3")
    claim = next_to_send(ledger, names)
    assert claim is not None
    assert claim.photo.id == photo.id
    assert names.asked == 0


def test_behind_thousands_that_may_be_of_its_product_it_waits_without_reading_them(
    ledger: Ledger, file: Path, counter: Counter
) -> None:
    of_unknown_product(file, 3_000)
    shot(ledger)
    names = Names("a name that many have", *(f"variant-{one}" for one in range(600)))
    assert next_to_send(ledger, names) is None
    assert counter.steps(lambda: next_to_send(ledger, names)) <= MOST_STEPS
    first = ledger.claim_next(Step.PREPARE, replace(ANYBODYS, only_haste=True))
    assert first is not None
    assert first.photo.id == "unknown-0", "it goes first with the shot"


def test_other_rules_name_them_anew(ledger: Ledger, file: Path) -> None:
    of_unknown_product(file, 10)
    shot(ledger)
    assert next_to_send(ledger, Names("other-3")) is None
    later = Names("other-11", rules=2)
    assert next_to_send(ledger, later) is not None
    assert later.asked == 10


@pytest.mark.parametrize(
    "ends",
    [
        lambda ledger, claim: ledger.validated(claim, inspection(), placement(159), "whose"),
        lambda ledger, claim: ledger.refuse(claim, Reason.EMPTY, "empty"),
        lambda ledger, claim: ledger.set_waiting(
            claim, inspection(), Reason.PRODUCT_UNKNOWN, "whose?"
        ),
    ],
)
def test_names_are_kept_only_while_nobody_knows_whose_it_is(
    ledger: Ledger, file: Path, ends: Callable[[Ledger, Claim], object]
) -> None:
    of_unknown_product(file, 1)
    shot(ledger)
    names = Names("other-0")
    assert next_to_send(ledger, names) is None
    waiting = ledger.claim("unknown-0")
    assert waiting is not None
    ends(ledger, waiting)
    ledger.make_durable()
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("SELECT * FROM proposed_names").fetchall() == []
    assert next_to_send(ledger, names) is not None


def test_where_a_waiting_one_is_taken_up_again_its_names_are_written_again(
    ledger: Ledger, file: Path
) -> None:
    unknown = ledger.receive(arrival("/in/other-0.jpg"), original("/in/other-0.jpg", b"0"))
    shot(ledger)
    names = Names("other-0")
    assert next_to_send(ledger, names) is None
    waiting = claimed(ledger, unknown)
    ledger.set_waiting(waiting, inspection(), Reason.PRODUCT_UNKNOWN, "whose?")
    ledger.retry(unknown.id)
    assert next_to_send(ledger, names) is None
    assert names.asked == 2
    ledger.make_durable()
    assert problems_of(file) == []
