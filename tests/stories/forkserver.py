"""The real command, forked from a process that has imported it: a run in a tenth of a second.

Each call is a process of its own, with its own environment, that is killed like any other; only
the half second in which Python imports everything is spent once.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from tests import posix
from tests.localstore.process import ROOT

__all__ = ["ForkServer"]


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

    def __call__(self, arguments: list[str], environment: Mapping[str, str], log: Path) -> int:
        """Run the command to its end; give its status, negative where a signal ended it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        order = {"arguments": arguments, "environment": dict(environment), "log": str(log)}
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


def _serve() -> None:
    import pipeline.assembly
    import pipeline.cli.main
    import pipeline.cli.run
    import pipeline.upload
    import pipeline.workers  # noqa: F401

    for line in sys.stdin:
        order = json.loads(line)
        child = posix.fork()
        if child == 0:
            _become(order)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _become(order: dict[str, object]) -> None:
    log = os.open(str(order["log"]), os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for stream, target in ((os.open(os.devnull, os.O_RDONLY), 0), (log, 1), (log, 2)):
        os.dup2(stream, target)
    os.environ.clear()
    os.environ.update(order["environment"])  # type: ignore[call-overload]
    sys.argv = ["pipeline", *order["arguments"]]  # type: ignore[misc]
    posix.alarm(90)
    from pipeline.__main__ import main

    try:
        main()
    except SystemExit as ended:
        sys.stdout.flush()
        os._exit(ended.code if isinstance(ended.code, int) else 1)
    os._exit(70)


if __name__ == "__main__":
    _serve()
