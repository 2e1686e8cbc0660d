"""Worker processes, one for each photograph in hand, and what is done when one of them dies."""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack, nullcontext, suppress
from pathlib import Path
from typing import BinaryIO, Final, TypeVar

from pipeline.errors import LedgerError, PhotoRefused
from pipeline.labels import Code
from pipeline.lifecycle import Reason
from pipeline.memory import Budget
from pipeline.originals import digest, open_original, open_regular
from pipeline.refusals import (
    decoder_astray,
    decoder_crashed,
    killed_for_memory,
    too_slow,
)
from pipeline.spool import Spool
from pipeline.values import Inspection, Original, Picture
from pipeline.workers import frames, messages
from pipeline.workers.alarms import Alarms
from pipeline.workers.confinement import Protection
from pipeline.workers.frames import Malformed
from pipeline.workers.messages import Fields, Setup, Task, What

__all__ = ["Workers"]

SECRETS: Final = ("TOKEN", "SECRET", "PASSWORD", "KEY")
"""A worker's environment lacks every variable whose name holds one of these."""
SMALL_BYTES: Final = 16 << 20
"""Memory that a task to make a picture comes with, where it is free: for one of some megapixels it
is enough, and two messages less are two thirds of all."""
MOST_RESERVATIONS: Final = 8
"""In one task; a picture needs two at the most: to see whether it may pass as it is, and to make
another of it."""
LOOK_SECONDS: Final = 1.0
"""How often one who waits for an answer looks whether the time is over."""
PIECE_BYTES: Final = 1 << 14
"""What is read of a worker's words at once; most are far shorter."""

_Value = TypeVar("_Value")


class WorkerDied(Exception):
    """The worker is no more.

    `too_slow` where it was ended because it did not come to an end, `malformed` where it was ended
    because it said what no worker of ours would say.
    """

    def __init__(self, status: int, *, too_slow: bool = False, malformed: bool = False) -> None:
        super().__init__(f"status {status}")
        self.status = status
        self.too_slow = too_slow
        self.malformed = malformed


