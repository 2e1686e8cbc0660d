"""The real programs, forked from a process that has imported them: started in a tenth of a second.

Each is a process of its own, with its own environment and output, that is killed like any other;
only the half second in which Python imports everything is spent once.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import select
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final, Self

from tests import posix

__all__ = ["ForkServer", "Forked", "can_fork", "fork_server"]

ROOT: Final = Path(__file__).resolve().parents[1]

PYTHONS: Final = ("PYTHONPATH", "PYTHONSAFEPATH", "PYTHONHASHSEED", "PYTHONWARNINGS")

LATE: Final = {
    "pipeline": (
        "pipeline.upload",
        "pipeline.workers",
        "pipeline.ledger.ledger",
        "rich.progress",
    ),
    "pipeline.localstore": (
        "pipeline.localstore.server",
        "PIL.BmpImagePlugin",
        "PIL.GifImagePlugin",
        "PIL.JpegImagePlugin",
        "PIL.PngImagePlugin",
        "PIL.PpmImagePlugin",
        "anyio._backends._asyncio",
        "filelock",
        "uvicorn.lifespan.off",
        "uvicorn.loops.auto",
    ),
}
"""The programs, each with what it imports only when it is at work."""


def can_fork(environment: Mapping[str, str]) -> bool:
    """Whether a process with this environment would load what this one loads."""
    ours = [os.environ.get(name) for name in PYTHONS]
    real = "REAL_PROCESSES" in os.environ or not hasattr(os, "fork")
    return not real and [environment.get(name) for name in PYTHONS] == ours


class ForkServer:
    """Starts one of the programs again and again, one at a time."""

    def __init__(self, program: str = "pipeline") -> None:
        self.program = program
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.forkserver", program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            # Nothing of an answer may lie in a buffer while somebody waits for it.
            bufsize=0,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(10)

    def __call__(
        self,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        out: Path,
        err: Path | None = None,
        seconds: float = 90,
    ) -> int:
        """Run the program to its end, in a session of its own; return its exit status.

        Args:
            arguments: what follows its name.
            environment: the whole of it.
            out: the file to which standard output is added.
            err: the same for standard error; None: to the same file.
            seconds: after which it is ended, by SIGALRM.

        Returns:
            The status, negative where a signal ended it.
        """
        self.start(arguments, environment, out, err or out, seconds)
        status = self.ended(None)
        assert status is not None
        return status

    def start(
        self,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        out: Path,
        err: Path,
        seconds: float | None,
    ) -> int:
        """Start the program; return its process id.

        As in a call, but without `seconds` it stays in this process's session and has no end set.
        """
        assert self._process.stdin is not None
        order = {
            "arguments": list(arguments),
            "environment": dict(environment),
            "out": str(out),
            "err": str(err),
            "seconds": seconds,
        }
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        return int(self._answer())

    def ended(self, seconds: float | None) -> int | None:
        """Wait for the end of what was started, so long at the most; return its exit status."""
        assert self._process.stdout is not None
        if not select.select([self._process.stdout], [], [], seconds)[0]:
            return None
        return int(self._answer())

    def _answer(self) -> bytes:
        assert self._process.stdout is not None
        answer: bytes = self._process.stdout.readline()
        assert answer, "the fork server has ended"
        return answer


class Forked:
    """A program that goes on; it is waited for and signalled as a `Popen` is."""

    def __init__(
        self,
        program: str,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        out: Path,
        err: Path,
    ) -> None:
        self._lock = threading.Lock()
        self._server = _taken(program)
        self.returncode: int | None = None
        self.pid = self._server.start(arguments, environment, out, err, None)

    def poll(self) -> int | None:
        """Return the exit status, None where it still runs."""
        return self._ended(0)

    def wait(self, timeout: float | None = None) -> int:
        """Return the exit status; raise `subprocess.TimeoutExpired` after so many seconds."""
        status = self._ended(timeout)
        if status is None:
            assert timeout is not None
            raise subprocess.TimeoutExpired(self._server.program, timeout)
        return status

    def send_signal(self, number: int) -> None:
        """Send a signal, where it has not ended."""
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def _ended(self, seconds: float | None) -> int | None:
        with self._lock:
            if self.returncode is None:
                self.returncode = self._server.ended(seconds)
                if self.returncode is not None:
                    _given_back(self._server)
            return self.returncode


_idle: list[ForkServer] = []
_lock = threading.Lock()


def _taken(program: str) -> ForkServer:
    with _lock:
        for server in _idle:
            if server.program == program:
                _idle.remove(server)
                return server
    return ForkServer(program)


def _given_back(server: ForkServer) -> None:
    with _lock:
        _idle.append(server)


@contextmanager
def fork_server() -> Iterator[ForkServer]:
    """Yield a fork server of the command that nobody else uses; it is kept for the next who asks.

    One that was left in the middle of something is not.
    """
    server = _taken("pipeline")
    yield server
    _given_back(server)


def _serve(name: str) -> None:
    program = importlib.import_module(f"{name}.__main__")
    if name == "pipeline":
        for place, _ in importlib.import_module("pipeline.cli.main").COMMANDS.values():
            importlib.import_module(place.partition(":")[0])
    for late in LATE[name]:
        importlib.import_module(late)
    # What is here already is not looked through again by each of them.
    gc.freeze()
    for line in sys.stdin:
        order = json.loads(line)
        child = posix.fork()
        if child == 0:
            _become(program, order)
        print(child, flush=True)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _become(program: Any, order: dict[str, Any]) -> None:
    writing = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    nothing = os.open(os.devnull, os.O_RDONLY)
    out, err = (os.open(order[name], writing, 0o644) for name in ("out", "err"))
    for handle, target in ((nothing, 0), (out, 1), (err, 2)):
        os.dup2(handle, target)
    for handle in (nothing, out, err):
        os.close(handle)
    os.environ.clear()
    os.environ.update(order["environment"])
    sys.modules["__main__"] = program
    sys.argv = [str(program.__file__), *order["arguments"]]
    if order["seconds"] is not None:
        posix.setsid()
        posix.alarm(int(order["seconds"]))
    status = 70
    try:
        status = program.main() or 0
    except SystemExit as ended:
        status = ended.code if isinstance(ended.code, int) else 0 if ended.code is None else 1
    except BaseException:
        traceback.print_exc()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):
            stream.flush()
    os._exit(status)


if __name__ == "__main__":
    _serve(sys.argv[1])
