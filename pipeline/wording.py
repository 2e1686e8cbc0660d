"""Words and numbers for people: paths, sizes, times, defects; text that can be written at all."""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

__all__ = [
    "data_size",
    "encodable",
    "moment",
    "pixels",
    "plain",
    "program_defect",
    "shown",
    "since",
    "time_left",
    "writable",
]


def shown(path: Path) -> str:
    """Return a path as it can be printed: below the working folder without it, on one line.

    All lies below a disk's root, which is where a service or a cron job works: it is not left out.

    Signs that would move the cursor or turn the writing direction are written out.
    """
    text = str(path)
    with suppress(OSError):
        here = os.getcwd()  # noqa: PTH109 - mostly it lies elsewhere, which the texts alone tell
        if os.path.normcase(text).startswith(os.path.normcase(here)):
            folder = Path(here)
            if folder != Path(folder.anchor) and path.is_relative_to(folder):
                text = os.path.relpath(path)
    return plain(text)


def plain(text: str) -> str:
    """Return a text with the signs written out that would do something to a terminal."""
    return text if text.isprintable() else "".join(map(_sign, text))


def encodable(path: Path) -> str:
    """Return a path as text that UTF-8 can carry: bytes of a name that are none are written out.

    For what programs read, which want the path whole; `shown` is for people.
    """
    return writable(str(path))


def writable(text: str) -> str:
    """Return a text that UTF-8 can carry: bytes from outside that are no text are written out."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def data_size(count: float, *, digits: int = 2, largest: Literal["MB", "GB"] = "GB") -> str:
    """Return a number of bytes with its unit (1 kB is 1,000 bytes, 1 MB is 1,000 kB).

    Args:
        count: bytes.
        digits: so many after the point of megabytes.
        largest: the largest unit, where numbers beside each other have to be compared.
    """
    if count < 1000:
        return "1 byte" if count == 1 else f"{count:.0f} bytes"
    if count < 1_000_000:
        return f"{count / 1000:.0f} kB"
    if count < 1_000_000_000 or largest == "MB":
        return f"{count / 1_000_000:.{digits}f} MB"
    return f"{count / 1_000_000_000:.1f} GB"


def pixels(size: tuple[int, int]) -> str:
    """Return width × height in pixels."""
    return f"{size[0]} × {size[1]}"


def moment(at: datetime) -> str:
    """Return a time on this machine's clock, to the second."""
    return at.astimezone().strftime("%Y-%m-%d %H:%M:%S")


def since(at: datetime) -> str:
    """Return a time as people say it: `Monday 09:14` within six days, else with its date."""
    local = at.astimezone()
    recent = (datetime.now(UTC) - at).total_seconds() < 6 * 86_400
    return local.strftime("%A %H:%M" if recent else "%Y-%m-%d %H:%M")


def time_left(seconds: float) -> str:
    """Return how long something will still take, as exactly as that can be known."""
    if seconds < 60:
        return f"{max(round(seconds), 1)} s left"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min left"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h left" if hours >= 10 or not minutes else f"{hours} h {minutes} min left"


def program_defect(error: Exception) -> str:
    """Return what is said of an error that nobody foresaw; what it was stands in the log."""
    return f"an error in this program ({type(error).__name__}): see the log"


def _sign(sign: str) -> str:
    if sign.isprintable():
        return sign
    return sign.encode("unicode_escape", "backslashreplace").decode("ascii")
