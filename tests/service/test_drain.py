"""A hook's engines: the one in the background, and the one of a call that waits."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from filelock import FileLock

from pipeline.engine import SilentObserver
from pipeline.home import BACKGROUND_LOCK
from pipeline.hook.call import note_down
from pipeline.hook.inbox import entries
from pipeline.report.documents import Outcome, RunEnd
from pipeline.service.clock import SystemClock
from pipeline.service.drain import bring_in, drain, drain_in_turn
from pipeline.settings import Settings, load
from tests.localstore.process import StoreProcess
from tests.stories.commands import photograph

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
    counts = END.counts(run_report)
    assert (counts[Outcome.STORED], counts[Outcome.REFUSED]) == (1, 1)
    assert entries(str(settings.home)) == []
    assert len(store.images(302)) == 1


def test_there_is_one_engine_in_the_background(settings: Settings, tmp_path: Path) -> None:
    shot = photograph(tmp_path / "a.jpg", 3)
    note_down(str(settings.home), [str(shot)], {"product": "303"})
    with FileLock(settings.home / BACKGROUND_LOCK):
        drain_in_turn(settings, SystemClock(), SilentObserver(), None)
    assert len(entries(str(settings.home))) == 1
