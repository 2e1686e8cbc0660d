"""Lines of a log as a terminal gets them; whoever only asks has no log, and loads none of it."""

from __future__ import annotations

import logging
from typing import Any

from pipeline.wording import plain

__all__ = ["PlainLine"]


class PlainLine(logging.Formatter):
    """Lines of a log for a terminal, in which nothing does something to it."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the library's name
        """Return the line."""
        record.message = plain(record.message)
        return super().formatMessage(record)

    def formatException(self, ei: Any) -> str:  # noqa: N802 - the library's name
        """Return a traceback, whose last line holds the error's own words."""
        return "\n".join(plain(line) for line in super().formatException(ei).split("\n"))
