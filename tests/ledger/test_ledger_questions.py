"""No question reads all rows: every statement of the ledger is explained, on one that is full."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline.batches import BatchKind, ChangeKind, PlannedChange
from pipeline.claimable import ANYBODYS, OWN, Claimable, NameRules
from pipeline.ledger import Ledger, LedgerReader
from pipeline.ledger.port import ByHand, Decision
from pipeline.ledger.sqlite import open_ledger, open_reader
from pipeline.lifecycle import Reason, State
from pipeline.scope import EVERYTHING, Scope
from pipeline.skus import CatalogueAge
from pipeline.values import Claim, ProductName, Receipt, Step
from pipeline.wanted import ALL, Wanted
from tests.contract.steps import take
from tests.ledger.conftest import STORE
from tests.ledger.plans import Plans
from tests.ledger.synthetic import FIRST_IMAGE, FIRST_PRODUCT, PER_PRODUCT, make, path_of
from tests.makers import (
    ManualClock,
    arrival,
    inspection,
    original,
    picture,
    placement,
    stored_image,
)

ROWS = 4_000

MOST_STEPS = 6_000
"""Of SQLite's machine for one call; who reads all rows, or all entries of an index, takes more."""

STREAMING = {"stored_product_count", "named"}
"""Reports that read all photographs, page by page."""


NAME_RULES = NameRules(
    rules=1,
    proposed=lambda one: {one.path.stem},
    of_product=lambda product_id: {"no such name"},
)


class Asked:
    """A ledger that notes how much each of its methods had SQLite do, at the most."""

    def __init__(self, ledger: LedgerReader, plans: Plans) -> None:
        self.steps: dict[str, int] = {}
        self._ledger = ledger
        self._plans = plans

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._ledger, name)

        def call(*values: object, **named: object) -> object:
            before = self._plans.steps
            answer = method(*values, **named)
            taken = self._plans.steps - before
            self.steps[name] = max(taken, self.steps.get(name, 0))
            return answer

        return call


@pytest.fixture
def plans(monkeypatch: pytest.MonkeyPatch) -> Plans:
    plans = Plans()
    plans.watch(monkeypatch)
    return plans


@pytest.fixture
def studio(file: Path) -> Path:
    """A ledger with which a studio has worked for years."""
    file.parent.mkdir()
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        make(connection, STORE, ROWS)
    return file


@pytest.fixture
def working(studio: Path, plans: Plans, clock: ManualClock) -> Iterator[Any]:
    ledger = open_ledger(studio, STORE, "run", clock.now)
    with closing(ledger):
        yield Asked(ledger, plans)


def test_no_call_of_who_works_reads_all_rows(
    working: Any, plans: Plans, clock: ManualClock
) -> None:
    bring_in(working)
    wait_for_names(working)
    check_and_prepare(working, clock)
    send(working, clock)
    for step in (None, *Step):
        for any_owner in (True, False):
            working.any_unfinished(any_owner=any_owner, step=step)
            working.unfinished(any_owner=any_owner, step=step)
        working.any_unfinished(any_owner=True, step=step, urgent=True)
    for step in Step:
        working.claim_next(step, OWN, name_rules=NAME_RULES)
        working.claim_next(step, Claimable(shots=True))
        working.claim_next(step, Claimable(shots=True, only_haste=True))
    working.haste_is_due()
    working.others_live()
    working.products_ahead(250)
    leave_and_take_up(working)
    change(working)
    arrange(working)
    hold(working)
    assert list(working.run_report().lines)
    assert all(map(working.arrived_here, working.arrived_photos()))
    working.when_durable(lambda: None)
    working.make_durable()
    ask(working)
    whole = set(working.steps) - STREAMING
    assert methods_of(Ledger) - set(working.steps) == {"check", "close"}, "each was called"
    assert plans.read_whole == {}
    assert {name: working.steps[name] for name in whole if working.steps[name] > MOST_STEPS} == {}