class Workers:
    """Checks and renders in processes of their own; threads share it.

    There are as many processes as threads call at once. They are started when they are needed,
    kept for the next photograph, and replaced when they die.
    """

    def __init__(self, setup: Setup, budget: Budget, *, start: int = 1) -> None:
        """Start the first workers.

        Args:
            setup: what every worker is told.
            budget: the memory that all pictures in hand may take, shared by all workers.
            start: how many to start at once, while there is nothing for them to do yet.
        """
        self._setup = setup
        self._budget = budget
        self._spool = Spool(setup.spool)
        self._alarms = Alarms()
        self._lock = threading.Lock()
        self._idle = [_Worker(setup) for _ in range(start)]

    def check(self, original: Original) -> Inspection:
        """See `pipeline.validate.check`; the same errors, and those of a worker that died.

        Raises:
            PhotoRefused: also `decoder_crashed`, `too_slow` and `no_memory`.
        """
        limits = self._setup.limits
        task = Task(what=What.CHECK, original=original)
        return self._of(task, lambda found: messages.inspection_from(found, limits))

    def prove(self, original: Original, inspection: Inspection) -> None:
        """See `pipeline.prepare.prove_pixels`; the same errors, and those of a worker that died.

        Raises:
            PhotoRefused: also `decoder_crashed`, `too_slow` and `no_memory`.
        """
        self._of(Task(what=What.PROVE, original=original, inspection=inspection), _nothing)

    def codes(self, original: Original) -> tuple[Code, ...]:
        """See `pipeline.prepare.codes_in`, of a photograph that nobody has looked into yet.

        Raises:
            PhotoRefused: it is no picture, or not whole; also those of a worker that died.
        """
        return self._of(Task(what=What.CODES, original=original), messages.codes_from)

    def pixel_digest(self, path: Path) -> str:
        """See `pipeline.prepare.pixel_digest`, of a file that nobody has looked into yet.

        Raises:
            PhotoRefused: it is no picture, or not whole; also those of a worker that died.
        """
        with open_regular(path, whole=True) as file:
            size = os.fstat(file.fileno()).st_size
            sha256 = digest(file, size)
        original = Original(sha256=sha256, size=size, path=path, root=path.parent)
        return self._of(Task(what=What.PIXELS, original=original), messages.digest_from)

    def render(self, original: Original, inspection: Inspection, photo_id: str = "") -> Picture:
        """See `pipeline.prepare.render`; the same errors, and those of a worker that died.

        Args:
            original: the photograph as it was received.
            inspection: what its header and structure say.
            photo_id: under whose name the picture is kept in the spool.

        Raises:
            PhotoRefused: also `decoder_crashed`, `too_slow` and `no_memory`.
            LedgerError: the spool cannot be written, or not be read.
        """
        task = Task(what=What.RENDER, original=original, inspection=inspection, photo_id=photo_id)
        return self._of(task, lambda made: self._in_spool(made, task))

    def protection(self) -> Protection:
        """Return what is in force in a worker, as one of them says.

        Raises:
            PhotoRefused: it does not start, or dies at once.
        """
        return self._ask(messages.PROTECTION, None, messages.protection_from)

    def close(self) -> None:
        """End all workers that are not at work."""
        with self._lock:
            for worker in self._idle:
                worker.end()
            self._idle.clear()
        self._alarms.close()

    def _of(self, task: Task, read: Callable[[object], _Value]) -> _Value:
        return self._ask(messages.task_message(task), task.original, read)

    def _ask(
        self,
        request: Mapping[str, object],
        original: Original | None,
        read: Callable[[object], _Value],
    ) -> _Value:
        with self._lock:
            worker = self._idle.pop() if self._idle else None
        try:
            return self._tried(worker or _Worker(self._setup), request, original, read)
        except (WorkerDied, LedgerError) as error:
            if isinstance(error, WorkerDied) and (error.too_slow or error.malformed):
                raise _refusal(error, self._setup.seconds) from None
        # A second time, by a new one: the system may have ended the first for another program's
        # sake, and it could write to the folder alone that was the spool when it was started.
        try:
            return self._tried(_Worker(self._setup), request, original, read)
        except WorkerDied as died:
            raise _refusal(died, self._setup.seconds) from None

    def _tried(
        self,
        worker: _Worker,
        request: Mapping[str, object],
        original: Original | None,
        read: Callable[[object], _Value],
    ) -> _Value:
        try:
            with _opened(original) as file:
                answer = worker.ask(request, file, self._budget, self._alarms, self._setup.seconds)
        except PhotoRefused:
            self._keep(worker)
            raise
        try:
            value = _outcome(answer, read)
        except Malformed:
            raise worker.astray() from None
        except LedgerError as error:
            value = error
        if isinstance(value, LedgerError):
            worker.end()
            raise value
        self._keep(worker)
        if isinstance(value, Exception):
            raise value
        return value

    def _keep(self, worker: _Worker) -> None:
        with self._lock:
            self._idle.append(worker)

    def _in_spool(self, made: object, task: Task) -> Picture:
        """Return a picture that lies in the spool as the worker says: it is what goes up."""
        picture = messages.picture_from(made, task.original, self._setup.limits, task.photo_id)
        try:
            with open_regular(self._spool.path(picture.spool_name), whole=True) as file:
                size = os.fstat(file.fileno()).st_size
                if size != picture.size or digest(file, size) != picture.sha256:
                    raise Malformed("another picture lies among those prepared")
        except PhotoRefused as error:
            if error.reason is Reason.UNREADABLE:
                # Its own disk fails the program: no fault of the worker's, nor of the photograph's.
                raise LedgerError(
                    f"a prepared picture in {self._setup.spool} cannot be read: check its "
                    "permissions and its disk, then run again"
                ) from error
            raise Malformed("it does not lie among those prepared") from error
        return picture


class _Worker:
    def __init__(self, setup: Setup) -> None:
        environment = {
            name: value
            for name, value in os.environ.items()
            if not any(word in name.upper() for word in SECRETS)
        }
        lends, borrows = socket.socketpair() if sys.platform == "linux" else (None, None)
        handles = () if borrows is None else (borrows.fileno(),)
        self._lends = lends
        self._process = subprocess.Popen(  # noqa: S603 - our own module and a number
            [sys.executable, "-m", "pipeline.workers", *map(str, handles)],
            pass_fds=handles,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # Workers are what runs side by side: NumPy's own threads, one a core, only cost their
            # start (0.1 of 0.4 CPU seconds, with two cores).
            env={**environment, "PYTHONSAFEPATH": "1", "OPENBLAS_NUM_THREADS": "1"},
        )
        if borrows is not None:
            borrows.close()
        assert self._process.stdin is not None  # noqa: S101 - it was asked for
        assert self._process.stdout is not None  # noqa: S101
        self._requests, self._answers = self._process.stdin, self._process.stdout
        self._said = _Answers(self._answers.fileno())
        with suppress(OSError):
            frames.write(self._requests, messages.setup_message(setup))

    def ask(
        self,
        request: Mapping[str, object],
        file: BinaryIO | None,
        budget: Budget,
        alarms: Alarms,
        seconds: float,
    ) -> dict[str, object]:
        """Have one task done, on an open file if there is one, and return the answer as it came.

        Raises:
            WorkerDied: the process died over it, or was ended.
        """
        deadline = _Deadline(alarms, seconds, self._process.kill)
        answers = self._said.until(deadline)
        try:
            if sys.platform == "linux" and self._lends is not None and file is not None:
                socket.send_fds(self._lends, [b"."], [file.fileno()])
            with ExitStack() as reserved:
                if request.get("what") == What.RENDER:
                    held = reserved.enter_context(budget.reserve_if_free(SMALL_BYTES))
                    request = {**request, "memory": held}
                frames.write(self._requests, request)
                left = MOST_RESERVATIONS
                while True:
                    answer = frames.read(answers)
                    if "reserve" in answer and left:
                        left -= 1
                        # Who has memory and waits for more would wait for ever.
                        reserved.close()
                        deadline.pause()
                        frames.write(self._requests, _reserved(reserved, budget, answer))
                        deadline.resume()
                    elif "release" in answer:
                        Fields(answer, "release").flag("release")
                        reserved.close()
                    else:
                        return answer
        except (EOFError, OSError):
            deadline.pause()
            raise WorkerDied(self.end(), too_slow=deadline.over) from None
        except Malformed:
            raise self.astray() from None
        except BaseException:
            self.end()
            raise
        finally:
            deadline.pause()

    def astray(self) -> WorkerDied:
        """End the process for what it said, and return the error to raise."""
        self._process.kill()
        return WorkerDied(self.end(), malformed=True)

    def end(self) -> int:
        """End the process and return its status."""
        for pipe in (self._requests, self._answers, self._lends):
            with suppress(OSError):
                if pipe is not None:
                    pipe.close()
        try:
            return self._process.wait(2)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()


