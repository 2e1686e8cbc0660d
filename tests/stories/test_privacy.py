"""What the program leaves behind is its owner's alone, whatever the mask."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pipeline.home import BACKGROUND_LOCK
from pipeline.hook import inbox
from tests.localstore.process import StoreProcess
from tests.stories.commands import Command, Ended, ended, photograph, until
from tests.stories.watching import Watching

pytestmark = pytest.mark.skipif(os.name != "posix", reason="permissions are POSIX's")

MASKS = (0, 0o022, 0o277, 0o777)

KINDS = {
    "ledger.sqlite3",
    "owners",
    "spool",
    "tray",
    "on-the-table",
    "watch.lock",
    "background.lock",
    "logs",
    "logs/watch.jsonl",
    "logs/background.jsonl",
    "logs/background.out",
    "backups",
    "local-store",
    "local-store/lock",
    "local-store/token",
    "local-store/store.sqlite3",
    "local-store/pictures",
    "local-store.log",
}
"""What a home has after all of that; what lies below has names of its own."""


@contextmanager
def masked(mask: int) -> Iterator[None]:
    """Have processes that are started meanwhile come with this mask."""
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


def called(pipeline: Command, mask: int, *arguments: object, **environment: str) -> Ended:
    with masked(mask):
        process = pipeline.start(*arguments, environment=environment)
    return ended(process)


def lived_in(pipeline: Command, folder: Path, mask: int) -> None:
    """Have a run, a watcher, a hook with its engine, a backup and the local store leave traces."""
    for number, place in enumerate(("run", "watch", "hook")):
        photograph(folder / place / "158" / f"{mask}-{number}.jpg", number + 10 * mask)
    called(pipeline, mask, "run", folder / "run").well()
    called(pipeline, mask, "ledger", "backup").well()
    called(pipeline, mask, "table", "SM-13").well()
    watching = Watching(pipeline, folder / "watch", quiet_after=0.2)
    with masked(mask):
        watching.start()
    heartbeat = pipeline.home / "watch.json"
    assert stat.S_IMODE(heartbeat.stat().st_mode) == 0o600
    watching.stop()
    called(pipeline, mask, "hook", "--no-start", folder / "hook" / "158" / f"{mask}-2.jpg").well()
    assert [mode_of(Path(entry)) for entry in inbox.entries(str(pipeline.home))] == [0o600]
    called(pipeline, mask, "hook", folder / "hook" / "158" / f"{mask}-2.jpg").well()
    until(lambda: inbox.entries(str(pipeline.home)) == [])
    until(lambda: not inbox.is_locked(str(pipeline.home), BACKGROUND_LOCK))


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def open_to_others(home: Path) -> dict[str, str]:
    """Return what others may look into, or the owner may not, with its mode."""
    return {
        str(path.relative_to(home)): oct(mode_of(path))
        for path in (home, *home.rglob("*"))
        if mode_of(path) != (0o700 if path.is_dir() else 0o600)
    }


@pytest.mark.parametrize(
    "mask",
    [MASKS[0], *(pytest.param(mask, marks=pytest.mark.long) for mask in MASKS[1:-1]), MASKS[-1]],
    ids=oct,
)
def test_whatever_a_home_is_left_with_is_its_owners_alone(tmp_path: Path, mask: int) -> None:
    pipeline = Command(tmp_path / "home")
    lived_in(pipeline, tmp_path / "shop", mask)
    there = {str(path.relative_to(pipeline.home)) for path in pipeline.home.rglob("*")}
    assert there >= KINDS
    assert open_to_others(pipeline.home) == {}


def test_what_lay_open_is_closed_and_said_once(tmp_path: Path) -> None:
    pipeline = Command(tmp_path / "home")
    lived_in(pipeline, tmp_path / "shop", 0o022)
    photographs = tmp_path / "home" / "holiday"
    photographs.mkdir()
    photographs.chmod(0o755)
    linked = photograph(tmp_path / "mine.jpg")
    linked.chmod(0o644)
    (pipeline.home / "logs" / "link").symlink_to(linked)
    journal = pipeline.home / "ledger.sqlite3-journal"
    journal.touch()
    others = {photographs, pipeline.home / "logs" / "link"}
    for path in (pipeline.home, *pipeline.home.rglob("*")):
        if path not in others:
            path.chmod(0o777 if path.is_dir() else 0o666)
    said = pipeline("status").well()
    assert said.err.count("other users of this machine could look into") == 1
    assert open_to_others(pipeline.home).keys() == {"holiday", "logs/link"}
    assert mode_of(photographs) == 0o755
    assert mode_of(linked) == 0o644
    assert "other users" not in pipeline("status").well().err
    # One file alone, in a home that is closed.
    (pipeline.home / "ledger.sqlite3").chmod(0o644)
    assert "(one place)" in pipeline("status").well().err
    assert mode_of(pipeline.home / "ledger.sqlite3") == 0o600


def test_the_hook_closes_the_home_and_says_so_once(tmp_path: Path) -> None:
    pipeline = Command(tmp_path / "home")
    pipeline.home.mkdir(mode=0o755)
    shot = photograph(tmp_path / "158" / "a.jpg")
    assert "other users" in pipeline("hook", "--no-start", shot).well().err
    assert "other users" not in pipeline("hook", "--no-start", shot).well().err
    assert open_to_others(pipeline.home) == {}


def test_a_folder_that_all_users_share_is_not_taken_away_from_them(tmp_path: Path) -> None:
    pipeline = Command(tmp_path / "home")
    pipeline.home.mkdir()
    pipeline.home.chmod(0o1777)
    assert "other users" not in pipeline("status").well().err
    assert mode_of(pipeline.home) == 0o1777


@pytest.mark.parametrize("mask", [0, 0o022, 0o777], ids=oct)
def test_a_local_store_by_itself_keeps_its_data_to_its_owner(tmp_path: Path, mask: int) -> None:
    with masked(mask):
        store = StoreProcess(tmp_path / "store", "--open")
    with store:
        pipeline = Command(tmp_path / "home", store)
        pipeline("run", photograph(tmp_path / "158" / "a.jpg", 1)).well()
    assert open_to_others(tmp_path / "store") == {}
    for path in (tmp_path / "store", *(tmp_path / "store").rglob("*")):
        path.chmod(0o777 if path.is_dir() else 0o666)
    with StoreProcess(tmp_path / "store", "--open") as again:
        assert "could look into" in again.log.read_text()
        assert open_to_others(tmp_path / "store") == {}
