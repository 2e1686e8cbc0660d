"""The three standard streams, there whoever started us: a cron job may come without one of them.

Where one is closed, the next file that is opened would get its number: a library's warning would
then be written into it, by us or by a process that we start. So the gap is filled before anything
is opened, with what gives nothing to read and takes all that is written.

A camera waits while the hook runs, so nothing is imported here that Python has not loaded already
when it starts.
"""

from __future__ import annotations

import io
import os
import sys

__all__ = ["Lost", "fill_gaps", "go_nowhere", "lost"]

_LAST = 2
"""The number of standard error."""


class Lost(io.TextIOWrapper):
    """What stands in the place of an output that could not be written, and knows why."""

    def __init__(self, number: int, why: OSError) -> None:
        """Take the number that leads nowhere by now, and why the output cannot be written."""
        super().__init__(os.fdopen(number, "wb", closefd=False), encoding="utf-8", errors="replace")
        self.why = why


def fill_gaps() -> None:
    """See that standard input, output and error are there: an empty one where one is not."""
    if os.name == "posix" and _any_closed():
        while (number := os.open(os.devnull, os.O_RDWR)) <= _LAST:
            os.set_inheritable(number, True)
        os.close(number)
    # Where there is no console at all (Windows), Python has none of them either.
    sys.stdin = sys.stdin or _empty("r")
    sys.stdout = sys.stdout or _empty("w")
    sys.stderr = sys.stderr or _empty("w")


def go_nowhere(*, err: bool, why: OSError | None = None) -> None:
    """Let what is left of an output go nowhere.

    Args:
        err: it is standard error.
        why: it cannot be written (the disk is full, say); None where nobody reads it any more.
    """
    stream = sys.stderr if err else sys.stdout
    nowhere = os.open(os.devnull, os.O_WRONLY)
    number = stream.fileno()
    os.dup2(nowhere, number)
    os.close(nowhere)
    if why is None:
        return
    try:  # noqa: SIM105 - contextlib is one of what is not loaded yet
        stream.flush()
    except OSError:
        pass  # what was held is lost with the rest
    if not err:
        sys.stdout = Lost(number, why)


def lost() -> OSError | None:
    """Return why standard output could not be written as a whole; None where it was."""
    return sys.stdout.why if isinstance(sys.stdout, Lost) else None


def _empty(mode: str) -> io.TextIOWrapper:
    return io.TextIOWrapper(os.fdopen(os.open(os.devnull, os.O_RDWR), f"{mode}b"), encoding="utf-8")


def _any_closed() -> bool:
    for number in range(_LAST + 1):
        try:
            os.fstat(number)
        except OSError:
            return True
    return False
