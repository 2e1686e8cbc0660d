"""When the store's trouble is with one photograph alone: it may not hold up all."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from pipeline.claimable import ANYBODYS
from pipeline.engine import Engine
from pipeline.engine.stumbles import TRIES, Stumbles, gave_way
from pipeline.errors import (
    NotReady,
    PhotoRefused,
    StoreDenied,
    StoreError,
    StoreIntercepted,
    StoreRejected,
    StoreThrottled,
    StoreUnavailable,
    StoreUnreachable,
    StoreUnsure,
)
from pipeline.lifecycle import FINAL_STATES, Reason, State
from pipeline.values import Photo, Step
from tests.engine.fake_stages import FakeStages
from tests.makers import ManualClock, arrival


def test_a_store_that_does_badly_with_all_is_to_blame_and_no_photograph() -> None:
    stumbles = Stumbles()
    assert not any(stumbles.stumbled(photo) for _ in range(1000) for photo in "abc")


def test_one_that_it_stumbles_over_while_it_takes_others_is_found_out() -> None:
    stumbles, answers = Stumbles(), []
    for _ in range(TRIES + 1):
        answers.append(stumbles.stumbled("a"))
        stumbles.went_well("b")
    assert answers == [False] * TRIES + [True]
    assert not stumbles.stumbled("a"), "it is counted anew"


def test_one_that_went_up_in_the_end_begins_anew() -> None:
    stumbles = Stumbles()
    for _ in range(100):
        for _ in range(TRIES):
            assert not stumbles.stumbled("a")
            stumbles.went_well("b")
        stumbles.went_well("a")


def test_what_the_store_did_just_now_counts_as_well() -> None:
    stumbles = Stumbles()
    assert [stumbles.stumbled("a", well=True) for _ in range(TRIES)] == [False] * (TRIES - 1) + [
        True
    ]


def test_what_is_remembered_does_not_grow_without_bound() -> None:
    stumbles = Stumbles()
    for number in range(30_000):
        stumbles.stumbled(str(number))
    assert len(stumbles) <= 10_000


TRANSIENT: dict[str, Callable[[], StoreError]] = {
    "503": lambda: StoreUnavailable("the shop has trouble (503)"),
    "500 of a create call": lambda: StoreUnsure("the shop has trouble (500)"),
    "reset": lambda: StoreUnreachable("the connection was reset"),
    "429": lambda: StoreThrottled("slow down", 2.0),
    "login page": lambda: StoreIntercepted("a page for people came"),
}


def shoot(engine: Engine, products: int, each: int) -> None:
    for number in range(1, each + 1):
        for product in range(158, 158 + products):
            engine.submit(arrival(f"/{product}/{number}.jpg", product_id=product))


def work_on(engine: Engine, clock: ManualClock, rounds: int = 400, others: int = 0) -> None:
    """Advance whatever is due; where nothing is, time goes on, and another product is shot."""
    for _ in range(rounds):
        moved = False
        for kind in (Step.UPLOAD, Step.PREPARE):
            if (claim := engine.ledger.claim_next(kind, ANYBODYS)) is not None:
                engine.advance(claim)
                moved = True
        if all(photo.state in FINAL_STATES for photo in engine.ledger.photos()):
            return
        if not moved:
            clock.forward(120)
            if others:
                others -= 1
                engine.submit(arrival(f"/900/{others}.jpg", product_id=900))


def order_in_the_store(engine: Engine, store: FakeStages, product: int) -> list[str]:
    paths = {photo.image.id: photo.path.stem for photo in engine.ledger.photos() if photo.image}
    return [paths[image.id] for image in store.images if image.product_id == product]


SEEDS = [0, 1, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(2, 20))]


@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_the_store_does_in_between_each_product_is_in_its_order(
    engine: Engine, store: FakeStages, clock: ManualClock, seed: int
) -> None:
    chance = random.Random(seed)
    for stage in ("place", "deliver", "deliver", "find"):
        names = [name for name in TRANSIENT if stage == "deliver" or "create" not in name]
        store.trouble(
            stage, *(TRANSIENT[chance.choice(names)]() for _ in range(chance.randrange(12)))
        )
    store.trouble("deliver", NotReady("its prepared picture cannot be read"))
    for errors in store.errors.values():
        chance.shuffle(errors)
    shoot(engine, products=4, each=5)
    work_on(engine, clock)
    assert engine.ledger.tally()[State.STORED] == 20, f"seed {seed}"
    for product in range(158, 162):
        assert order_in_the_store(engine, store, product) == list("12345"), f"seed {seed}"


def failed(engine: Engine) -> Photo:
    (photo,) = engine.ledger.photos(State.FAILED)
    return photo


@pytest.mark.parametrize("name", ["503", "500 of a create call"])
def test_one_that_the_store_never_takes_holds_up_its_product_until_that_is_said(
    engine: Engine, store: FakeStages, clock: ManualClock, name: str
) -> None:
    store.poison("deliver", 158, "1", TRANSIENT[name])
    shoot(engine, products=1, each=4)
    work_on(engine, clock, others=2 * TRIES)
    photo = failed(engine)
    assert (photo.path.name, photo.reason) == ("1.jpg", Reason.STORE_TROUBLE)
    assert "look at their order" in photo.sentence
    assert order_in_the_store(engine, store, 158) == list("234")
    store.poisons.clear()
    engine.ledger.retry(photo.id)
    work_on(engine, clock)
    assert order_in_the_store(engine, store, 158) == list("2341")


def test_where_nothing_else_goes_up_it_is_waited_for(
    engine: Engine, store: FakeStages, clock: ManualClock
) -> None:
    store.trouble("deliver", *(TRANSIENT["503"]() for _ in range(40)))
    shoot(engine, products=1, each=5)
    work_on(engine, clock)
    assert order_in_the_store(engine, store, 158) == list("12345")


@pytest.mark.parametrize("well", [True, False])
def test_a_question_that_the_catalogue_never_answers_holds_up_others_only_while_it_is_in_trouble(
    engine: Engine, store: FakeStages, clock: ManualClock, well: bool
) -> None:
    store.answers_well = well
    store.poison("place", 158, "1", TRANSIENT["503"])
    for number in range(1, 4):
        engine.submit(arrival(f"/158/{number}.jpg"))
    work_on(engine, clock, 60)
    if well:
        photo = failed(engine)
        assert (photo.path.name, photo.reason) == ("1.jpg", Reason.STORE_TROUBLE)
        assert order_in_the_store(engine, store, 158) == list("23")
    else:
        assert store.images == []
        store.poisons.clear()
        work_on(engine, clock)
        assert order_in_the_store(engine, store, 158) == list("123")


@pytest.mark.parametrize(
    "error", [StoreRejected(422, "no room"), StoreRejected(404, "no such product")]
)
def test_what_is_its_own_fault_holds_up_nobody(
    engine: Engine, store: FakeStages, clock: ManualClock, error: StoreError
) -> None:
    store.trouble("deliver", error)
    shoot(engine, products=1, each=3)
    work_on(engine, clock)
    assert failed(engine).path.name == "1.jpg"
    assert order_in_the_store(engine, store, 158) == list("23")


def test_a_picture_that_cannot_be_read_in_the_spool_again_and_again_is_made_anew(
    engine: Engine, store: FakeStages, clock: ManualClock
) -> None:
    store.trouble("deliver", *(NotReady("it cannot be read") for _ in range(5)))
    engine.submit(arrival("/158/1.jpg", product_id=158))
    work_on(engine, clock)
    (photo,) = engine.ledger.photos()
    assert photo.state is State.STORED
    assert store.renders == 2


@pytest.mark.parametrize("stage", ["check", "render"])
@pytest.mark.parametrize("reason", [Reason.UNREADABLE, Reason.VANISHED, Reason.NO_MEMORY])
def test_a_disk_that_is_away_for_a_moment_or_memory_that_is_short_costs_no_place(
    engine: Engine, store: FakeStages, clock: ManualClock, stage: str, reason: Reason
) -> None:
    store.trouble(stage, *(PhotoRefused(reason, "for now") for _ in range(2)))
    shoot(engine, products=1, each=3)
    work_on(engine, clock)
    assert order_in_the_store(engine, store, 158) == list("123")
    store.poison("check", 158, "4", lambda: PhotoRefused(reason, "for ever"))
    for number in (4, 5):
        engine.submit(arrival(f"/158/{number}.jpg", product_id=158))
    work_on(engine, clock)
    (photo,) = engine.ledger.photos(State.REFUSED)
    assert (photo.path.name, photo.reason) == ("4.jpg", reason)
    assert order_in_the_store(engine, store, 158) == list("1235")


def test_a_token_that_is_not_taken_is_nobodys_fault(engine: Engine, store: FakeStages) -> None:
    for _ in range(3 * TRIES):
        store.trouble("deliver", StoreDenied("the token is not good"))
    engine.submit(arrival("/158/1.jpg", product_id=158))
    for _ in range(3):
        for kind in Step:
            if (claim := engine.ledger.claim_next(kind, ANYBODYS)) is None:
                continue
            try:
                engine.advance(claim)
            except StoreDenied:
                continue
    (photo,) = engine.ledger.photos()
    assert photo.state is State.PREPARED


def test_the_sentence_says_what_happened_and_what_to_do() -> None:
    said = gave_way("the shop has trouble (500)")
    assert said.startswith("the shop has trouble (500), again and again")
    assert "Retry it" in said
