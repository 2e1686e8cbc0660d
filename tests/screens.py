"""What people see: a command on a pseudo-terminal of a given size, and what its screen shows."""

from __future__ import annotations

import os
import select
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Self

import pyte

from tests import posix
from tests.stories.commands import Command

__all__ = ["Terminal", "on_a_screen"]


class _Screen(pyte.HistoryScreen):
    """A screen that knows whether a line was ever longer than it is wide."""

    def __init__(self, columns: int, lines: int) -> None:
        super().__init__(columns, lines, history=100_000, ratio=0.5)
        self.wrapped: list[str] = []

    def draw(self, data: str) -> None:
        # pyte takes what goes beyond the last column to the next line.
        over = self.cursor.x + len(data) > self.columns
        if over:
            self.wrapped.append(data)
        super().draw(data)


class Terminal:
    """A terminal with one command on it; leave it by `with`."""

    def __init__(
        self,
        pipeline: Command,
        *arguments: object,
        columns: int = 80,
        lines: int = 24,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.raw = b""
        self.screen = _Screen(columns, lines)
        self._stream = pyte.ByteStream(self.screen)
        self._ours, theirs = posix.openpty()
        posix.ioctl(theirs, posix.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        whole = {**pipeline.environment, "TERM": "xterm-256color", **(environment or {})}
        whole.pop("COLUMNS")
        # Whoever begins a session and opens a terminal is in charge of it, as in a window.
        shell = 'terminal=$1; shift; exec "$@" <"$terminal" >"$terminal" 2>&1'
        words = [sys.executable, "-m", "pipeline", *map(str, arguments)]
        self.process = subprocess.Popen(
            ["/bin/sh", "-c", shell, "sh", posix.ttyname(theirs), *words],
            stdin=subprocess.DEVNULL,
            env=whole,
            start_new_session=True,
        )
        # Until it is opened there, closing it here would end it.
        self._theirs: int | None = theirs

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            posix.killpg(self.process.pid, posix.SIGKILL)
        self.process.wait(60)
        if self._theirs is not None:
            os.close(self._theirs)
        os.close(self._ours)

    def type(self, keys: str) -> None:
        """Press keys."""
        os.write(self._ours, keys.encode())

    def until(self, happens: Callable[[], bool], seconds: float = 60) -> None:
        """Go on until something is on the screen."""
        deadline = time.monotonic() + seconds
        while not happens():
            assert time.monotonic() < deadline, self.shown
            self.read()

    def end(self, seconds: float = 120) -> int:
        """Go on until the command has ended, and return its exit status."""
        deadline = time.monotonic() + seconds
        while self.process.poll() is None:
            assert time.monotonic() < deadline, self.shown
            self.read()
        while self.read():
            pass
        return self.process.returncode

    @property
    def shown(self) -> str:
        """The screen as it is now, without what is empty."""
        return "\n".join(line.rstrip() for line in self.screen.display).rstrip()

    @property
    def lines(self) -> list[str]:
        """All that stands on the screen and above it."""
        above = [
            "".join(line[at].data for at in range(self.screen.columns)).rstrip()
            for line in self.screen.history.top
        ]
        return [*above, *self.shown.split("\n")]

    def read(self) -> bool:
        """Take what has come meanwhile; whether something had."""
        ready, _, _ = select.select([self._ours], [], [], 0.05)
        piece = b""
        # Where the last process has left a terminal, Linux says so by an error.
        with suppress(OSError):
            piece = os.read(self._ours, 65_536) if ready else b""
        self.raw += piece
        self._stream.feed(piece)
        return bool(piece)


def on_a_screen(pipeline: Command, *arguments: object, **how: Any) -> Terminal:
    """Return the terminal on which a command has run to its end."""
    with Terminal(pipeline, *arguments, **how) as terminal:
        terminal.end()
    return terminal
