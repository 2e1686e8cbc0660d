"""Logs of what works: readable on standard error, JSON lines in files that stay few and small.

`watch` and `background` have a file of their own, for there is one of each at most; of all others
each process has one, with its start in its name.
"""

from __future__ import annotations

import json
import logging
import os
import queue
import sys
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from logging.handlers import QueueHandler, QueueListener
from pathlib import Path
from typing import Any, Final

from pipeline.engine import Observer
from pipeline.errors import LedgerError
from pipeline.home import LOG_FOLDER
from pipeline.lifecycle import State
from pipeline.plain_line import PlainLine
from pipeline.report.schemas import VERSIONS, Document
from pipeline.report.wording import line_of
from pipeline.values import Photo
from pipeline.wording import encodable

__all__ = ["FILE_ALONE", "LINES", "LogObserver", "Shown", "log_file", "logging_to"]

FILE_BYTES: Final = 5_000_000

FILES_KEPT: Final = 5
"""Thirty megabytes in all: some hundred thousand photographs."""

LOGS_KEPT: Final = 100
"""Files of processes that have ended: a run an hour for four days."""

LOGS_BYTES: Final = 30_000_000
"""All of those together; the newest stay."""

LINES_WAITING: Final = 1_000
"""Some two kilobytes each; what a terminal that stands still misses stands in the file."""

REMEMBERED: Final = 1_000
"""Photographs whose last line is remembered, so that a repeated try is not told again."""

_OWN: Final = ("watch", "background")
"""Of these there is one process at most, and one file: they may live for years, or a second."""

_program = logging.getLogger("pipeline")

_log = logging.getLogger("pipeline.told")
"""What an observer is told; a run shows that in its own way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """How much of the log there is, and what of it goes to standard error."""

    lines: bool = False
    """Every line; else only what went wrong in the program itself."""

    steps: bool = False
    """Each step of each photograph is a line, too, also in the file."""

    as_json: bool = False
    """The lines are JSON objects, as they are in the file."""


FILE_ALONE: Final = Shown()

LINES: Final = Shown(lines=True)


def log_file(home: Path, name: str) -> Path:
    """Return the log file of this process, where it is one of `name` (`watch`, `run` …)."""
    if name not in _OWN:
        name = f"{name}-{datetime.now(UTC):%Y%m%d-%H%M%S}-{os.getpid()}"
    return home / LOG_FOLDER / f"{name}.jsonl"


@contextmanager
def logging_to(home: Path | None, name: str, shown: Shown) -> Iterator[None]:
    """Write the log to its file, and to standard error what is to be shown.

    Args:
        home: the home folder; None where no file is to be written.
        name: of the command: `watch`, `background`, `run` …
        shown: how much of it there is, and where.

    Raises:
        LedgerError: the home folder cannot be written.
    """
    root, before = logging.getLogger(), list(logging.getLogger().handlers)
    line = _JsonLine(name)
    files = [] if home is None else [_opened(home, name)]
    for handler in files:
        handler.setFormatter(line)
    printer = _Printer(line if shown.as_json else _plain()) if shown.lines else None
    for handler in before:
        handler.addFilter(_is_alarm)
    level = _program.level
    root.handlers[:] = [*files, *(before if printer is None else [printer.lines])]
    _program.setLevel(logging.DEBUG if shown.steps else logging.INFO)
    try:
        yield
    finally:
        root.handlers[:] = before
        _program.setLevel(level)
        for handler in before:
            handler.removeFilter(_is_alarm)
        for handler in files:
            handler.close()
        if printer is not None:
            printer.stop()


def _opened(home: Path, name: str) -> logging.Handler:
    file = log_file(home, name)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handler = _File(file)
    except OSError as error:
        raise LedgerError(f"the log {file} cannot be written: {error.strerror}") from error
    if name not in _OWN:
        _remove_old(file)
    return handler


def _remove_old(present: Path) -> None:
    """Remove the oldest logs of ended processes, so that those that stay are few and small."""
    found = []
    for file in present.parent.glob("*-*-*.jsonl*"):
        with suppress(OSError):
            status = file.stat()
            found.append((status.st_mtime_ns, status.st_size, file))
    kept = 0
    for number, (_, size, file) in enumerate(sorted(found, reverse=True), start=1):
        kept += size
        if (number > LOGS_KEPT or kept > LOGS_BYTES) and file != present:
            with suppress(OSError):  # on Windows whoever has it open keeps it
                file.unlink()


def _is_alarm(record: logging.LogRecord) -> bool:
    """Whether a line is for a terminal that shows no log: a defect, and none told otherwise."""
    return record.levelno >= logging.ERROR and record.name != _log.name


def _plain() -> logging.Formatter:
    return PlainLine("%(asctime)s  %(message)s", "%H:%M:%S", stream=sys.stderr, indent=10)


class LogObserver(Observer):
    """Writes one line a photograph, and keeps what went wrong last."""

    def __init__(self) -> None:
        self._lasting: tuple[datetime, str] | None = None
        self._passing: tuple[datetime, str] | None = None
        self.on_refusal: Callable[[Photo], None] = lambda photo: None
        self._told: OrderedDict[str, str] = OrderedDict()

    @property
    def last_error(self) -> tuple[datetime, str] | None:
        """What went wrong last, and when (UTC); what the store kept waiting only until it works."""
        return max(filter(None, (self._lasting, self._passing)), default=None)

    def began(self, path: Path, doing: str) -> None:
        """Write it where every step is wanted (level DEBUG)."""
        if _log.isEnabledFor(logging.DEBUG):
            _log.debug("%s %s", doing, encodable(path))

    def ended(self, photo: Photo) -> None:
        """Write a line where something ended, or has to be tried again."""
        line = line_of(photo)
        if line is None or self._told.get(photo.id) == line:
            return
        self._told[photo.id] = line
        if len(self._told) > REMEMBERED:
            self._told.popitem(last=False)
        level = logging.INFO if photo.state is not State.FAILED else logging.ERROR
        if photo.state is State.STORED:
            self._passing = None
        if photo.state in (State.FAILED, State.REFUSED):
            self._keep(line)
            self.on_refusal(photo)
        elif photo.not_before is not None:
            self._passing = (datetime.now(UTC), line)
        facts = {"photograph": photo.id, "path": encodable(photo.path), "state": photo.state}
        _log.log(level, "%s", line, extra={"facts": facts})

    def said(self, sentence: str) -> None:
        """Write a line."""
        _log.info("%s", sentence)

    def warned(self, sentence: str) -> None:
        """Write a line that stands out, and keep it."""
        self._keep(sentence)
        _log.error("%s", sentence)

    def _keep(self, sentence: str) -> None:
        self._lasting = (datetime.now(UTC), sentence)


class _File(logging.Handler):
    """Appends lines to a file, each at once; a full one is put aside, and the oldest goes.

    Where the disk takes no more, lines are missing, and the work goes on.
    """

    def __init__(self, file: Path) -> None:
        super().__init__()
        self._file = file
        self._begin()

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line."""
        try:
            line = f"{self.format(record)}\n".encode("utf-8", "backslashreplace")
        except Exception:
            self.handleError(record)
            return
        with suppress(OSError, ValueError):
            if self._size and self._size + len(line) > FILE_BYTES:
                self._put_aside()
            self._size += self._stream.write(line) or 0

    def close(self) -> None:
        """Close the file."""
        self.acquire()
        with suppress(OSError):
            self._stream.close()
        self.release()
        super().close()

    def _begin(self) -> None:
        self._stream = self._file.open("ab", buffering=0)
        self._size = self._file.stat().st_size

    def _put_aside(self) -> None:
        self._stream.close()
        with suppress(OSError):  # on Windows whoever reads one keeps it where it is
            for number in range(FILES_KEPT - 1, 0, -1):
                with suppress(FileNotFoundError):
                    self._aside(number).replace(self._aside(number + 1))
            self._file.replace(self._aside(1))
        self._begin()

    def _aside(self, number: int) -> Path:
        return self._file.with_name(f"{self._file.name}.{number}")


