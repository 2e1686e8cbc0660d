"""Worker processes, one for each photograph in hand, and what is done when one of them dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import ExitStack, suppress
from typing import Any, Final, cast

from pipeline.errors import PhotoRefused
from pipeline.lifecycle import Reason
from pipeline.memory import Budget
from pipeline.values import Inspection, Original, Picture
from pipeline.workers import frames
from pipeline.workers.setup import Setup

__all__ = ["Workers"]

SECRETS: Final = ("TOKEN", "SECRET", "PASSWORD", "KEY")
"""A worker's environment lacks every variable whose name holds one of these."""


class _Lost(Exception):
    """The worker has died; `too_slow` where it was ended because it did not come to an end."""

    def __init__(self, status: int, *, too_slow: bool) -> None:
        super().__init__(f"status {status}")
        self.status = status
        self.too_slow = too_slow


class Workers:
    """Checks and renders in processes of their own; threads share it.

    There are as many processes as threads call at once. They are started when they are needed,
    kept for the next photograph, and replaced when they die.
    """

    def __init__(self, setup: Setup, budget: Budget, *, start: int = 1) -> None:
        """Take what the workers are told, and the memory that all pictures in hand may take.

        Args:
            setup: for every worker.
            budget: shared by all of them.
            start: how many to start at once, while there is nothing for them to do yet.
        """
        self._setup = setup
        self._budget = budget
        self._lock = threading.Lock()
        self._idle = [_Worker(setup) for _ in range(start)]

    def check(self, original: Original) -> Inspection:
        """See `pipeline.validate.check`; the same errors, and those of a lost worker.

        Raises:
            PhotoRefused: also `decoder_crashed`, `too_slow` and `no_memory`.
        """
        return cast("Inspection", self._ask("check", original))

    def prove(self, original: Original, inspection: Inspection) -> None:
        """See `pipeline.prepare.prove_pixels`; the same errors, and those of a lost worker.

        Raises:
            PhotoRefused: also `decoder_crashed`, `too_slow` and `no_memory`.
        """
        self._ask("prove", original, inspection)

    def render(self, original: Original, inspection: Inspection) -> Picture:
        """See `pipeline.prepare.render`; the same errors, and those of a lost worker.

        Raises:
            PhotoRefused: also `decoder_crashed`, `too_slow` and `no_memory`.
        """
        return cast("Picture", self._ask("render", original, inspection))

    def close(self) -> None:
        """End all workers that are not at work."""
        with self._lock:
            for worker in self._idle:
                worker.end()
            self._idle.clear()

    def _ask(self, what: str, original: Original, inspection: Inspection | None = None) -> Any:
        task = (what, original, inspection)
        try:
            return self._tried(task)
        except _Lost as lost:
            if lost.too_slow:
                raise _refusal(lost, self._setup.seconds) from None
        # A second time: the system may have ended it for another program's sake.
        try:
            return self._tried(task)
        except _Lost as lost:
            raise _refusal(lost, self._setup.seconds) from None

    def _tried(self, task: tuple[Any, ...]) -> Any:
        with self._lock:
            worker = self._idle.pop() if self._idle else None
        worker = worker or _Worker(self._setup)
        kind, value = worker.ask(task, self._budget, self._setup.seconds)
        with self._lock:
            self._idle.append(worker)
        if kind == "defect":
            raise RuntimeError(f"in a worker process:\n{value}")
        if kind == "raised":
            raise value
        return value


class _Worker:
    def __init__(self, setup: Setup) -> None:
        environment = {
            name: value
            for name, value in os.environ.items()
            if not any(word in name.upper() for word in SECRETS)
        }
        self._process = subprocess.Popen(
            [sys.executable, "-m", "pipeline.workers"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # Workers are what runs side by side: NumPy's own threads, one a core, only cost their
            # start (0.1 of 0.4 CPU seconds, with two cores).
            env={**environment, "PYTHONSAFEPATH": "1", "OPENBLAS_NUM_THREADS": "1"},
        )
        assert self._process.stdin is not None  # noqa: S101 - it was asked for
        assert self._process.stdout is not None  # noqa: S101
        self._requests, self._answers = self._process.stdin, self._process.stdout
        with suppress(OSError):
            frames.write(self._requests, setup)

    def ask(self, task: Any, budget: Budget, seconds: float) -> tuple[str, Any]:
        """Have one task done.

        Raises:
            _Lost: the process died over it, or was ended after so many seconds.
        """
        alarm = _Alarm(seconds, self._process.kill)
        try:
            frames.write(self._requests, task)
            with ExitStack() as held:
                while True:
                    kind, value = frames.read(self._answers)
                    if kind == "hold":
                        alarm.stop()
                        frames.write(self._requests, _held(held, budget, value))
                        alarm.start()
                    elif kind == "release":
                        held.close()
                    else:
                        return kind, value
        except (EOFError, OSError):
            alarm.stop()
            status = self.end()
            raise _Lost(status, too_slow=alarm.rang) from None
        except BaseException:
            self.end()
            raise
        finally:
            alarm.stop()

    def end(self) -> int:
        """End the process, and give its status."""
        for pipe in (self._requests, self._answers):
            with suppress(OSError):
                pipe.close()
        try:
            return self._process.wait(2)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()


class _Alarm:
    """Does something after so many seconds, unless it is stopped before."""

    def __init__(self, seconds: float, action: Callable[[], None]) -> None:
        self._seconds = seconds
        self._action = action
        self.rang = False
        self.start()

    def start(self) -> None:
        self._timer = threading.Timer(self._seconds, self._ring)
        self._timer.daemon = True
        self._timer.start()

    def stop(self) -> None:
        self._timer.cancel()

    def _ring(self) -> None:
        self.rang = True
        self._action()


def _held(held: ExitStack, budget: Budget, needed: int) -> PhotoRefused | None:
    try:
        held.enter_context(budget.reserve(needed))
    except PhotoRefused as refusal:
        return refusal
    return None


def _refusal(lost: _Lost, seconds: float) -> PhotoRefused:
    if lost.too_slow:
        return PhotoRefused(
            Reason.TOO_SLOW,
            f"it was not decoded after {seconds:.0f} seconds: save it anew, or raise the limit",
        )
    if os.name == "posix" and lost.status == -signal.SIGKILL:
        return PhotoRefused(
            Reason.NO_MEMORY,
            "the system ended the process that decoded it, probably for want of memory: "
            "close other programs, or save it smaller",
        )
    return PhotoRefused(
        Reason.DECODER_CRASHED,
        f"the decoder crashed over it (status {lost.status}): it is damaged in a way that no "
        "program should fall over; save it anew",
    )
