"""Lines of a log as a terminal gets them; whoever only asks has no log, and loads none of it."""

from __future__ import annotations

import logging
from typing import Any, TextIO

from pipeline.layout import lines_of, width_of
from pipeline.wording import plain

__all__ = ["PlainLine"]


class PlainLine(logging.Formatter):
    """Lines of a log for a terminal, in which nothing does something to it, broken between words.

    Args:
        how: what a line is made of.
        dates: how times are written.
        stream: where the lines go; where that is no terminal, a line is a line.
        indent: columns by which all lines but the first are moved to the right.
    """

    def __init__(
        self, how: str, dates: str | None = None, *, stream: TextIO | None = None, indent: int = 0
    ) -> None:
        super().__init__(how, dates)
        self._stream = stream
        self._indent = indent

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the library's name
        """Return the line."""
        record.message = plain(record.message)
        line = super().formatMessage(record)
        width = width_of(self._stream)
        if width is None:
            return line
        broken = (line[begin:end] for begin, end in lines_of(line, width, self._indent))
        return f"\n{' ' * self._indent}".join(broken)

    def formatException(self, ei: Any) -> str:  # noqa: N802 - the library's name
        """Return a traceback, whose last line holds the error's own words."""
        return "\n".join(plain(line) for line in super().formatException(ei).split("\n"))
