"""A store whose every answer fails is left in peace, and asked by one upload at a time."""

from __future__ import annotations

from pipeline.engine import Engine, work
from pipeline.errors import StoreUnavailable
from tests.engine.toystore import ToyStore
from tests.makers import arrival


def test_a_broken_store_is_probed_by_one_upload_at_a_time(engine: Engine, store: ToyStore) -> None:
    store.trouble("deliver", *[StoreUnavailable("away") for _ in range(1000)])
    arrivals = [arrival(f"/{number}/a.jpg", product_id=number) for number in range(1, 41)]
    work(engine, arrivals, preparing=2, uploading=8, give_up_after=1.8)
    # Three failures and what was in hand then; after the pause one, and not eight.
    assert 4 <= store.creates <= 10
    assert store.images == []


def test_the_first_good_answer_lets_all_others_go(engine: Engine, store: ToyStore) -> None:
    store.trouble("deliver", *[StoreUnavailable("away") for _ in range(3)])
    arrivals = [arrival(f"/{number}/a.jpg", product_id=number) for number in range(1, 41)]
    work(engine, arrivals, preparing=2, uploading=8, give_up_after=4)
    assert len(store.images) == 37
