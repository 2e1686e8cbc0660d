"""The real command, forked from a process that has imported it: a run in a tenth of a second.

Each call is a process of its own, with its own environment, session and output, that is killed like
any other; only the half second in which Python imports everything is spent once.
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import threading
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self

import pipeline.__main__ as program
from pipeline.cli.main import COMMANDS
from tests import posix
from tests.localstore.process import ROOT

__all__ = ["ForkServer", "fork_server"]


class ForkServer:
    """Starts `pipeline …` again and again, and waits for its end."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.stories.forkserver"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
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
        """Run the command to its end; return its status, negative where a signal ended it.

        Args:
            arguments: what follows `pipeline`.
            environment: the whole of it.
            out: the file to which standard output is added.
            err: the same for standard error; None: to the same file.
            seconds: after which it is ended, by SIGALRM.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        order = {
            "arguments": list(arguments),
            "environment": dict(environment),
            "out": str(out),
            "err": str(err or out),
            "seconds": int(seconds),
        }
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


_idle: list[ForkServer] = []
_lock = threading.Lock()


@contextmanager
def fork_server() -> Iterator[ForkServer]:
    """Yield a fork server that nobody else uses; it is kept for the next who asks."""
    with _lock:
        server = _idle.pop() if _idle else ForkServer()
    yield server
    with _lock:
        _idle.append(server)


def _serve() -> None:
    for place, _ in COMMANDS.values():
        importlib.import_module(place.partition(":")[0])
    for late in ("pipeline.upload", "pipeline.workers", "pipeline.ledger.ledger", "rich.progress"):
        importlib.import_module(late)
    for line in sys.stdin:
        order = json.loads(line)
        child = posix.fork()
        if child == 0:
            _become(order)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _become(order: dict[str, object]) -> None:
    writing = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    nothing = os.open(os.devnull, os.O_RDONLY)
    out, err = (os.open(str(order[name]), writing, 0o644) for name in ("out", "err"))
    for handle, target in ((nothing, 0), (out, 1), (err, 2)):
        os.dup2(handle, target)
    posix.setsid()
    os.environ.clear()
    os.environ.update(order["environment"])  # type: ignore[call-overload]
    sys.modules["__main__"] = program
    sys.argv = [str(program.__file__), *order["arguments"]]  # type: ignore[misc]
    posix.alarm(order["seconds"])
    status = 70
    try:
        program.main()
    except SystemExit as ended:
        status = ended.code if isinstance(ended.code, int) else 0 if ended.code is None else 1
    except BaseException:
        traceback.print_exc()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):
            stream.flush()
    os._exit(status)


if __name__ == "__main__":
    _serve()