class _Deadline:
    """Ends a process once it has had its time, in which pauses do not count."""

    def __init__(self, alarms: Alarms, seconds: float, end: Callable[[], None]) -> None:
        self._alarms = alarms
        self._left = seconds
        self._end = end
        self.over = False
        self.resume()

    def resume(self) -> None:
        self._since = time.monotonic()
        self._alarms.set(max(0.0, self._left), self._ring)

    def pause(self) -> None:
        self._alarms.cancel(self._ring)
        self._left -= time.monotonic() - self._since

    def _ring(self) -> None:
        self.over = True
        self._end()


class _Answers:
    """A worker's end of the pipe, read until its time is over, as much at once as has come.

    The end of the process alone need not end the pipe: whatever it started has it too.
    """

    def __init__(self, handle: int) -> None:
        self._handle = handle
        self._came = bytearray()
        self._is_ready = _readiness(handle)

    def until(self, deadline: _Deadline) -> _Answers:
        """Have it read until that is over."""
        self._deadline = deadline
        return self

    def read(self, size: int) -> bytes:
        while len(self._came) < size and self._waited():
            piece = os.read(self._handle, max(size - len(self._came), PIECE_BYTES))
            if not piece:
                break
            self._came += piece
        content = bytes(self._came[:size])
        del self._came[:size]
        return content

    def _waited(self) -> bool:
        while not self._is_ready(LOOK_SECONDS):
            if self._deadline.over:
                return False
        return True


def _readiness(handle: int) -> Callable[[float], bool]:
    """Return what waits for something to read, so many seconds at most, and says if there is."""
    if sys.platform == "win32":
        return lambda seconds: True  # its pipes cannot be waited for: only an end ends them
    poll = select.poll()
    poll.register(handle, select.POLLIN)
    return lambda seconds: bool(poll.poll(seconds * 1000))


def _opened(original: Original | None) -> AbstractContextManager[BinaryIO | None]:
    """Return a photograph open for reading, where a worker may not open it by itself."""
    if original is None or sys.platform != "linux":
        return nullcontext()
    return open_original(original, whole=True)


def _outcome(
    answer: dict[str, object], read: Callable[[object], _Value]
) -> _Value | PhotoRefused | LedgerError | RuntimeError:
    if len(answer) != 1:
        raise Malformed("not one answer")
    ((kind, value),) = answer.items()
    said = Fields(answer, kind)
    match kind:
        case "done":
            return read(value)
        case "refused":
            return messages.refusal_from(value)
        case "spool_failed":
            return LedgerError(said.text(kind))
        case "defect":
            text = said.lines(kind, messages.MOST_TRACEBACK)
            return RuntimeError(f"in a worker process:\n{text}")
        case _:
            raise Malformed("no answer that there is")


def _nothing(value: object) -> None:
    if value is not None:
        raise Malformed("something where nothing was asked for")


def _reserved(reserved: ExitStack, budget: Budget, asked: dict[str, object]) -> dict[str, object]:
    needed = Fields(asked, "reserve").whole("reserve", 0, messages.MOST_MEMORY)
    try:
        reserved.enter_context(budget.reserve(needed))
    except PhotoRefused as refusal:
        return {"refused": messages.refusal_message(refusal)}
    return {"reserved": needed}


def _refusal(died: WorkerDied, seconds: float) -> PhotoRefused:
    if died.too_slow:
        return too_slow(seconds)
    if died.malformed:
        return decoder_astray()
    if sys.platform != "win32" and died.status == -signal.SIGKILL:
        return killed_for_memory()
    return decoder_crashed(died.status)
