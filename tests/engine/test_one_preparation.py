"""A picture for several products is made once, and each of its photographs sends that one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from pipeline.claimable import ANYBODYS
from pipeline.engine import Engine
from pipeline.engine.one_preparation import made_for_another
from pipeline.intake.together import as_one
from pipeline.lifecycle import State
from pipeline.values import Picture, Placement, Step
from tests.engine.fake_stages import FakeStages, advance
from tests.makers import ManualClock, arrival

THREE = as_one([Placement(product_id=one, rule="said so") for one in (13, 14, 15)])


@pytest.fixture(autouse=True)
def for_three(engine: Engine, store: FakeStages) -> None:
    engine.stages = replace(
        engine.stages, place=lambda original: THREE, bring_back=kept(store, is_kept=True)
    )
    engine.submit(arrival("/shoot/a.jpg"))
    advance(engine)


def kept(store: FakeStages, *, is_kept: bool) -> Callable[[Picture], bool]:
    def bring_back(picture: Picture) -> bool:
        if is_kept:
            store.dropped.discard(picture.spool_name)
        return is_kept

    return bring_back


def worked_off(engine: Engine, clock: ManualClock) -> None:
    for _ in range(20):
        advance(engine)
        engine.ledger.make_durable()
        clock.forward(2)


def test_it_is_made_once_and_sent_once_to_each(
    engine: Engine, store: FakeStages, clock: ManualClock
) -> None:
    worked_off(engine, clock)
    assert {photo.state for photo in engine.ledger.photos()} == {State.STORED}
    assert (store.renders, store.creates) == (1, 3)
    assert sorted(image.product_id for image in store.images) == [13, 14, 15]


def test_where_its_bytes_are_not_kept_it_is_made_again(
    engine: Engine, store: FakeStages, clock: ManualClock
) -> None:
    engine.stages = replace(engine.stages, bring_back=kept(store, is_kept=False))
    worked_off(engine, clock)
    assert store.creates == 3
    assert store.renders > 1


def test_while_one_makes_it_the_others_wait(
    engine: Engine, store: FakeStages, clock: ManualClock
) -> None:
    claim, other = (engine.ledger.claim_next(Step.PREPARE, ANYBODYS) for _ in range(2))
    assert claim is not None
    assert other is not None
    assert made_for_another(engine.ledger, engine.stages, other, clock.now()).soon
    advance(engine)
    assert store.renders == 0
