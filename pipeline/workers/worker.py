"""The process that looks into foreign bytes: what a codec does to it costs one photograph.

It is started by `pool`, gets tasks on standard input and answers on standard output. It may take
so much memory and so much time for each; where it dies, only that photograph is concerned. Before
it sees the first one it gives up what it has no use for (`confinement`).
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
import time
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import asdict
from pathlib import Path
from typing import BinaryIO, Final

from PIL import Image

from pipeline.errors import LedgerError, PhotoRefused
from pipeline.memory import Budget
from pipeline.originals import lent
from pipeline.prepare import (
    allow_pixels,
    codes_in,
    load_reader,
    pixel_digest,
    prove_pixels,
    render,
)
from pipeline.spool import Spool
from pipeline.validate import check
from pipeline.values import Inspection, Original, Picture
from pipeline.wording import plain
from pipeline.workers import frames, messages
from pipeline.workers.confinement import Protection, confine
from pipeline.workers.heap import Heap
from pipeline.workers.messages import Setup, Task, What

__all__ = ["main"]

BESIDE_BYTES: Final = 300_000_000
"""Memory that a worker may take beside the picture it has in hand: encoders, several copies of
the reduced picture. What the libraries take from the start is not counted."""


class RemoteMemory(Budget):
    """The memory for pictures in hand, shared by all workers: asked for through the pipe.

    Attributes:
        held: bytes that it has for the task in hand without asking; with more comes another share.
    """

    def __init__(self, requests: BinaryIO, answers: BinaryIO, seconds: float) -> None:
        super().__init__(0)
        self._seconds = seconds
        self._requests = requests
        self._answers = answers
        self.held = 0

    @contextmanager
    def reserve(self, needed: int) -> Iterator[None]:
        """See `Budget.reserve`; the time it takes is nobody's."""
        if needed <= self.held:
            yield
            return
        self.held = 0
        _alarm(0)
        frames.write(self._answers, {"reserve": needed})
        answer = frames.read(self._requests)
        _alarm(self._seconds)
        if "refused" in answer:
            raise messages.refusal_from(answer["refused"])
        try:
            yield
        finally:
            frames.write(self._answers, {"release": True})


def main() -> None:
    """Serve until standard input ends."""
    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    # Whatever a library prints must not get between our frames.
    sys.stdout = sys.stderr
    warnings.filterwarnings("ignore", module="PIL")
    # Whoever started it may end, or be killed, at any time: nobody is there to be told anything.
    with suppress(EOFError, BrokenPipeError):
        _serve(requests, answers)


def _serve(requests: BinaryIO, answers: BinaryIO) -> None:
    setup = messages.setup_from(frames.read(requests))
    heap = Heap()
    allow_pixels(setup.limits.most_pixels)
    _bound_memory(setup.memory + BESIDE_BYTES)
    if setup.labels:
        load_reader()
    protection = _confined(setup.spool)
    # Not before: what is given up is given up by a thread, and by those it starts.
    if os.name == "posix":
        threading.Thread(target=_leave_with, args=(os.getppid(), heap), daemon=True).start()
    # Later than the pool's own alarm, which says what happened: for where that is gone.
    alarm = setup.seconds * 2 + 10
    memory = RemoteMemory(requests, answers, alarm)
    with _loans() as loan:
        while True:
            message = frames.read(requests)
            if message == messages.PROTECTION:
                frames.write(answers, {"done": asdict(protection)})
                continue
            task = messages.task_from(message, setup.limits)
            memory.held = task.memory
            _alarm(alarm)
            with loan(task.original), heap.at_work():
                answer = _answer(task, setup, memory)
            frames.write(answers, answer)
            _alarm(0)


def _confined(spool: Path) -> Protection:
    # What is loaded later is compiled anew by each worker where the one before kept nothing of it:
    # from here on it writes no file but pictures.
    Image.preinit()
    # Only what is there can be left out of what is given up.
    with suppress(OSError):
        spool.mkdir(parents=True, exist_ok=True)
    return confine(spool)


@contextmanager
def _loans() -> Iterator[Callable[[Original], AbstractContextManager[None]]]:
    """Return what takes the open file that comes with each task, where files come open."""
    if sys.platform != "linux":
        yield lambda _: nullcontext()
        return
    with socket.socket(fileno=int(sys.argv[1])) as channel:

        def loan(original: Original) -> AbstractContextManager[None]:
            _, handles, _, _ = socket.recv_fds(channel, 1, 1)
            return lent(original, *handles)

        yield loan


def _answer(task: Task, setup: Setup, memory: Budget) -> dict[str, object]:
    try:
        if task.what is messages.What.CODES:
            found = check(task.original, setup.limits)
            codes = codes_in(task.original, found, setup.limits)
            return {"done": messages.codes_message(codes)}
        return {"done": messages.value_message(_done(task, setup, memory))}
    except PhotoRefused as refusal:
        return {"refused": messages.refusal_message(refusal)}
    except LedgerError as error:
        return {"spool_failed": plain(str(error))[: messages.MOST_TEXT]}
    except (EOFError, BrokenPipeError):
        raise
    except Exception:
        lines = traceback.format_exc()[-messages.MOST_TRACEBACK :].splitlines()
        return {"defect": "\n".join(plain(line) for line in lines)[-messages.MOST_TRACEBACK :]}


def _done(task: Task, setup: Setup, memory: Budget) -> Inspection | Picture | str | None:
    original, inspection, limits = task.original, task.inspection, setup.limits
    if task.what is What.PIXELS:
        return pixel_digest(original, check(original, limits), limits)
    if inspection is None:
        return check(original, limits)
    if task.what is What.PROVE:
        prove_pixels(original, inspection, limits)
        return None
    spool = Spool(setup.spool, task.photo_id)
    return render(original, inspection, limits, setup.encoding, spool, memory)


def _bound_memory(more: int) -> None:
    """Let this process take so many more bytes than it has now, where the platform can do that.

    Linux counts the private memory of a process under RLIMIT_DATA; elsewhere (macOS knows the
    limit and ignores it, Windows has none) only the budget bounds the pictures.
    """
    if not sys.platform.startswith("linux"):
        return
    import resource

    taken = int(Path("/proc/self/statm").read_text("ascii").split()[5]) * os.sysconf("SC_PAGESIZE")
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_DATA, (taken + more, taken + more))
        # A crash is told by its signal; nobody needs a picture of the memory.
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _leave_with(parent: int, heap: Heap) -> None:
    """End with the program, also where that was killed in the middle of a long picture.

    On the way it looks whether memory is to be given back.
    """
    while os.getppid() == parent:
        time.sleep(1)
        heap.look()
    os._exit(1)


def _alarm(seconds: float) -> None:
    if sys.platform != "win32":
        signal.setitimer(signal.ITIMER_REAL, seconds)
