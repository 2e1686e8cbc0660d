"""Worker processes give what the functions give, and their deaths cost one photograph."""

from __future__ import annotations

import hashlib
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from pipeline.errors import LedgerError, PhotoRefused
from pipeline.lifecycle import Reason
from pipeline.memory import Budget
from pipeline.prepare import render
from pipeline.spool import Spool
from pipeline.validate import check
from pipeline.values import EncodeSettings, Limits, Original
from pipeline.workers import Setup, Workers
from tests import posix
from tests.stories.commands import photograph

LIMITS = Limits()


def taken(path: Path) -> Original:
    content = path.read_bytes()
    sha256 = hashlib.sha256(content).hexdigest()
    return Original(sha256=sha256, size=len(content), path=path, root=path.parent)


def setup(spool: Path, seconds: float = 60) -> Setup:
    return Setup(
        limits=LIMITS, encoding=EncodeSettings(), spool=spool, memory=400_000_000, seconds=seconds
    )


@pytest.fixture
def workers(tmp_path: Path) -> Iterator[Workers]:
    workers = Workers(setup(tmp_path / "spool"), Budget(400_000_000))
    yield workers
    workers.close()


def test_they_give_what_the_functions_give(tmp_path: Path, workers: Workers) -> None:
    for name in ("a.jpg", "b.png", "c.webp", "d.gif", "e.bmp"):
        original = taken(photograph(tmp_path / name, 7, (900, 700)))
        inspection = workers.check(original)
        assert inspection == check(original, LIMITS)
        workers.prove(original, inspection)
        there = workers.render(original, inspection)
        here = render(original, inspection, LIMITS, EncodeSettings(), Spool(tmp_path / "other"))
        assert there == here
        assert (tmp_path / "spool" / there.spool_name).read_bytes() == (
            tmp_path / "other" / here.spool_name
        ).read_bytes()


def test_what_two_files_show_is_told_whatever_else_is_in_them(
    tmp_path: Path, workers: Workers
) -> None:
    shown = [
        workers.pixel_digest(photograph(tmp_path / name, number, (90, 70)))
        for name, number in (("a.png", 7), ("a.bmp", 7), ("b.png", 8))
    ]
    assert shown[0] == shown[1] != shown[2]
    (tmp_path / "page.png").write_text("<html>")
    with pytest.raises(PhotoRefused):
        workers.pixel_digest(tmp_path / "page.png")


def test_a_refusal_comes_through_with_its_reason_and_sentence(
    tmp_path: Path, workers: Workers
) -> None:
    path = photograph(tmp_path / "a.jpg", 1)
    path.write_bytes(path.read_bytes()[:400])
    with pytest.raises(PhotoRefused) as there:
        workers.check(taken(path))
    with pytest.raises(PhotoRefused) as here:
        check(taken(path), LIMITS)
    assert (there.value.reason, str(there.value)) == (here.value.reason, str(here.value))


def test_a_spool_that_cannot_be_written_stops_the_work_as_it_does_without_them(
    tmp_path: Path,
) -> None:
    (tmp_path / "spool").write_text("a file where the folder should be")
    workers = Workers(setup(tmp_path / "spool"), Budget(400_000_000))
    original = taken(photograph(tmp_path / "a.jpg", 1))
    with pytest.raises(LedgerError, match="cannot be written"):
        workers.render(original, workers.check(original))
    workers.close()


def test_the_memory_for_pictures_is_shared_by_all_workers(tmp_path: Path) -> None:
    held: list[int] = []

    class Counted(Budget):
        def reserve(self, needed: int):  # type: ignore[no-untyped-def]
            held.append(needed)
            return super().reserve(needed)

    workers = Workers(setup(tmp_path / "spool"), Counted(10_000_000))
    original = taken(photograph(tmp_path / "a.jpg", 1, (900, 700)))
    inspection = workers.check(original)
    with pytest.raises(PhotoRefused) as refused:
        workers.render(original, inspection)
    assert refused.value.reason is Reason.NO_MEMORY
    assert held
    assert held[0] > 10_000_000
    assert workers.check(original) == inspection
    workers.close()


@pytest.mark.skipif(os.name != "posix", reason="signals are POSIX")
def test_a_worker_that_is_killed_once_is_replaced_and_the_photograph_done(
    tmp_path: Path, workers: Workers
) -> None:
    original = taken(photograph(tmp_path / "a.jpg", 1))
    workers.check(original)
    for pid in children():
        os.kill(pid, posix.SIGKILL)
    assert workers.check(original).width == 320
    assert len(children()) == 1


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="looks into /proc")
def test_a_worker_that_dies_whenever_it_is_asked_costs_the_photograph_alone(
    tmp_path: Path, workers: Workers
) -> None:
    original = taken(photograph(tmp_path / "a.png", 1, (6000, 4000)))
    inspection = workers.check(original)
    over = threading.Event()

    def kill() -> None:
        while not over.wait(0.15):
            for pid in children():
                os.kill(pid, signal.SIGSEGV)

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        with pytest.raises(PhotoRefused) as refused:
            workers.render(original, inspection)
    finally:
        over.set()
        killer.join()
    assert refused.value.reason is Reason.DECODER_CRASHED
    assert workers.render(original, inspection).width == 2048


def test_what_takes_too_long_is_ended_and_not_tried_again(tmp_path: Path) -> None:
    workers = Workers(setup(tmp_path / "spool", seconds=0.05), Budget(800_000_000))
    original = taken(photograph(tmp_path / "a.png", 1, (6000, 4000)))
    began = time.monotonic()
    with pytest.raises(PhotoRefused) as refused:
        workers.render(original, check(original, LIMITS))
    assert refused.value.reason is Reason.TOO_SLOW
    assert time.monotonic() - began < 10
    workers.close()


def test_no_worker_is_left_behind(tmp_path: Path) -> None:
    workers = Workers(setup(tmp_path / "spool"), Budget(400_000_000), start=2)
    workers.check(taken(photograph(tmp_path / "a.jpg", 1)))
    workers.close()
    assert children() == []


def children() -> list[int]:
    """Return the worker processes of this process."""
    found: list[int] = []
    for task in Path("/proc/self/task").iterdir():
        # A thread, or a child, may have ended since it was listed.
        with suppress(FileNotFoundError, ProcessLookupError):
            for pid in (task / "children").read_text().split():
                command = Path(f"/proc/{pid}/cmdline").read_bytes()
                if b"pipeline.workers" in command:
                    found.append(int(pid))
    return found