@pytest.mark.parametrize("store", [STORE, None])
def test_no_question_of_who_only_asks_reads_all_rows(
    studio: Path, plans: Plans, store: str | None
) -> None:
    with closing(open_reader(studio, store)) as reader:
        asked: Any = Asked(reader, plans)
        ask(asked)
        counts = reader.tally().counts
    whole = set(asked.steps) - STREAMING
    assert methods_of(LedgerReader) - set(asked.steps) == {"check", "close"}
    assert plans.read_whole == {}
    assert {name: asked.steps[name] for name in whole if asked.steps[name] > MOST_STEPS} == {}
    assert counts == {State.STORED: ROWS}


def bring_in(ledger: Any) -> None:
    for number in range(8):
        new = f"/new/{number}.jpg"
        ledger.receive(arrival(new), original(new, new.encode()))
    ledger.receive(arrival("/new/0.jpg"), original("/new/0.jpg", b"/new/0.jpg"))
    version = original(path_of(9), b"another content")
    ledger.receive(arrival(path_of(9)), version)
    told = original("/new/told.jpg", b"told", product_id=FIRST_PRODUCT)
    ledger.receive(arrival("/new/told.jpg"), told)
    ledger.assignable(told)
    ledger.beside(ledger.receive(arrival("/new/told.jpg"), told))
    ledger.assign(arrival("/new/told.jpg"), told)
    for number in range(2):
        unread = arrival(f"/new/unread-{number}.jpg")
        ledger.receive_refused(unread, Reason.UNREADABLE, "cannot be read")
    ledger.receive(arrival("/new/unread-0.jpg"), original("/new/unread-0.jpg", b"mended"))
    together = arrival("/new/together.jpg")
    receipt = Receipt(arrival=together, original=original(together.path, b"together"))
    ledger.receive_all([receipt])
    ledger.changed_files({Path(path_of(3)): "a stamp"})
    ledger.forget_files(Path("/new"))
    stamped = replace(arrival(path_of(3)), stamp="a stamp")
    ledger.known_files([stamped, replace(stamped, product_id=FIRST_PRODUCT)])
    ledger.remember({Path(path_of(3)): "a stamp"})
    ledger.age_catalogue(ledger.catalogue_age(), CatalogueAge(questions=3))
    ledger.products_bearing([f"SKU-{number}" for number in range(300)])
    ledger.keep_skus({FIRST_PRODUCT: ["SKU-1"], FIRST_PRODUCT + 1: []})
    ledger.note_skus({"SKU-2": [FIRST_PRODUCT]})
    ledger.keep_names({FIRST_PRODUCT: ProductName(sku="SKU-1", name="Mug")})
    ledger.keep_page({FIRST_PRODUCT: ["SKU-1"]}, above=FIRST_PRODUCT - 1, up_to=FIRST_PRODUCT + 9)


def wait_for_names(ledger: Any) -> None:
    """Have a shot judge what arrived before it, of unknown product, as may be its own, and not."""
    path = "/new/shot.jpg"
    shot = replace(arrival(path, product_id=FIRST_PRODUCT + 3), in_haste=True)
    told = original(path, b"shot", product_id=FIRST_PRODUCT + 3)
    photo = ledger.receive(shot, told)
    ledger.validated(ledger.claim(photo.id), inspection(), placement(FIRST_PRODUCT + 3), "whole")
    ledger.prepared(ledger.claim(photo.id), picture(), "made")
    for own in (False, True):
        may = Claimable(any_owner=not own, only_haste=True)
        waits_for = replace(NAME_RULES, of_product=lambda product_id: {"0"})
        assert ledger.claim_next(Step.UPLOAD, may, name_rules=waits_for) is None
        claim = ledger.claim_next(Step.UPLOAD, may, name_rules=NAME_RULES)
        assert claim is not None
        ledger.release(claim)
    ledger.fail(ledger.claim(photo.id), Reason.DEFECT, "a defect", retry_from=State.PREPARED)


