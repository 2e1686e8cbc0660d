"""Shots whose files all have one name, as gphoto2 gives them where nobody names them otherwise."""

from __future__ import annotations

import hashlib
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pipeline.home import BACKGROUND_LOCK, INBOX_FOLDER, KEPT_FOLDER
from pipeline.hook import inbox
from pipeline.kept import Kept
from pipeline.upload_name import digest_tag
from tests import posix
from tests.localstore.process import StoreProcess
from tests.stories.commands import Command, ended, photograph, until

SEED = int(os.environ.get("FAULT_SEED", "5"))

NAME = "capt0000.jpg"


@pytest.fixture
def pipeline(tmp_path: Path, store: StoreProcess) -> Iterator[Command]:
    """The command, and no engine of a hook left behind when the test ends."""
    home = tmp_path / "home"
    yield Command(home, store, settle_after=1, patience=30)
    until(lambda: not inbox.is_locked(str(home), BACKGROUND_LOCK))


def in_place(path: Path, content: bytes) -> None:
    """Overwrite a file, as a program does that opens it anew."""
    path.write_bytes(content)


def renamed(path: Path, content: bytes) -> None:
    """Put another file in its place, as gphoto2 does."""
    path.with_name("tmpfile000001").write_bytes(content)
    path.with_name("tmpfile000001").replace(path)


def deleted(path: Path, content: bytes) -> None:
    """Write it where an earlier one was taken away."""
    path.unlink(missing_ok=True)
    path.write_bytes(content)


WAYS: list[Callable[[Path, bytes], None]] = [in_place, renamed, deleted]


class Shoot:
    """Shots of one name, and what is to be in the shop of them."""

    def __init__(self, pipeline: Command, folder: Path, first: int = 1) -> None:
        self.pipeline = pipeline
        self.folder = folder
        self.shots: dict[int, list[str]] = {}
        self._number = first - 1
        folder.mkdir(parents=True)

    def shoot(self, product: int, way: Callable[[Path, bytes], None], *options: str) -> None:
        """Make a shot that no other is like, and call the hook with it."""
        self._number += 1
        content = photograph(self.folder / "made.jpg", self._number).read_bytes()
        (self.folder / "made.jpg").unlink()
        way(self.folder / NAME, content)
        call = [sys.executable, "-m", "pipeline", "hook", *options, f"--product={product}", NAME]
        environment = self.pipeline.environment
        subprocess.run(call, cwd=self.folder, env=environment, timeout=60, check=True)
        if way is deleted:
            (self.folder / NAME).unlink()
        tag = hashlib.sha256(content).hexdigest()[:10]
        self.shots.setdefault(product, []).append(tag)

    def taken_in(self) -> None:
        """Wait until an engine in the background has brought all of them in."""
        home = str(self.pipeline.home)
        until(lambda: inbox.entries(home) == [])
        until(lambda: not inbox.is_locked(home, BACKGROUND_LOCK))

    def check(self, store: StoreProcess, *, in_order: bool = True) -> None:
        """See that each is in the shop once, in the order of the shots, and nothing is kept."""
        for product, shots in self.shots.items():
            images = sorted(store.images(product), key=lambda image: int(image["id"]))
            there = [digest_tag(image["image_file"]) for image in images]
            assert (there if in_order else sorted(map(str, there))) == (
                shots if in_order else sorted(shots)
            )
        assert list((self.pipeline.home / INBOX_FOLDER).iterdir()) == []
        assert list((self.pipeline.home / KEPT_FOLDER).iterdir()) == []


def test_as_many_photographs_as_hooks_whatever_becomes_of_the_file(
    pipeline: Command, store: StoreProcess, tmp_path: Path
) -> None:
    shoot = Shoot(pipeline, tmp_path / "shoot")
    for product, way in enumerate(WAYS, start=401):
        for _ in range(3):
            # The first starts an engine, which is at work while the next ones come.
            shoot.shoot(product, way)
    shoot.taken_in()
    shoot.check(store)
    told = pipeline("list", "--json").well().document
    assert {one["path"] for one in told} == {str(tmp_path / "shoot" / NAME)}
    assert {one["state"] for one in told} == {"stored"}


@pytest.mark.long
def test_a_photograph_that_failed_is_made_again_of_the_bytes_that_were_shot(
    pipeline: Command, store: StoreProcess, tmp_path: Path
) -> None:
    shoot = Shoot(pipeline, tmp_path / "shoot")
    shoot.shoot(421, in_place, "--no-start")
    create = {"method": "POST", "path": "/catalog/products/*/images", "times": 1}
    store.misbehave({**create, "do": "answer", "status": 422})
    shoot.shoot(421, deleted, "--no-start")
    shoot.shoot(422, renamed, "--no-start")
    engine(pipeline)
    states = [one["state"] for one in pipeline("list", "--json").document]
    assert sorted(states) == ["failed", "stored", "stored"]
    assert len(list((pipeline.home / KEPT_FOLDER).iterdir())) == 1, "a retry needs it"
    # The picture that was made of it is gone, too: it has to be made again.
    for picture in (pipeline.home / "spool").glob("??/*"):
        picture.unlink()
    pipeline("retry", "--failed").well()
    engine(pipeline)
    shoot.check(store, in_order=False)


def engine(pipeline: Command) -> None:
    pipeline("hook", "--background").well()


PLACES = [
    "before accept",
    "before keep",
    "after keep",
    "after accept",
    "after ledger.receive_all",
    "after check",
    "before render",
    "after render",
    "after ledger.intend",
    "answer begun",
    "after ledger.stored",
    "before release",
    "after release",
]


@pytest.mark.parametrize(
    "deaths", [pytest.param(2, id="short"), pytest.param(26, id="long", marks=pytest.mark.long)]
)
def test_an_engine_that_is_killed_again_and_again_loses_no_shot_and_makes_none_twice(
    pipeline: Command, store: StoreProcess, tmp_path: Path, deaths: int
) -> None:
    shoot = Shoot(pipeline, tmp_path / "shoot")
    dice = random.Random(f"{SEED} {deaths}")
    rounds = dice.sample(PLACES * (1 + deaths // len(PLACES)), deaths)
    for place in rounds:
        shoot.shoot(411, dice.choice(WAYS), "--no-start")
        plan = {"PIPELINE_FAULT_POINTS": f"kill:{place}@1"}
        end = ended(pipeline.start("hook", "--background", environment=plan))
        assert end.status == -posix.SIGKILL, f"FAULT_SEED={SEED} {place}"
        # What the next shot overwrites is safe.
        in_place(shoot.folder / NAME, b"the next shot, of another hook")
    engine(pipeline)
    # Death between an entry's end and its copy's leaves the copy, and that in the middle of keeping
    # leaves a part: a later engine sweeps both.
    inbox.sweep_copies(str(pipeline.home), time.time() + 1)
    Kept(pipeline.home / KEPT_FOLDER).sweep(lambda sha256: True, time.time() + 1)
    # One that was in doubt when the engine died comes after those that came since.
    shoot.check(store, in_order=False)


def test_two_hooks_at_once_are_two_photographs(
    pipeline: Command, store: StoreProcess, tmp_path: Path
) -> None:
    shoots = [Shoot(pipeline, tmp_path / f"shoot-{first}", first) for first in (1, 101)]

    def three(shoot: Shoot) -> None:
        for _ in range(3):
            shoot.shoot(431, renamed)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(three, shoots))
    shoots[0].taken_in()
    both = Shoot(pipeline, tmp_path / "both")
    both.shots = {431: [tag for shoot in shoots for tag in shoot.shots[431]]}
    both.check(store, in_order=False)
