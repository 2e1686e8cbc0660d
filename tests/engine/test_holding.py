"""What is ready is held until its product lacks nothing, and goes up in its order then."""

from __future__ import annotations

from dataclasses import replace

from pipeline.engine import Engine
from pipeline.lifecycle import Reason, State
from pipeline.values import Photo
from tests.engine.fake_stages import FakeStages, advance
from tests.makers import ManualClock, arrival


class Needed:
    """Says that a product lacks something until so many of its photographs are ready."""

    def __init__(self, engine: Engine, number: int) -> None:
        self.engine = engine
        self.number = number

    def lacks(self, photo: Photo) -> str:
        assert photo.placement is not None
        of_product = self.engine.ledger.of_product(photo.placement.product_id)
        ready = [one for one in of_product if one.state in (State.PREPARED, State.STORED)]
        return "" if len(ready) >= self.number else f"SM-13 lacks {self.number - len(ready)}"


def holding(engine: Engine, number: int) -> tuple[Engine, Needed]:
    needed = Needed(engine, number)
    stages = replace(engine.stages, lacks=needed.lacks)
    return Engine(engine.ledger, stages, engine.clock, engine.retry_times, engine.observer), needed


def worked_off(engine: Engine) -> dict[str, tuple[State, Reason | None]]:
    for _ in range(20):
        advance(engine)
    return {photo.path.name: (photo.state, photo.reason) for photo in engine.ledger.photos()}


def test_the_last_view_lets_the_others_go_in_their_order(engine: Engine, store: FakeStages) -> None:
    engine, _ = holding(engine, 3)
    for name in ("c", "b"):
        engine.submit(arrival(f"/158/{name}.jpg", product_id=158))
    held = (State.PREPARED, Reason.HELD)
    assert worked_off(engine) == {"c.jpg": held, "b.jpg": held}
    assert store.creates == 0
    (one, *_) = engine.ledger.photos()
    assert one.sentence == "held: SM-13 lacks 1"
    engine.submit(arrival("/158/a.jpg", product_id=158))
    assert {state for state, _ in worked_off(engine).values()} == {State.STORED}
    stored = sorted(engine.ledger.photos(), key=lambda photo: photo.image.id if photo.image else 0)
    assert [photo.path.name for photo in stored] == ["a.jpg", "b.jpg", "c.jpg"]


def test_what_is_needed_no_longer_is_let_go_when_it_is_asked_again(
    engine: Engine, store: FakeStages, clock: ManualClock
) -> None:
    engine, needed = holding(engine, 3)
    engine.submit(arrival("/158/a.jpg", product_id=158))
    worked_off(engine)
    assert engine.holding.again() == 0
    needed.number = 1
    assert engine.holding.again() == 1
    assert worked_off(engine)["a.jpg"][0] is State.STORED


def test_where_nothing_is_to_be_held_what_was_is_let_go(engine: Engine, store: FakeStages) -> None:
    holder, _ = holding(engine, 3)
    holder.submit(arrival("/158/a.jpg", product_id=158))
    worked_off(holder)
    assert engine.holding.again() == 1
    assert worked_off(engine)["a.jpg"][0] is State.STORED