def check_and_prepare(ledger: Any, clock: ManualClock) -> None:
    waits, refused, checked, failed = (take(ledger) for _ in range(4))
    ledger.set_waiting(waits, inspection(), Reason.PRODUCT_UNKNOWN, "whose is it?")
    ledger.retry(waits.photo.id)
    ledger.refuse(refused, Reason.EMPTY, "empty")
    ledger.fail(failed, Reason.DEFECT, "a defect", retry_from=State.RECEIVED)
    ledger.validated(checked, inspection(), placement(FIRST_PRODUCT + 1), "whole")
    again = ledger.claim(checked.photo.id)
    ledger.shown_already(again, picture())
    ledger.prepared(again, picture(), "made")
    ledger.unprepared(ledger.claim(checked.photo.id), "made anew")
    ledger.postpone(ledger.claim(checked.photo.id), "later", not_before=clock.now(), attempts=1)
    claim = take(ledger, any_owner=False)
    for may in (OWN, ANYBODYS, Claimable(shots=True)):
        ledger.claim_beside(claim, may, most=7, most_bytes=10**9)
    ledger.release(claim)
    ledger.recover()


def send(ledger: Any, clock: ManualClock) -> None:
    product, now = FIRST_PRODUCT + 2, clock.now()
    there, lost, found = (prepared(ledger, name, product) for name in ("a", "b", "c"))
    assert ledger.adopted(there, stored_image(9_000_002, product), "was there")
    for claim in (lost, found):
        sent = ledger.intend(claim)
        ledger.doubt(sent, "?", ended_at=now, missing_since=None, not_before=now)
        ledger.attempt_ended_at(sent.photo)
        ledger.send_record(sent.photo)
    ledger.not_sent(ledger.claim(lost.photo.id), "not there", not_before=None, attempts=1)
    looked = take(ledger, Step.UPLOAD)
    image = stored_image(9_000_001, product)
    assert ledger.stored(looked, image, "found", as_answered=True)
    another = stored_image(9_000_003, product)
    assert ledger.stays(found.photo.id, [9_000_001], another, "it is there twice")
    assert ledger.requeue_missing(found.photo.id, "gone from the shop") is not None
    removed = ledger.removed(FIRST_PRODUCT, FIRST_IMAGE)
    assert ledger.restore(removed.id, placement(FIRST_PRODUCT), "put back") is not None
    ledger.listed(product, {"abc": [stored_image(9_000_004, product)]})
    ledger.gone(product, {9_000_004}, now)


def change(ledger: Any) -> None:
    image = stored_image(FIRST_IMAGE + 9, FIRST_PRODUCT + 2)
    own = ledger.own_batch()
    ledger.plan(
        [
            PlannedChange(kind=ChangeKind.UPDATE, image=image, facts={"sort_order": 2}),
            PlannedChange(kind=ChangeKind.DELETE, image=image),
            PlannedChange(kind=ChangeKind.DELETE, image=image),
        ]
    )
    assert ledger.product_to_do(own, 0) == image.product_id
    moved, deleted, left = ledger.changes_in(own, image.product_id)
    for one in (moved, deleted, left):
        ledger.intend_change(one.number, image, None)
    ledger.change_done(moved, replace(image, sort_order=2), "order 2")
    ledger.shown_as([replace(image, sort_order=3)])
    ledger.change_done(deleted, None, "deleted")
    ledger.leave_change(left.number, "it is not there")
    assert list(ledger.take_up_batches()) == []
    assert ledger.begin_batch(BatchKind.UNDO, takes_back=own) > own


def arrange(ledger: Any) -> None:
    claim = prepared(ledger, "late", FIRST_PRODUCT + 3)
    image = stored_image(FIRST_IMAGE - 1, FIRST_PRODUCT + 3)
    ledger.stored(ledger.intend(claim), image, "stored", in_place=False)
    (product_id, *_) = ledger.take_to_arrange(
        ManualClock().now() + timedelta(days=999), FIRST_PRODUCT + 2, 9
    )
    assert image.id in ledger.made_here(product_id)
    ledger.note_by_hand(product_id, [ByHand(image.id, Decision.MAIN)])
    assert list(ledger.by_hand(product_id)) == [ByHand(image.id, Decision.MAIN)]
    ledger.forget_by_hand(product_id, [*Decision])
    ledger.to_be_arranged(product_id)
    ledger.give_back_to_arrange(product_id)
    ledger.arranged(product_id)


