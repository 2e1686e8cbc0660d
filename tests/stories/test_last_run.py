"""`--newer-than last-run` takes what is new or changed, and no clock makes it lose a file."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.intake.stamps import SETTLED_SECONDS
from tests.localstore.process import StoreProcess
from tests.stories.commands import Command, Ended, photograph

PRODUCTS = (157, 158, 159)
LONG_AGO, FAR_AHEAD = 978_000_000, 2_300_000_000


def since_last_run(pipeline: Command, *words: object) -> Ended:
    return pipeline("run", "--newer-than", "last-run", "--json", *words)


def names(run: Ended) -> list[str]:
    return sorted(Path(one["path"]).name for one in run.document["photographs"])


def as_it_was(run: Ended) -> int:
    return sum(one["files"] for one in run.document["left_out"] if one["by"] == "last_run")


def stored(store: StoreProcess) -> int:
    return sum(len(store.images(product)) for product in PRODUCTS)


@pytest.fixture
def rested(shop: Path) -> Path:
    """A folder whose files have rested for long enough that their stamps prove something."""
    (shop / "158" / "broken.jpg").write_bytes(b"no picture")
    time.sleep(SETTLED_SECONDS + 0.1)
    return shop


def test_only_what_is_new_or_changed_is_taken_and_the_rest_is_counted(
    pipeline: Command, store: StoreProcess, rested: Path
) -> None:
    first = since_last_run(pipeline, rested)
    assert (first.status, len(names(first)), as_it_was(first)) == (1, 7, 0)
    # What is refused, and as it was, makes no trouble: else a job at night ended with 1 for ever.
    again = since_last_run(pipeline, rested).well()
    assert (names(again), as_it_was(again)) == ([], 7)
    told = pipeline("run", "--newer-than", "last-run", rested).well().out
    assert "7 files left out: as at the last run" in told
    photograph(rested / "158" / "new.jpg", 70)
    photograph(rested / "157" / "2.jpg", 71)
    third = since_last_run(pipeline, rested).well()
    assert (names(third), as_it_was(third)) == (["2.jpg", "new.jpg"], 6)
    assert stored(store) == 8
    assert pipeline("run", rested).status == 1


def test_what_waits_is_asked_about_again_and_what_is_not_finished_goes_on(
    pipeline: Command, store: StoreProcess, shop: Path
) -> None:
    photograph(shop / "elsewhere" / "IMG_1.jpg", 90)
    photograph(shop / "elsewhere" / "IMG_2.jpg", 91)
    for _ in range(2):
        run = since_last_run(pipeline, shop)
        assert run.counts["waiting"] == 2
    assert stored(store) == 6
    away = {"BIGCOMMERCE_ACCESS_TOKEN": "not-this-one"}
    photograph(shop / "158" / "later.jpg", 92)
    broken_off = pipeline("run", "--newer-than", "last-run", shop, environment=away)
    assert broken_off.status == 2
    since_last_run(pipeline, shop)
    assert stored(store) == 7


def test_it_goes_with_no_reading_of_every_file(pipeline: Command, shop: Path) -> None:
    ended = pipeline("run", "--newer-than", "last-run", "--check-content", shop)
    assert ended.status == 2
    assert "--check-content reads every file" in ended.err
    assert pipeline("watch", "--newer-than", "last-run", shop).status == 2


class Studio:
    """Photographs that come, go and change in every way that times do not tell."""

    def __init__(self, folder: Path, chance: random.Random) -> None:
        self.folder = folder / "photos"
        self.outside = folder / "disk"
        self.chance = chance
        self.number = 100
        for product in PRODUCTS:
            (self.folder / str(product)).mkdir(parents=True)

    def _new(self, folder: Path) -> Path:
        self.number += 1
        return photograph(folder / f"{self.number}.jpg", self.number)

    def _there(self) -> Path | None:
        files = sorted(self.folder.rglob("*.jpg"))
        return self.chance.choice(files) if files else None

    def _somewhere(self) -> Path:
        return self.folder / str(self.chance.choice(PRODUCTS))

    def comes(self) -> None:
        self._new(self._somewhere())

    def is_copied_with_its_old_time(self) -> None:
        os.utime(self._new(self._somewhere()), (LONG_AGO, LONG_AGO))

    def comes_from_a_clock_that_is_ahead(self) -> None:
        os.utime(self._new(self._somewhere()), (FAR_AHEAD, FAR_AHEAD))

    def a_folder_is_moved_here(self) -> None:
        folder = self.outside / str(self.number)
        for _ in range(2):
            os.utime(self._new(folder), (LONG_AGO, LONG_AGO))
        folder.rename(self._somewhere() / folder.name)

    def is_overwritten_and_keeps_its_time(self) -> None:
        if (file := self._there()) is not None:
            before = file.stat()
            self.number += 1
            photograph(file, self.number)
            os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))

    def changes_its_time_alone(self) -> None:
        if (file := self._there()) is not None:
            at = self.chance.choice((LONG_AGO, FAR_AHEAD))
            os.utime(file, (at, at))

    def is_renamed(self) -> None:
        if (file := self._there()) is not None:
            self.number += 1
            file.rename(self._somewhere() / f"{self.number}.jpg")

    def goes(self) -> None:
        if (file := self._there()) is not None:
            file.unlink()


@pytest.mark.parametrize("seed", range(4))
def test_whatever_happens_between_two_runs_a_whole_one_finds_nothing_more(
    pipeline: Command, store: StoreProcess, tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    studio = Studio(tmp_path, chance)
    happens: list[Callable[[], None]] = [
        studio.comes,
        studio.is_copied_with_its_old_time,
        studio.comes_from_a_clock_that_is_ahead,
        studio.a_folder_is_moved_here,
        studio.is_overwritten_and_keeps_its_time,
        studio.changes_its_time_alone,
        studio.is_renamed,
        studio.goes,
    ]
    partly: list[tuple[object, ...]] = [
        ("--limit", 1),
        ("--exclude", "157/"),
        ("--newer-than", "2h"),
        ("--newer-than", "last-run", "--dry-run"),
    ]
    for _ in range(3):
        for thing in chance.choices(happens, k=chance.randint(2, 6)):
            thing()
        # A run that does not go over everything, or does nothing, must not count as one that did.
        pipeline("run", *chance.choice(partly), studio.folder)
        since_last_run(pipeline, studio.folder).well()
        before = stored(store)
        pipeline("run", studio.folder).well()
        assert stored(store) == before, f"seed {seed}"
