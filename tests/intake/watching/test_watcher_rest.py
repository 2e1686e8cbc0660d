"""A watcher at rest looks at little, and misses nothing."""

from __future__ import annotations

import os
import time
from itertools import count
from pathlib import Path

import pytest

from pipeline.hook.inbox import add_entry
from pipeline.intake.watching import folder as folder_module
from pipeline.intake.watching import watcher as watcher_module
from tests.intake.watching.watched import LINUX, Deaf, World


@LINUX
def test_a_shot_that_a_hook_notes_down_wakes_the_watcher(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watcher_module, "REST_SECONDS", 3600.0)
    monkeypatch.setattr(watcher_module, "TICK_SECONDS", 0.01)
    world, shot = World(tmp_path, rescan=3600.0), tmp_path / "shot.jpg"
    shot.write_bytes(b"shot END")
    with world.watching():
        time.sleep(1)
        fields = {"path": str(shot), "root": str(tmp_path), "seen": f"{time.time()}"}
        add_entry(str(tmp_path / "home"), fields)
        world.until(lambda: world.taker.names == ["shot.jpg"])
        (world.folder / "a.jpg").write_bytes(b"a END")
        world.until(lambda: world.taker.names == ["shot.jpg", "a.jpg"])


@LINUX
def test_where_scanning_every_file_takes_long_the_folders_are_looked_at_in_between(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder_module, "EVENT_SECONDS", 0.5)
    world = World(tmp_path, rescan=0.8)
    for number in range(3):
        (world.folder / f"{number}.jpg").write_bytes(b"END")
    then = time.time() - 3600
    os.utime(world.folder, (then, then))
    monkeypatch.setattr(folder_module, "SCAN_SHARE", 1e9)
    with world.watching():
        world.until(lambda: len(world.taker.names) == 3)
        time.sleep(1)
        asked = world.taker.questions
        time.sleep(2)
        assert world.taker.questions == asked, "every file was asked for again"
        observer = world.observer()
        assert observer is not None
        observer.unschedule_all()
        observer.emitters.add(Deaf())  # type: ignore[arg-type]
        (world.folder / "new.jpg").write_bytes(b"new END")
        world.until(lambda: "new.jpg" in world.taker.names)
        numbers = count()

        def found_out() -> bool:
            (world.folder / f"new-{next(numbers)}.jpg").write_bytes(b"new END")
            return any("was not told of" in sentence for sentence in world.warned)

        world.until(found_out)
