"""The plans of products as they are told, whether or not the shop answers."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from pipeline.cli.plans import Plans, products_to_send
from pipeline.engine import Engine, RetryTimes, SilentObserver
from pipeline.errors import StoreUnavailable
from pipeline.ledger.sqlite import open_ledger
from pipeline.upload import Pacer, StoreClient
from tests.contract.steps import to_prepared
from tests.engine.fake_stages import FakeStages
from tests.localstore.process import StoreProcess
from tests.makers import ManualClock, arrival, original
from tests.servers import local_store, session_of


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[StoreProcess]:
    catalogue = "158,SM-13,Mug,\n"
    with local_store(tmp_path / "store", "--plan", "standard", catalogue=catalogue) as shop:
        yield shop


@pytest.fixture
def stages() -> FakeStages:
    return FakeStages()


@pytest.fixture
def engine(tmp_path: Path, stages: FakeStages) -> Iterator[Engine]:
    clock = ManualClock()
    with closing(open_ledger(tmp_path / "l.sqlite3", "shop", "run", clock.now)) as ledger:
        ledger.receive(arrival("/158/a.jpg"), original("/158/a.jpg"))
        to_prepared(ledger)
        yield Engine(ledger, stages.stages(), clock, RetryTimes(patience=2.0), SilentObserver())


def test_each_is_told_with_its_name_and_what_all_take_at_the_shops_pace(
    engine: Engine, shop: StoreProcess
) -> None:
    told: list[int] = []
    whole: list[bool] = []
    plans = Plans(
        engine,
        StoreClient(session_of(shop)),
        Pacer(time.monotonic),
        products_to_send(engine),
        noted=lambda plan, name: told.append(plan.product_id),
        whole=lambda: whole.append(True),
    )
    ((plan, name),) = plans
    assert name is not None
    assert (plan.product_id, name.sku, plan.after) == (158, "SM-13", ["a.jpg"])
    assert (told, whole, plans.failed) == ([158], [True], None)
    assert plans.requests >= 2
    assert plans.seconds is None, "this pace has heard of no shop"


def test_where_the_shop_cannot_be_asked_no_plan_is_whole(
    engine: Engine, stages: FakeStages, shop: StoreProcess
) -> None:
    stages.trouble("images", *(StoreUnavailable("away") for _ in range(20)))
    whole: list[bool] = []
    plans = Plans(
        engine,
        StoreClient(session_of(shop)),
        Pacer(time.monotonic),
        products_to_send(engine),
        whole=lambda: whole.append(True),
    )
    assert list(plans) == []
    assert (str(plans.failed), whole) == ("away", [])
