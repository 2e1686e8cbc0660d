"""What a worker holds between two photographs, and gives back once it has nothing to do."""

from __future__ import annotations

import platform
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipeline.memory import Budget
from pipeline.workers import Workers, heap
from pipeline.workers.heap import Heap
from tests.stories.commands import ROOT, photograph
from tests.workers.test_pool import children, setup, taken

pytestmark = pytest.mark.skipif(
    platform.libc_ver()[0] != "glibc", reason="no other C library is told anything"
)

FREED = """
import time
from pathlib import Path
from pipeline.workers import heap

def held():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096

heap.REST_SECONDS = 0.2
here = heap.Heap()
before = held()
with here.at_work():
    some = [bytearray(b"x") * 1_000_000 for _ in range(100)]
    del some
after = held()
at_once = here.look()
time.sleep(0.3)
print(after - before > 90_000_000, at_once, here.look(), held() - before < 20_000_000, here.look())
"""


def test_what_is_freed_is_held_until_the_rest_is_long_enough_and_is_given_back_once() -> None:
    said = subprocess.run(
        [sys.executable, "-c", FREED], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert said.stdout.split() == ["True", "False", "True", "True", "False"], said


def test_nothing_is_given_back_while_there_is_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heap, "REST_SECONDS", 0)
    # Not held in this process, whose heap is nobody's business here.
    monkeypatch.setattr(sys, "platform", "other")
    other = Heap()
    with other.at_work():
        assert not other.look()
    assert not other.look()  # nor where the C library is told nothing


def test_the_next_photograph_finds_the_memory_that_the_last_one_had(tmp_path: Path) -> None:
    workers = Workers(setup(tmp_path / "spool"), Budget(400_000_000))
    try:
        original = taken(photograph(tmp_path / "a.jpg", 1, (4200, 2800)))
        inspection = workers.check(original)
        faults = []
        for _ in range(4):
            before = _page_faults()
            workers.render(original, inspection)
            faults.append(_page_faults() - before)
    finally:
        workers.close()
    # Its pixels alone are 11,000 pages of 4 kB.
    assert faults[0] > 10_000
    assert max(faults[2:]) < 4_000, faults


@pytest.mark.long
def test_a_worker_that_has_nothing_to_do_holds_no_more_than_before(tmp_path: Path) -> None:
    workers = Workers(setup(tmp_path / "spool"), Budget(400_000_000))
    try:
        small = taken(photograph(tmp_path / "small.jpg", 1, (900, 700)))
        workers.render(small, workers.check(small))
        before = _resident()
        large = taken(photograph(tmp_path / "large.jpg", 2, (6000, 4000)))
        workers.render(large, workers.check(large))
        assert _resident() > before + 60_000_000
        until = time.monotonic() + heap.REST_SECONDS + 15
        while _resident() > before + 20_000_000 and time.monotonic() < until:
            time.sleep(0.5)
        assert _resident() < before + 20_000_000
    finally:
        workers.close()


def _page_faults() -> int:
    (worker,) = children()
    return int(Path(f"/proc/{worker}/stat").read_text().rpartition(")")[2].split()[7])


def _resident() -> int:
    (worker,) = children()
    return int(Path(f"/proc/{worker}/statm").read_text().split()[1]) * 4096
