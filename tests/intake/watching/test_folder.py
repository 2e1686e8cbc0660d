"""Folders that go, observers that die or see nothing, overflows: the watcher goes on."""

from __future__ import annotations

import logging
import time
from itertools import count
from pathlib import Path

import pytest

from pipeline.intake.watching import folder as folder_module
from tests.intake.watching.watched import Deaf, World


def test_a_folder_that_goes_and_comes_back_is_watched_again(world: World, tmp_path: Path) -> None:
    (world.folder / "a.jpg").write_bytes(b"a END")
    with world.watching():
        world.until(lambda: world.taker.names == ["a.jpg"])
        world.folder.rename(tmp_path / "unplugged")
        world.until(lambda: bool(world.warned))
        assert "is gone" in world.warned[0]
        (tmp_path / "unplugged" / "meanwhile.jpg").write_bytes(b"m END")
        (tmp_path / "unplugged").rename(world.folder)
        world.until(lambda: "meanwhile.jpg" in world.taker.names)
        (world.folder / "after.jpg").write_bytes(b"after END")
        world.until(lambda: "after.jpg" in world.taker.names, 3)
    assert sorted(world.taker.names) == ["a.jpg", "after.jpg", "meanwhile.jpg"]
    assert any("is back" in sentence for sentence in world.said)


def test_a_folder_that_is_not_there_at_the_start_is_waited_for(world: World) -> None:
    world.folder.rmdir()
    with world.watching():
        world.until(lambda: bool(world.warned))
        assert "is not there: is it written right" in world.warned[0]
        world.folder.mkdir()
        (world.folder / "a.jpg").write_bytes(b"a END")
        world.until(lambda: world.taker.names == ["a.jpg"])
    assert any("is there now" in sentence for sentence in world.said)


def test_an_observer_whose_threads_have_died_is_replaced(world: World) -> None:
    with world.watching():
        first = world.observer()
        assert first is not None
        for emitter in first.emitters:
            emitter.stop()
        world.until(lambda: any("gone blind" in sentence for sentence in world.warned))
        world.until(lambda: world.observer() not in (None, first))
        (world.folder / "a.jpg").write_bytes(b"a END")
        world.until(lambda: world.taker.names == ["a.jpg"], 4)


def test_an_observer_that_lives_and_sees_nothing_is_found_out_and_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder_module, "EVENT_SECONDS", 0.5)
    world = World(tmp_path, rescan=1.0)
    with world.watching():
        time.sleep(1.2)
        first = world.observer()
        assert first is not None
        first.unschedule_all()
        first.emitters.add(Deaf())  # type: ignore[arg-type]
        numbers = count()

        def found_out() -> bool:
            # One that a scan finds at once says nothing: its event may be on its way.
            (world.folder / f"{next(numbers)}.jpg").write_bytes(b"a END")
            return any("was not told of" in sentence for sentence in world.warned)

        world.until(found_out)
        world.until(lambda: world.observer() not in (None, first))
        written = next(numbers)
        world.until(lambda: len(world.taker.names) == written)


def test_an_overflow_that_watchdog_only_logs_brings_about_a_scan(world: World) -> None:
    with world.watching():
        world.until(lambda: not world.watched.scan_is_due(time.monotonic()))
        observer = world.observer()
        assert observer is not None
        observer.unschedule_all()
        (world.folder / "a.jpg").write_bytes(b"a END")
        logging.getLogger("watchdog.observers.inotify_c").warning("Inotify queue overflowed")
        world.until(lambda: world.taker.names == ["a.jpg"], 5)
