"""Words and numbers for people: paths, sizes, times."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

__all__ = ["megabytes", "moment", "pixels", "plain", "shown", "size"]


def shown(path: Path) -> str:
    """Give a path as it can be printed: below the working folder without it, on one line.

    Signs that would move the cursor or turn the writing direction are written out.
    """
    try:
        text = os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path)
    except OSError:
        text = str(path)
    return plain(text)


def plain(text: str) -> str:
    """Give a text with the signs written out that would do something to a terminal."""
    return "".join(_sign(sign) for sign in text)


def size(count: int) -> str:
    """Give a number of bytes with its unit (1 kB is 1,000 bytes, 1 MB is 1,000 kB)."""
    if count < 1000:
        return "1 byte" if count == 1 else f"{count} bytes"
    if count < 1_000_000:
        return f"{count / 1000:.0f} kB"
    if count < 1_000_000_000:
        return f"{count / 1_000_000:.2f} MB"
    return f"{count / 1_000_000_000:.1f} GB"


def megabytes(size: float) -> str:
    """Write a size in bytes for people: `1.3 MB`, `820 kB`."""
    if size >= 1_000_000:
        return f"{size / 1_000_000:.1f} MB"
    return f"{max(1, round(size / 1000))} kB"


def pixels(size: tuple[int, int]) -> str:
    """Write width × height in pixels for people."""
    return f"{size[0]} × {size[1]}"


def moment(at: datetime) -> str:
    """Give a time on this machine's clock."""
    return at.astimezone().strftime("%Y-%m-%d %H:%M:%S")


def _sign(sign: str) -> str:
    if sign.isprintable():
        return sign
    return sign.encode("unicode_escape", "backslashreplace").decode("ascii")
