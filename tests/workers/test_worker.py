"""The worker's own end of the pipe: a real process, spoken to in its frames."""

from __future__ import annotations

import io
import os
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pipeline.values import EncodeSettings, Limits, Original
from pipeline.workers import Setup, frames, messages
from tests import posix
from tests.stories.commands import ROOT, photograph
from tests.workers.test_pool import taken

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="files come open on Linux alone")

LIMITS = Limits()


class Spoken:
    """One worker, and the channel by which it gets files that are open."""

    def __init__(self, process: subprocess.Popen[bytes], channel: socket.socket) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self.process = process
        self.requests, self.answers = process.stdin, process.stdout
        self._channel = channel

    def ask(self, original: Original, message: dict[str, object]) -> dict[str, object]:
        with original.path.open("rb") as file:
            posix.send_fds(self._channel, [b"f"], [file.fileno()])
        frames.write(self.requests, message)
        return dict(frames.read(self.answers))


@contextmanager
def worker(spool: Path) -> Iterator[Spoken]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        process = subprocess.Popen(
            [sys.executable, "-m", "pipeline.workers", str(theirs.fileno())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            pass_fds=[theirs.fileno()],
            cwd=ROOT,
            env=dict(os.environ),
        )
        spoken = Spoken(process, ours)
        setup = Setup(
            limits=LIMITS,
            encoding=EncodeSettings(),
            spool=spool,
            memory=400_000_000,
            seconds=60,
        )
        frames.write(spoken.requests, messages.setup_message(setup))
        try:
            yield spoken
        finally:
            spoken.requests.close()
            assert process.wait(20) is not None
            spoken.answers.close()


def check(original: Original) -> dict[str, object]:
    return messages.task_message(messages.Task(what=messages.What.CHECK, original=original))


def test_it_answers_one_task_after_another_and_ends_with_its_pipe(tmp_path: Path) -> None:
    with worker(tmp_path / "spool") as spoken:
        for number in range(3):
            original = taken(photograph(tmp_path / f"{number}.jpg", number))
            answer = spoken.ask(original, check(original))
            assert messages.inspection_from(answer["done"], LIMITS).width == 320
    assert spoken.process.returncode == 0


@pytest.mark.parametrize("memory", [0, 16 << 20])
def test_it_asks_for_memory_only_where_it_has_not_enough(tmp_path: Path, memory: int) -> None:
    with worker(tmp_path / "spool") as spoken:
        original = taken(photograph(tmp_path / "a.jpg", 1))
        found = messages.inspection_from(spoken.ask(original, check(original))["done"], LIMITS)
        task = messages.Task(
            what=messages.What.RENDER, original=original, inspection=found, memory=memory
        )
        answer = spoken.ask(original, messages.task_message(task))
        asked = 0
        while "done" not in answer:
            if "reserve" in answer:
                asked += 1
                frames.write(spoken.requests, {"reserved": answer["reserve"]})
            answer = dict(frames.read(spoken.answers))
    assert (asked == 0) == (memory > 0)


def test_what_is_no_picture_is_refused_with_its_sentence(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(b"no picture at all")
    with worker(tmp_path / "spool") as spoken:
        original = taken(path)
        answer = spoken.ask(original, check(original))
    assert "it is" in str(messages.refusal_from(answer["refused"]))


def test_it_says_how_it_is_protected(tmp_path: Path) -> None:
    with worker(tmp_path / "spool") as spoken:
        frames.write(spoken.requests, dict(messages.PROTECTION))
        assert messages.protection_from(frames.read(spoken.answers)["done"]) is not None


def test_a_frame_that_is_longer_than_any_message_is_not_read() -> None:
    with pytest.raises(frames.Malformed):
        frames.read(io.BytesIO(struct.pack("!I", frames.MOST_BYTES + 1) + b"{}"))


def test_it_ends_without_a_word_wherever_whoever_started_it_was_killed(tmp_path: Path) -> None:
    setup = Setup(
        limits=LIMITS, encoding=EncodeSettings(), spool=tmp_path, memory=400_000_000, seconds=60
    )
    said = io.BytesIO()
    frames.write(said, messages.setup_message(setup))
    whole = said.getvalue()
    for length in (0, 2, 4, len(whole) // 2, len(whole), len(whole) + 3):
        ours, theirs = socket.socketpair()
        with ours, theirs:
            ended = subprocess.run(
                [sys.executable, "-m", "pipeline.workers", str(theirs.fileno())],
                input=(whole + b"\0\0\0\1")[:length],
                pass_fds=[theirs.fileno()],
                cwd=ROOT,
                capture_output=True,
                timeout=60,
                check=False,
            )
        assert (ended.returncode, ended.stdout, ended.stderr) == (0, b"", b""), length


_INTERRUPTED_WHILE_IT_LOADS = """
import os, runpy, signal, sys

class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == "pipeline.workers.worker":
            for number in (signal.SIGINT, signal.SIGTERM):
                os.kill(os.getpid(), number)

sys.meta_path.insert(0, Interrupting())
runpy.run_module("pipeline.workers", run_name="__main__")
"""


def test_a_ctrl_c_while_a_worker_still_loads_is_none_of_its_business() -> None:
    worker = subprocess.run(
        [sys.executable, "-c", _INTERRUPTED_WHILE_IT_LOADS],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert (worker.returncode, worker.stderr) == (0, b"")
