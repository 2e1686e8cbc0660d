"""What a process and its workers hold, as Linux tells it."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from tests import posix

__all__ = ["resident"]


def resident(process: int) -> tuple[int, int]:
    """Return the resident bytes of a process, and of its children added up.

    Memory that they share is counted once for each.
    """
    workers = 0
    for child in Path(f"/proc/{process}/task").glob("*/children"):
        with suppress(OSError):  # a thread may have ended meanwhile
            workers += sum(_resident(int(one)) for one in child.read_text().split())
    return _resident(process), workers


def _resident(process: int) -> int:
    try:
        pages = Path(f"/proc/{process}/statm").read_text().split()[1]
    except OSError:
        return 0
    return int(pages) * int(posix.sysconf("SC_PAGE_SIZE"))
