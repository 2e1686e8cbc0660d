"""Two files that show the same are one photograph of their product, whoever of them goes first."""

from __future__ import annotations

import pytest

from pipeline.claimable import ANYBODYS
from pipeline.engine import Engine
from pipeline.errors import PhotoRefused, StoreUnsure
from pipeline.lifecycle import Reason, State
from pipeline.values import Photo, Step
from tests.engine.fake_stages import SETTLE, FakeStages, advance
from tests.makers import ManualClock, arrival

ALIKE = {"a.jpg": "1" * 64, "b.jpg": "1" * 64, "c.jpg": "2" * 64}


@pytest.fixture(autouse=True)
def alike(store: FakeStages) -> None:
    """Two pictures that show the same, and one that does not."""
    store.likenesses = ALIKE


def submitted(engine: Engine, *paths: str, product_id: int = 158) -> None:
    for path in paths:
        engine.submit(arrival(path, product_id=product_id))


def worked_off(engine: Engine) -> list[Photo]:
    """Advance until nothing is due; return the photographs."""
    for _ in range(40):
        advance(engine)
    return list(engine.ledger.photos())


def stories(engine: Engine, photo: Photo) -> str:
    return "\n".join(line.sentence for line in engine.ledger.history(photo.id))


def test_a_file_that_shows_what_is_stored_becomes_part_of_it(
    engine: Engine, store: FakeStages
) -> None:
    submitted(engine, "/158/a.jpg")
    (first,) = worked_off(engine)
    submitted(engine, "/158/b.jpg", "/158/c.jpg")
    photos = worked_off(engine)
    assert {photo.path.name: photo.state for photo in photos} == {
        "a.jpg": State.STORED,
        "c.jpg": State.STORED,
    }
    assert store.creates == 2
    assert "a file that shows the same arrived as /158/b.jpg" in stories(engine, first)
    outcomes = {
        line.path.name: (line.photo.id, line.already) for line in engine.ledger.run_report().lines
    }
    assert outcomes["b.jpg"] == (first.id, True)


def test_two_that_were_prepared_before_either_was_sent_are_sent_once(
    engine: Engine, store: FakeStages
) -> None:
    submitted(engine, "/158/a.jpg", "/158/b.jpg")
    for _ in range(4):
        claim = engine.ledger.claim_next(Step.PREPARE, ANYBODYS)
        assert claim is not None
        engine.advance(claim)
    assert {photo.state for photo in engine.ledger.photos()} == {State.PREPARED}
    (photo,) = worked_off(engine)
    assert (photo.path.name, photo.state, store.creates) == ("a.jpg", State.STORED, 1)
    assert len(store.dropped) == 2


def test_the_same_in_another_product_is_another_photograph(
    engine: Engine, store: FakeStages
) -> None:
    submitted(engine, "/158/a.jpg")
    submitted(engine, "/159/b.jpg", product_id=159)
    assert {photo.state for photo in worked_off(engine)} == {State.STORED}
    assert store.creates == 2


def test_one_that_may_be_in_the_store_is_waited_for(
    engine: Engine, store: FakeStages, clock: ManualClock
) -> None:
    submitted(engine, "/158/a.jpg")
    store.trouble("deliver", StoreUnsure("no answer"))
    store.makes_it_all_the_same = True
    for _ in range(3):
        advance(engine)
    # The one in doubt is looked for later: the other must not go meanwhile.
    store.trouble("find", StoreUnsure("no answer"))
    submitted(engine, "/158/b.jpg")
    for _ in range(8):
        advance(engine)
    assert store.creates == 1
    clock.forward(SETTLE)
    (photo,) = worked_off(engine)
    assert (photo.path.name, photo.state, store.creates) == ("a.jpg", State.STORED, 1)


def test_one_that_certainly_did_not_arrive_lets_the_other_go(
    engine: Engine, store: FakeStages, clock: ManualClock
) -> None:
    submitted(engine, "/158/a.jpg", "/158/b.jpg")
    store.trouble("deliver", StoreUnsure("no answer"))
    for _ in range(20):
        worked_off(engine)
        clock.forward(SETTLE)
    photos = worked_off(engine)
    assert [photo.state for photo in photos] == [State.STORED]
    assert (store.creates, len(store.images)) == (2, 1)


def test_the_same_file_again_is_known_and_not_looked_into(
    engine: Engine, store: FakeStages
) -> None:
    submitted(engine, "/158/a.jpg")
    worked_off(engine)
    engine.submit(arrival("/158/b.jpg"))
    worked_off(engine)
    renders = store.renders
    for again in (arrival("/158/b.jpg"), arrival("/158/b.jpg", product_id=158)):
        photo = engine.submit(again)
        assert photo is not None
        assert (photo.path.name, photo.state) == ("a.jpg", State.STORED)
    worked_off(engine)
    assert (store.renders, store.creates) == (renders, 1)


def test_where_the_stored_one_is_gone_the_other_is_a_photograph_of_its_own(
    engine: Engine, store: FakeStages
) -> None:
    submitted(engine, "/158/a.jpg")
    (first,) = worked_off(engine)
    submitted(engine, "/158/b.jpg")
    worked_off(engine)
    # Its image vanished, and so did its file: only the other still shows it.
    store.images.clear()
    assert engine.ledger.requeue_missing(first.id, "gone") is not None
    store.trouble("render", PhotoRefused(Reason.REPLACED, "another file lies there"))
    worked_off(engine)
    submitted(engine, "/158/b.jpg")
    states = {photo.path.name: photo.state for photo in worked_off(engine)}
    assert states == {"a.jpg": State.REFUSED, "b.jpg": State.STORED}


def test_what_was_deleted_by_hand_stays_deleted_under_either_name(
    engine: Engine, store: FakeStages
) -> None:
    submitted(engine, "/158/a.jpg")
    (first,) = worked_off(engine)
    submitted(engine, "/158/b.jpg")
    worked_off(engine)
    assert first.image is not None
    engine.ledger.removed(158, first.image.id)
    submitted(engine, "/158/a.jpg", "/158/b.jpg")
    (photo,) = worked_off(engine)
    assert (photo.state, store.creates) == (State.REMOVED, 1)


def test_a_file_whose_likeness_nobody_knows_is_never_part_of_another(
    engine: Engine, store: FakeStages
) -> None:
    store.likenesses = {}
    submitted(engine, "/158/a.jpg", "/158/b.jpg")
    assert len(worked_off(engine)) == 2
    assert store.creates == 2
