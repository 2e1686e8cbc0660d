"""Logs of what runs unattended: readable on a terminal, JSON lines in a rotating file."""

from __future__ import annotations

import json
import logging
import queue
import sys
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from logging.handlers import QueueHandler, QueueListener, RotatingFileHandler
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

__all__ = ["LogObserver", "log_file", "logging_to"]

FILE_BYTES: Final = 5_000_000

FILES_KEPT: Final = 5
"""Thirty megabytes in all: some hundred thousand photographs."""

LINES_WAITING: Final = 1_000
"""Some two kilobytes each; what a terminal that stands still misses stands in the file."""

REMEMBERED: Final = 1_000
"""Photographs whose last line is remembered, so that a repeated try is not told again."""

_log = logging.getLogger("pipeline")


def log_file(home: Path, name: str) -> Path:
    """Return the log file of one of the program's parts (`watch`, `background`)."""
    return home / LOG_FOLDER / f"{name}.jsonl"


@contextmanager
def logging_to(home: Path, name: str, *, terminal: bool) -> Iterator[None]:
    """Write the log to its file, and to standard error where `terminal` is true.

    Raises:
        LedgerError: the home folder cannot be written.
    """
    file = log_file(home, name)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        to_file = RotatingFileHandler(
            file, maxBytes=FILE_BYTES, backupCount=FILES_KEPT, encoding="utf-8"
        )
    except OSError as error:
        raise LedgerError(f"the log {file} cannot be written: {error.strerror}") from error
    to_file.setFormatter(_JsonLine())
    handlers: list[logging.Handler] = [to_file]
    if terminal:
        waiting: queue.Queue[Any] = queue.Queue(LINES_WAITING)
        lines = _Lines(waiting)
        to_terminal = logging.StreamHandler(sys.stderr)
        to_terminal.setFormatter(
            PlainLine("%(asctime)s  %(message)s", "%H:%M:%S", stream=sys.stderr, indent=10)
        )
        listener = _Printer(waiting, to_terminal)
        listener.start()
        handlers.append(lines)
    root, before = logging.getLogger(), list(logging.getLogger().handlers)
    level = _log.level
    root.handlers[:] = handlers
    _log.setLevel(logging.INFO)
    try:
        yield
    finally:
        root.handlers[:] = before
        _log.setLevel(level)
        for handler in handlers:
            with suppress(OSError):
                handler.close()
        if terminal:
            listener.stop()


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


class _Lines(QueueHandler):
    """Hands lines to a thread that prints them, for a terminal may stand still for hours.

    A held screen, or a pipe that nobody reads, must not hold up uploads: lines that find no room
    are missing there, and stand in the file.
    """

    def enqueue(self, record: logging.LogRecord) -> None:
        with suppress(queue.Full):
            self.queue.put_nowait(record)


class _Printer(QueueListener):
    """Prints what is waiting before it ends, also where no more would find room."""

    def __init__(self, waiting: queue.Queue[Any], handler: logging.Handler) -> None:
        super().__init__(waiting, handler)
        self._waiting = waiting

    def enqueue_sentinel(self) -> None:
        self._waiting.put(None)


class _JsonLine(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "version": VERSIONS[Document.LOG],
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "message": record.getMessage(),
            **getattr(record, "facts", {}),
        }
        if not record.name.startswith("pipeline"):
            line["logger"] = record.name
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)