class _Lines(QueueHandler):
    """Hands lines to a thread that prints them, for a terminal may stand still for hours.

    A held screen, or a pipe that nobody reads, must not hold up uploads: lines that find no room
    are missing there, and stand in the file.
    """

    def prepare(self, record: logging.LogRecord) -> logging.LogRecord:
        """Return the line as it is: it goes to a thread of this process, whatever its form."""
        return record

    def enqueue(self, record: logging.LogRecord) -> None:
        """Hand it over, where there is room."""
        with suppress(queue.Full):
            self.queue.put_nowait(record)


class _Printer(QueueListener):
    """Prints what is waiting before it ends, also where no more would find room."""

    def __init__(self, form: logging.Formatter) -> None:
        self._waiting: queue.Queue[Any] = queue.Queue(LINES_WAITING)
        self.lines = _Lines(self._waiting)
        to_terminal = logging.StreamHandler(sys.stderr)
        to_terminal.setFormatter(form)
        super().__init__(self._waiting, to_terminal)
        self.start()

    def enqueue_sentinel(self) -> None:
        """Say that there will be no more."""
        self._waiting.put(None)


class _JsonLine(logging.Formatter):
    """An object a line, as `report/schemas.json` describes it."""

    def __init__(self, command: str) -> None:
        super().__init__()
        self._command = command

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line: dict[str, Any] = {
            "version": VERSIONS[Document.LOG],
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "command": self._command,
            "level": record.levelname.lower(),
            "message": record.getMessage(),
            **getattr(record, "facts", {}),
        }
        if not record.name.startswith("pipeline"):
            line["logger"] = record.name
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)
