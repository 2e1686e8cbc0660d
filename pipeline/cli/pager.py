"""Long answers page, as git's do: only on a terminal, and only what is longer than its screen.

Lines are held until there is more than a screen of them, and then go through a pager as they come:
the first screen of a million rows is there at once. A pager that somebody leaves early is no error;
the rest goes nowhere.
"""

from __future__ import annotations

import io
import os
import re
import shlex
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout, suppress
from functools import wraps
from typing import TYPE_CHECKING, Any, Final, TextIO, TypeVar, cast

import click

from pipeline.layout import cells, height_of, is_dumb, width_of

if TYPE_CHECKING:
    import subprocess

__all__ = ["Paged", "no_pager_option", "paged", "pages"]

_Decorated = TypeVar("_Decorated", bound=Callable[..., Any])

_USUAL: Final = "less -FRX"

_FOR_PAGERS: Final[Mapping[str, str]] = {"LESS": "FRX", "LV": "-c"}
"""What a pager is told that shows styles, where nobody has told it otherwise; as git does it."""

_KEY: Final = "pipeline.no_pager"

_STYLE: Final = re.compile(r"\x1b\[[0-9;]*m")


def _note(context: click.Context, option: click.Parameter, value: bool) -> None:
    if value:
        context.meta[_KEY] = True


no_pager_option: Final = click.option(
    "--no-pager",
    is_flag=True,
    expose_value=False,
    callback=_note,
    help="Print a long answer at once, without a pager.",
)


def pages(command: _Decorated) -> _Decorated:
    """Have all that a command prints on standard output go through a pager, where it is long."""

    @wraps(command)
    def called(*args: object, **others: object) -> object:
        with paged():
            return command(*args, **others)

    return cast(_Decorated, no_pager_option(called))


@contextmanager
def paged() -> Iterator[None]:
    """Have what is printed on standard output go through a pager, where that is wanted."""
    out = sys.stdout
    words = _pager()
    context = click.get_current_context(silent=True)
    unwanted = context is not None and context.meta.get(_KEY, False)
    if unwanted or not words or is_dumb() or width_of(out) is None:
        yield
        return
    stream = Paged(out, words)
    try:
        with redirect_stdout(stream):
            yield
    finally:
        stream.end()


class Paged(io.TextIOBase):
    """Standard output that turns into a pager's input once it is longer than a screen."""

    encoding = "utf-8"
    errors = "backslashreplace"

    def __init__(self, out: TextIO, words: Sequence[str]) -> None:
        """Hold what comes first.

        Args:
            out: the terminal.
            words: the pager's command.
        """
        self._out = out
        self._words = words
        self._held: list[str] = []
        self._rows = 0
        self._pager: subprocess.Popen[str] | None = None
        self._through = False
        """It goes to the terminal, for there is no such pager."""
        self._gone = False

    def isatty(self) -> bool:
        """Return that it is shown on a terminal."""
        return True

    def writable(self) -> bool:
        """Return that it can be written to."""
        return True

    def fileno(self) -> int:
        """Return the terminal's number, which knows how wide it is."""
        return self._out.fileno()

    def write(self, text: str) -> int:
        """Write a text.

        Raises:
            BrokenPipeError: somebody left the pager just now; what comes later goes nowhere.
        """
        if not isinstance(text, str):
            raise TypeError("only text can be shown")
        if self._through:
            return self._out.write(text)
        if self._pager is None:
            self._hold(text)
        else:
            self._hand_over(text)
        return len(text)

    def flush(self) -> None:
        """Let the pager, or the terminal, have what was written."""
        if self._through:
            self._out.flush()

    def end(self) -> None:
        """Show what is still held, or wait until somebody has left the pager."""
        if self._pager is None:
            self._out.write("".join(self._held))
            self._out.flush()
            self._held.clear()
            return
        assert self._pager.stdin is not None  # noqa: S101 - it was started with one
        # What it did not get any more, it was not asked for.
        with suppress(OSError):
            self._pager.stdin.close()
        while True:
            # Ctrl-C is the pager's: it may mean a search in it.
            with suppress(KeyboardInterrupt):
                self._pager.wait()
                return

    def _hold(self, text: str) -> None:
        self._held.append(text)
        width = width_of(self._out) or 1
        for line in text.split("\n")[:-1]:
            self._rows += max(-(-cells(_STYLE.sub("", line)) // width), 1)
        # The prompt that follows takes a line, too.
        if self._rows >= height_of(self._out):
            self._start()

    def _start(self) -> None:
        import subprocess  # only a long answer needs it

        held = "".join(self._held)
        self._held.clear()
        try:
            self._pager = subprocess.Popen(  # noqa: S603 - the user's own command
                self._words,
                stdin=subprocess.PIPE,
                text=True,
                encoding=self.encoding,
                errors=self.errors,
                env={**_FOR_PAGERS, **os.environ},
            )
        except OSError:
            self._through = True
            self._out.write(held)
        else:
            self._hand_over(held)

    def _hand_over(self, text: str) -> None:
        assert self._pager is not None  # noqa: S101 - it was started
        assert self._pager.stdin is not None  # noqa: S101
        if self._gone:
            return
        try:
            self._pager.stdin.write(text)
            self._pager.stdin.flush()
        except OSError as error:
            self._gone = True
            raise BrokenPipeError from error


def _pager() -> Sequence[str]:
    """Return the command of the pager that is wanted; none where none is."""
    said = os.environ.get("PIPELINE_PAGER")
    if said is None:
        said = os.environ.get("PAGER", _USUAL)
    try:
        words = shlex.split(said, posix=os.name == "posix")
    except ValueError:
        return ()
    return () if words == ["cat"] else words
