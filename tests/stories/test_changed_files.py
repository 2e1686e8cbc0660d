"""Files change between runs, and keep what a careless look goes by: it is noticed all the same.

The same size, the time set back, files that change places, copies and hard links put over others:
whatever a run takes a file for, its photograph has the content that lies there now. The scan, the
reading and the ledger are the real ones; only the reader's clock is ahead, for a file that was
changed within the seconds before is always read.
"""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from pipeline.claimable import ANYBODYS
from pipeline.engine import SilentObserver
from pipeline.engine.receiving import Receiving
from pipeline.intake import accept, scan
from pipeline.ledger import Ledger
from pipeline.ledger.sqlite import open_ledger
from pipeline.values import Arrival, Door, KnownFile, Original, Photo, Step
from tests.engine.fake_stages import FakeStages
from tests.makers import inspection, picture, placement, stored_image

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="Windows keeps no time of change: --check-content reads all"
)

TICK = 0.012
"""Seconds in which a file system's clock may stand still."""

ROUNDS = 6


class Studio:
    """A folder of photographs of one size, a ledger, and a random hand that changes files."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.random = random.Random(seed)
        self.shop = folder / "shop"
        self.shop.mkdir()
        self.number = 0
        self.known = 0
        self.ledger: Ledger = open_ledger(
            folder / "ledger.sqlite3", "store", "run", lambda: datetime.now(UTC)
        )
        stages = FakeStages()
        stages.accept = partial(self._accept)  # type: ignore[method-assign]
        made = stages.stages()
        self.receiving = Receiving(self.ledger, made.accept, made.release, SilentObserver())

    def _accept(self, arrival: Arrival) -> Original:
        return accept(arrival, most_bytes=1_000_000, now=lambda: time.time() + 60)

    def content(self) -> bytes:
        self.number += 1
        return b"photograph %6d" % self.number

    def run(self) -> None:
        """Take in what lies there, and store it; what each file is taken for must be true."""
        arrivals = list(scan([self.shop], door=Door.RUN, now=datetime.now(UTC), stamps=True))
        for arrival, taken in zip(arrivals, self.receiving.many(arrivals), strict=True):
            digest = hashlib.sha256(arrival.path.read_bytes()).hexdigest()
            photo = taken
            if isinstance(taken, KnownFile):
                self.known += 1
                photo = self.ledger.photo(taken.photo_id)
            assert isinstance(photo, Photo)
            assert photo.sha256 == digest, f"{arrival.path} is another one by now"
        self._store_all()

    def _store_all(self) -> None:
        for step in (Step.PREPARE, Step.UPLOAD):
            while claim := self.ledger.claim_next(step, ANYBODYS):
                if claim.photo.inspection is None:
                    where = claim.photo.placement or placement()
                    self.ledger.validated(claim, inspection(), where, "checked")
                elif claim.photo.picture is None:
                    made = picture(claim.photo.sha256.encode())
                    self.ledger.prepared(claim, made, "prepared")
                else:
                    self.number += 1
                    image = stored_image(self.number)
                    self.ledger.stored(self.ledger.intend(claim), image, "stored")

    def change(self) -> None:
        """Do something to the files, so that size and times tell as little as may be."""
        files = sorted(path for path in self.shop.rglob("*") if path.is_file())
        if len(files) < 3:
            return self._new()
        one, other = self.random.sample(files, 2)
        acts: list[Callable[[], object]] = [
            self._new,
            partial(self._rewrite, one),
            partial(self._replace, one),
            partial(self._swap, one, other),
            partial(one.rename, one.with_name(f"renamed-{self.content()[-3:].decode().strip()}")),
            partial(self._copy, one, other),
            partial(self._link, one, other),
            partial(one.touch),
            partial(one.chmod, 0o640),
            partial(self._move, one),
            one.unlink,
        ]
        self.random.choice(acts)()
        return None

    def _new(self) -> None:
        self.number += 1
        folder = self.shop / self.random.choice("ab")
        folder.mkdir(exist_ok=True)
        (folder / f"{self.number}.jpg").write_bytes(self.content())

    def _rewrite(self, one: Path) -> None:
        status = one.stat()
        one.write_bytes(self.content())
        os.utime(one, ns=(status.st_atime_ns, status.st_mtime_ns))

    def _replace(self, one: Path) -> None:
        status, beside = one.stat(), one.with_name("beside")
        beside.write_bytes(self.content())
        os.utime(beside, ns=(status.st_atime_ns, status.st_mtime_ns))
        beside.replace(one)

    def _swap(self, one: Path, other: Path) -> None:
        beside = one.with_name("beside")
        one.rename(beside)
        other.rename(one)
        beside.rename(other)

    def _copy(self, one: Path, other: Path) -> None:
        if not one.samefile(other):
            shutil.copy2(one, other)

    def _link(self, one: Path, other: Path) -> None:
        other.unlink()
        os.link(one, other)

    def _move(self, one: Path) -> None:
        moved = one.parent.with_name(f"{one.parent.name}-{self.number}")
        if not moved.exists():
            one.parent.rename(moved)


def whatever_changes_is_noticed(folder: Path, seed: int) -> int:
    print("seed", seed)
    studio = Studio(folder, seed)
    for _ in range(8):
        studio.change()
    for _ in range(ROUNDS):
        time.sleep(TICK)
        studio.run()
        time.sleep(TICK)
        for _ in range(studio.random.randrange(4)):
            studio.change()
    studio.ledger.close()
    return studio.known


@pytest.mark.parametrize("seed", range(3))
def test_whatever_changes_between_two_runs_is_noticed(seed: int, tmp_path: Path) -> None:
    assert whatever_changes_is_noticed(tmp_path, seed) > 0, "some were known"


@pytest.mark.long
def test_whatever_changes_between_two_runs_is_noticed_many_times(tmp_path: Path) -> None:
    known = 0
    for seed in range(100, 400):
        folder = tmp_path / str(seed)
        folder.mkdir()
        known += whatever_changes_is_noticed(folder, seed)
    assert known > 300
