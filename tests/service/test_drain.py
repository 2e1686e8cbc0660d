"""A hook's engines: the one in the background, and the one of a call that waits."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from filelock import FileLock

from pipeline.assembly import engine_for, receiver_for, run_engine
from pipeline.engine import SilentObserver
from pipeline.home import BACKGROUND_LOCK
from pipeline.hook.call import note_down
from pipeline.hook.inbox import entries
from pipeline.intake.inbox import Submit
from pipeline.opening import address_of, ledger_for
from pipeline.report.documents import Outcome, RunEnd
from pipeline.service.clock import SystemClock
from pipeline.service.drain import bring_in, drain, drain_in_turn
from pipeline.settings import Settings, load
from pipeline.values import Arrival, Door
from tests.localstore.process import StoreProcess
from tests.stories.commands import photograph, until

END = RunEnd(interrupted=False, rehearsed=False, error=None)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StoreProcess]:
    folder = tmp_path_factory.mktemp("store")
    with StoreProcess(folder / "store", "--open", "--plan", "unlimited") as store:
        yield store


@pytest.fixture
def settings(tmp_path: Path, store: StoreProcess) -> Settings:
    environment = {"PIPELINE_STORE_URL": store.url, "BIGCOMMERCE_ACCESS_TOKEN": store.token}
    return load({"home": tmp_path / "home", "workers": 1}, environment, None).settings


def test_what_lies_there_is_taken_in_and_stored(
    settings: Settings, store: StoreProcess, tmp_path: Path
) -> None:
    shot = photograph(tmp_path / "a.jpg", 1)
    note_down(str(settings.home), [str(shot)], {"product": "301"})
    result = drain(settings, SystemClock(), SilentObserver(), linger=0)
    assert result.error is None
    assert entries(str(settings.home)) == []
    assert len(store.images(301)) == 1


def test_a_call_that_waits_is_told_what_became_of_its_own_shots(
    settings: Settings, store: StoreProcess, tmp_path: Path
) -> None:
    empty = tmp_path / "empty.jpg"
    empty.touch()
    shots = [str(photograph(tmp_path / "a.jpg", 2)), str(empty)]
    noted = note_down(str(settings.home), shots, {"product": "302"})
    result, run_report = bring_in(settings, SystemClock(), SilentObserver(), noted)
    assert result.error is None
    counts = END.sums(run_report).counts
    assert (counts[Outcome.STORED], counts[Outcome.REFUSED]) == (1, 1)
    assert entries(str(settings.home)) == []
    assert len(store.images(302)) == 1


def test_a_shot_is_left_to_another_process_that_is_at_work(
    settings: Settings, store: StoreProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shot = photograph(tmp_path / "a.jpg", 4)
    note_down(str(settings.home), [str(shot)], {"product": "304"})
    monkeypatch.setattr("pipeline.service.drain.engine_for", None)  # none is needed
    clock = SystemClock()
    address = address_of(settings)
    assert address is not None
    began = threading.Event()

    def others(submit: Submit, over: Callable[[], bool]) -> None:
        began.set()
        until(lambda: len(store.images(304)) == 1)

    with engine_for(settings, address, clock, SilentObserver(), Door.RUN) as engine:
        working = threading.Thread(target=run_engine, args=(settings, engine, others))
        working.start()
        assert began.wait(30)
        result = drain(settings, clock, SilentObserver(), linger=0)
        working.join()
    assert (result.error, result.stopped) == (None, False)
    assert len(store.images(304)) == 1
    assert entries(str(settings.home)) == []


def test_what_the_other_process_does_not_do_is_done(
    settings: Settings, store: StoreProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.service.drain.OTHERS_SECONDS", 0.3)
    shot = photograph(tmp_path / "a.jpg", 5)
    note_down(str(settings.home), [str(shot)], {"product": "305"})
    clock = SystemClock()
    address = address_of(settings)
    assert address is not None
    with ledger_for(settings, address, clock, Door.RUN):  # it lives, and works on nothing
        drain(settings, clock, SilentObserver(), linger=0)
    assert len(store.images(305)) == 1


def test_what_a_run_left_unfinished_is_none_of_a_hooks(
    settings: Settings, store: StoreProcess, tmp_path: Path
) -> None:
    clock, left = SystemClock(), photograph(tmp_path / "306" / "a.jpg", 6)
    address = address_of(settings)
    assert address is not None
    come = Arrival(
        path=left, root=tmp_path, door=Door.RUN, seen_at=clock.now(), product_id=306, sku=None
    )
    with receiver_for(settings, address, clock, SilentObserver(), Door.RUN) as (_, receiving):
        receiving.one(come)
    shot = photograph(tmp_path / "a.jpg", 7)
    note_down(str(settings.home), [str(shot)], {"product": "307"})
    drain(settings, clock, SilentObserver(), linger=0)
    assert (len(store.images(306)), len(store.images(307))) == (0, 1)


def test_there_is_one_engine_in_the_background(settings: Settings, tmp_path: Path) -> None:
    shot = photograph(tmp_path / "a.jpg", 3)
    note_down(str(settings.home), [str(shot)], {"product": "303"})
    with FileLock(settings.home / BACKGROUND_LOCK):
        drain_in_turn(settings, SystemClock(), SilentObserver(), None)
    assert len(entries(str(settings.home))) == 1
