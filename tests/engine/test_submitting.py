"""Arrivals are submitted in pieces, the first at once, and in few transactions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest

from pipeline.claimable import ANYBODYS
from pipeline.engine import Engine
from pipeline.engine.receiving import MOST_AT_ONCE
from pipeline.engine.submitting import Submitting, changed_since_last_run
from pipeline.errors import NotReady
from pipeline.left_out import By, LeftOutCount
from pipeline.lifecycle import Reason, State
from pipeline.values import Arrival, KnownFile, Photo, Receipt, Step
from tests.engine.fake_stages import FakeStages
from tests.makers import arrival


def submitting(engine: Engine, *, list_known: bool = False) -> Submitting:
    return Submitting(engine, lambda: False, lambda: None, list_known=list_known)


def test_a_thousand_files_are_written_down_in_a_dozen_transactions(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[int] = []
    receive_all = engine.ledger.receive_all

    def noted(receipts: Sequence[Receipt]) -> Sequence[Photo]:
        written.append(len(receipts))
        return receive_all(receipts)

    monkeypatch.setattr(engine.ledger, "receive_all", noted)
    monkeypatch.setattr("pipeline.engine.receiving.WRITE_SECONDS", 60.0)
    monkeypatch.setattr("pipeline.engine.submitting.WRITE_SECONDS", 60.0)
    arrivals = (arrival(f"/158/{number:04d}.jpg") for number in range(1000))
    submitting(engine).all_of(arrivals, 0.0, lambda seconds: None)
    assert sum(written) == 1000
    assert written[0] == 1, "work on the first begins at once"
    assert max(written) == MOST_AT_ONCE
    assert len(written) <= 12
    paths = [photo.path for photo in engine.ledger.photos()]
    assert paths == sorted(paths)


def test_what_takes_long_to_find_is_submitted_meanwhile(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.engine.submitting.WRITE_SECONDS", 0.0)

    def slowly() -> Iterator[Arrival]:
        for number in range(4):
            assert engine.ledger.tally()[State.RECEIVED] == number
            yield arrival(f"/158/{number}.jpg")

    submitting(engine).all_of(slowly(), 0.0, lambda seconds: None)


def test_what_is_not_ready_is_tried_again_and_told_of_at_the_end(
    engine: Engine, store: FakeStages
) -> None:
    store.trouble("accept", *[NotReady("it is being written")] * 3)
    pauses: list[float] = []
    one = submitting(engine)
    one.all_of([arrival("/158/a.jpg"), arrival("/158/b.jpg")], 2.0, pauses.append)
    assert len(pauses) >= 2
    assert one.not_taken == ()
    assert engine.ledger.tally()[State.RECEIVED] == 2

    store.trouble("accept", *[NotReady("it is being written")] * 9)
    one = submitting(engine)
    one.all_of([arrival("/158/c.jpg")], 1.0, pauses.append)
    assert [path.name for path in one.not_taken] == ["c.jpg"]


def test_what_is_known_is_counted_unless_it_is_listed(engine: Engine, store: FakeStages) -> None:
    accepts = engine.stages.accept
    stamped = replace(arrival("/158/a.jpg", product_id=158), stamp="1:2:3:4")
    content = replace(accepts(stamped), stamp="1:2:3:4")
    engine.ledger.receive(stamped, content)
    for step in (Step.PREPARE, Step.PREPARE, Step.UPLOAD):
        claim = engine.ledger.claim_next(step, ANYBODYS)
        assert claim is not None
        engine.advance(claim)
    counting, listing = submitting(engine), submitting(engine, list_known=True)
    counting.all_of([stamped], 0.0, lambda seconds: None)
    listing.all_of([stamped], 0.0, lambda seconds: None)
    assert (counting.known, listing.known) == (1, 0)


def test_since_the_last_run_what_is_known_is_left_out_and_all_else_comes_in_its_order() -> None:
    arrivals = [arrival(f"/158/{number:04d}.jpg") for number in range(600)]
    asked: list[int] = []

    def known(piece: Sequence[Arrival]) -> list[KnownFile | None]:
        asked.append(len(piece))
        done = KnownFile(photo_id="a", state=State.STORED)
        return [done if int(one.path.stem) % 3 == 0 else None for one in piece]

    left_out = LeftOutCount()
    come = list(changed_since_last_run(arrivals, known, left_out))
    assert come == [one for number, one in enumerate(arrivals) if number % 3]
    (cause,) = left_out.all
    assert (cause.cause.by, cause.files) == (By.LAST_RUN, 200)
    # The first is not kept waiting for the others, and no question is about all of them.
    assert (asked[0], sum(asked)) == (1, 600)
    assert max(asked) <= MOST_AT_ONCE


def test_a_limit_takes_the_first_and_counts_the_others(engine: Engine) -> None:
    one = submitting(engine)
    arrivals = [arrival(f"/158/{number:04d}.jpg") for number in range(600)]
    one.all_of(arrivals, 0.0, lambda seconds: None, limit=301)
    assert [photo.path for photo in engine.ledger.photos()] == [
        arrival.path for arrival in arrivals[:301]
    ]
    assert one.beyond_limit == 299


def test_what_failed_before_is_left_and_takes_no_place(engine: Engine) -> None:
    submitting(engine).all_of([arrival("/158/1.jpg")], 0.0, lambda seconds: None)
    claim = engine.ledger.claim_next(Step.PREPARE, ANYBODYS)
    assert claim is not None
    engine.ledger.fail(claim, Reason.DEFECT, "it went wrong", retry_from=State.RECEIVED)
    one = submitting(engine)
    arrivals = [arrival(f"/158/{number}.jpg") for number in (1, 2, 3)]
    one.all_of(arrivals, 0.0, lambda seconds: None, limit=1)
    states = {photo.path.name: photo.state for photo in engine.ledger.photos()}
    assert states == {"1.jpg": State.FAILED, "2.jpg": State.RECEIVED}
    assert one.beyond_limit == 2
