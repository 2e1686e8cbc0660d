"""A store whose every answer fails is left in peace, and asked by one upload at a time."""

from __future__ import annotations

from pipeline.engine import Engine, work
from pipeline.engine.ports import StoreHealth
from pipeline.engine.work import Coordinator
from pipeline.errors import StoreUnavailable
from pipeline.values import Step
from tests.engine.fake_stages import FakeStages
from tests.makers import arrival


def test_a_broken_store_is_probed_by_one_upload_at_a_time(
    engine: Engine, store: FakeStages
) -> None:
    store.trouble("deliver", *[StoreUnavailable("away") for _ in range(1000)])
    arrivals = [arrival(f"/{number}/a.jpg", product_id=number) for number in range(1, 41)]
    work(engine, arrivals, preparing=2, uploading=8, give_up_after=1.8)
    # Three failures and what was in hand then; after the pause one, and not eight.
    assert 4 <= store.creates <= 10
    assert store.images == []


def test_the_first_good_answer_lets_all_others_go(engine: Engine, store: FakeStages) -> None:
    store.trouble("deliver", *[StoreUnavailable("away") for _ in range(3)])
    arrivals = [arrival(f"/{number}/a.jpg", product_id=number) for number in range(1, 41)]
    work(engine, arrivals, preparing=2, uploading=8, give_up_after=4)
    assert len(store.images) == 37


def minutes(failures: int) -> float:
    return 60.0 * failures


def test_one_photograph_that_the_store_stumbles_over_again_and_again_holds_up_no_other() -> None:
    coordinator = Coordinator()
    for _ in range(20):
        coordinator.store_answered(StoreHealth.BADLY, "a", minutes)
    assert not coordinator.rests(Step.UPLOAD)
    coordinator.store_answered(StoreHealth.BADLY, "b", minutes)
    assert not coordinator.rests(Step.UPLOAD)
    coordinator.store_answered(StoreHealth.BADLY, "c", minutes)
    assert coordinator.rests(Step.UPLOAD)


def test_a_store_without_a_connection_rests_whichever_photograph_it_was() -> None:
    coordinator = Coordinator()
    for _ in range(3):
        assert not coordinator.rests(Step.UPLOAD)
        coordinator.store_answered(StoreHealth.NOTHING, "a", minutes)
    assert coordinator.rests(Step.UPLOAD)


def test_a_probe_with_one_that_it_stumbled_over_before_lets_the_next_one_probe() -> None:
    coordinator = Coordinator()
    for photo in "abc":
        coordinator.store_answered(StoreHealth.BADLY, photo, lambda failures: 0.0)
    assert not coordinator.rests(Step.UPLOAD), "the probe"
    assert coordinator.rests(Step.UPLOAD), "one at a time"
    coordinator.store_answered(StoreHealth.BADLY, "a", minutes)
    assert not coordinator.rests(Step.UPLOAD), "the next probe"
    coordinator.store_answered(StoreHealth.WELL, "d", minutes)
    assert not coordinator.rests(Step.UPLOAD)
    assert not coordinator.rests(Step.UPLOAD)