def hold(ledger: Any) -> None:
    held = ledger.hold(prepared(ledger, "held", FIRST_PRODUCT + 4), "held: SM-13 lacks back")
    assert [photo.id for photo in ledger.held()] == [held.id]
    assert ledger.let_go(FIRST_PRODUCT + 4, "complete") == 1


def leave_and_take_up(ledger: Any) -> None:
    for scope in (EVERYTHING, Scope.of([Path("/new")], hook=True)):
        ledger.take_up(scope)
        list(ledger.pending(scope))
    batch = ledger.batch_so_far()
    assert batch is not None
    list(ledger.pending_of(batch))
    ledger.receive(arrival("/new/drop.jpg"), original("/new/drop.jpg", b"drop"))
    dropped = take(ledger)
    ledger.set_waiting(dropped, inspection(), Reason.PRODUCT_UNKNOWN, "whose is it?")
    assert ledger.drop(dropped.photo.id)


def prepared(ledger: Any, name: str, product_id: int) -> Claim:
    path = f"/new/{name}.jpg"
    photo = ledger.receive(arrival(path), original(path, name.encode()))
    ledger.validated(ledger.claim(photo.id), inspection(), placement(product_id), "whole")
    ledger.prepared(ledger.claim(photo.id), picture(), "made")
    claim: Claim = ledger.claim(photo.id)
    return claim


def ask(ledger: Any) -> None:
    (photo,) = ledger.at_path(Path(path_of(77)))
    ledger.photo(photo.id)
    ledger.history(photo.id)
    ledger.tally()
    ledger.stores_that_answered()
    ledger.stores()
    ledger.met()
    ledger.stored_since(ManualClock().now() - timedelta(days=1))
    ledger.arrived_since(ManualClock().now() + timedelta(days=1))
    next(ledger.found_since(ManualClock().now() - timedelta(days=1)), None)
    ledger.stored_products(0, 25)
    ledger.stored_product_count()
    ledger.of_product(FIRST_PRODUCT)
    ledger.of_content(photo.sha256[:10])
    ledger.needs_bytes(photo.sha256)
    ledger.left_behind()
    ledger.left_behind(nobody_works=True)
    ledger.of_image(FIRST_IMAGE)
    ledger.skus_of(FIRST_PRODUCT)
    ledger.product_names([FIRST_PRODUCT])
    ledger.products_bearing(["SM-13", "NONE"])
    ask_of_the_journal(ledger, photo.id)
    assert ledger.named("_3.jpg", 20).number == ROWS // PER_PRODUCT
    assert ledger.named("nothing is called so", 20).number == 0
    for state in (None, *State):
        next(ledger.photos(state), None)
    for wanted in (
        ALL,
        Wanted(product_id=FIRST_PRODUCT),
        Wanted(sku="SKU-1"),
        Wanted(within=Path(path_of(77)).parent),
        Wanted(reason=Reason.EMPTY),
        Wanted(reason=Reason.NOT_SENT),
        Wanted(reason=Reason.HELD),
        Wanted(since=photo.changed_at),
        Wanted(states=frozenset({State.STORED}), since=photo.changed_at),
    ):
        next(ledger.wanted(wanted), None)


def ask_of_the_journal(ledger: Any, photo_id: str) -> None:
    first = ledger.batch(1)
    assert first is not None
    assert len(ledger.batches(3)) == 3
    assert next(ledger.created_in(2))
    assert next(ledger.brought_in(2))
    next(ledger.stored_for_others(2), None)
    assert next(ledger.changes_of(2))
    assert ledger.changes_of_product(FIRST_PRODUCT + 76 // PER_PRODUCT)
    assert ledger.changes_of_photo(photo_id)


def methods_of(port: type) -> set[str]:
    return {name for name in dir(port) if not name.startswith("_")}
