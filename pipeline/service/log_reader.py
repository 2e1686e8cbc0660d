"""What stands in all logs of a home, the oldest line first, however many files it is in.

Held in memory is a line a log, or as many of the last lines as are wanted.
"""

from __future__ import annotations

import json
import os
import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from heapq import merge
from pathlib import Path
from typing import Any, BinaryIO, Final

from pipeline.home import LOG_FOLDER
from pipeline.report.schemas import Document, versioned

__all__ = ["LogLine", "Logs"]

LONGEST_LINE: Final = 1_000_000
"""Bytes; what is longer is no line of ours."""

BLOCK: Final = 65_536

_NAME: Final = re.compile(r"(?P<log>(?P<command>[a-z]+)\S*\.jsonl)(?:\.(?P<number>\d+))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """A line of a log: when (UTC, as text that can be compared), and all that it says."""

    at: str
    facts: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """A file, as long as it was when it was looked at; `number` is 0 for the one that grows."""

    folder: Path
    command: str
    log: str
    number: int
    inode: int
    size: int
    changed: float


class Logs:
    """The logs of a home as they are at one moment, and what is added to them later."""

    def __init__(self, home: Path, command: str | None = None) -> None:
        """Look which there are.

        Args:
            home: the home folder.
            command: only this command's (`run`, `watch`, `background` …); None for all.
        """
        self._folder = home / LOG_FOLDER
        self._command = command
        self._parts = _parts(self._folder, command)
        self._read = {part.inode: part.size for part in self._parts}

    def __bool__(self) -> bool:
        """Whether there is any."""
        return bool(self._parts)

    def since(self, moment: datetime) -> Iterator[LogLine]:
        """Return all lines from a moment (aware) on, the oldest first."""
        begin = _text_of(moment)
        logs: dict[str, list[_Part]] = {}
        for part in self._parts:
            if part.changed >= moment.timestamp() - 1:  # a disk may keep whole seconds
                logs.setdefault(part.log, []).append(part)
        for line in merge(*map(_of_log, logs.values()), key=_at):
            if line.at >= begin:
                yield line

    def last(self, number: int) -> Sequence[LogLine]:
        """Return the last lines of all of them together, `number` at most, the oldest first."""
        found: list[LogLine] = []
        for part in sorted(self._parts, key=lambda part: part.changed, reverse=True):
            changed = datetime.fromtimestamp(part.changed + 1, UTC)
            if len(found) >= number and _text_of(changed) < found[0].at:
                break  # whatever is in it and in those that are older still is older
            found = sorted([*_last_of(part, number), *found], key=_at)[-number:]
        return found

    def added(self) -> Sequence[LogLine]:
        """Return what was added since this was asked last, or since the logs were looked at."""
        found: list[LogLine] = []
        there = {}
        for part in _parts(self._folder, self._command):
            # One that was put aside keeps its number on the disk; a new file may get that of one
            # that is gone.
            begin = self._read.get(part.inode, 0)
            begin = 0 if begin > part.size else begin
            whole = _rest_of(part, begin)
            whole = whole[: whole.rfind(b"\n") + 1]
            found += _told(part, whole.splitlines())
            there[part.inode] = begin + len(whole)
        self._read = there
        return sorted(found, key=_at)


def _at(line: LogLine) -> str:
    return line.at


def _text_of(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


def _parts(folder: Path, command: str | None) -> Sequence[_Part]:
    """Return the files of all logs, of each the oldest first."""
    found = []
    with suppress(OSError):
        for path in folder.iterdir():
            told = _NAME.fullmatch(path.name)
            if told is None or command not in (None, told["command"]):
                continue
            with suppress(OSError):
                status = path.stat()
                part = _Part(
                    folder=folder,
                    command=told["command"],
                    log=told["log"],
                    number=int(told["number"] or 0),
                    inode=status.st_ino,
                    size=status.st_size,
                    changed=status.st_mtime,
                )
                found.append(part)
    return sorted(found, key=lambda part: (part.log, -part.number))


def _opened(part: _Part) -> BinaryIO | None:
    """Return the file, also where it was put aside since; None where it is gone."""
    for number in (part.number, part.number + 1):
        with suppress(OSError):
            name = f"{part.log}.{number}" if number else part.log
            file = (part.folder / name).open("rb")
            if os.fstat(file.fileno()).st_ino == part.inode:
                return file
            file.close()
    return None


def _of_log(parts: Iterable[_Part]) -> Iterator[LogLine]:
    """Return the lines of the files of one log, one after another."""
    for part in parts:
        if (file := _opened(part)) is None:
            continue
        left = part.size
        with closing(file), suppress(OSError):
            while left > 0 and (line := file.readline(min(left, LONGEST_LINE))):
                left -= len(line)
                yield from _told(part, [line])


def _last_of(part: _Part, number: int) -> Iterable[LogLine]:
    """Return the last lines of a file."""
    if (file := _opened(part)) is None:
        return ()
    begin, tail = part.size, b""
    with closing(file), suppress(OSError):
        while begin > 0 and tail.count(b"\n") <= number:
            end, begin = begin, max(0, begin - BLOCK)
            file.seek(begin)
            tail = file.read(end - begin) + tail
    return _told(part, deque(tail.splitlines(), maxlen=number))


def _rest_of(part: _Part, begin: int) -> bytes:
    """Return what stands in a file from a place on."""
    if part.size == begin or (file := _opened(part)) is None:
        return b""
    with closing(file), suppress(OSError):
        file.seek(begin)
        return file.read(part.size - begin)
    return b""


def _told(part: _Part, lines: Iterable[bytes]) -> Iterator[LogLine]:
    """Return what lines say; what is no line of ours (a power cut took half of it) is left out."""
    for line in lines:
        with suppress(ValueError):
            facts = json.loads(line)
            if isinstance(facts, dict) and {"at", "level", "message"} <= facts.keys():
                # An earlier version of the program wrote neither of these two.
                facts = {"command": part.command, **facts}
                if "version" not in facts:
                    facts = versioned(Document.LOG, facts)
                yield LogLine(at=str(facts["at"]), facts=facts)
