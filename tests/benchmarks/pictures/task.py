"""What a tool is asked and what it answers; it travels as one line of JSON."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

__all__ = ["Answer", "Task"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One photograph to be brought within a limit: pixels for the side, bytes for the file."""

    source: Path
    target: Path
    side: int
    most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What it took: CPU and wall in seconds, peak memory in bytes (None where it is not known).

    Decoding, reducing, converting, encoding and writing are in it; starting the tool is not, but
    for those that are commands.
    """

    cpu: float
    wall: float
    peak: int | None
    encodes: int | None = None
