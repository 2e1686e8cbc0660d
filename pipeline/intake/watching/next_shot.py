"""Which file that comes to rest in a watched folder is a next shot: it goes before a backlog."""

from __future__ import annotations

import time
from collections import deque
from typing import Final

from pipeline.intake.stamps import FileStamp

__all__ = ["MANY", "NextShots"]

MANY: Final = 100
LATELY_SECONDS: Final = 60.0
"""Where so many came to rest within these seconds, none of them goes before a backlog."""


class NextShots:
    """Tells what came by itself from what lay there, and from a folder that is copied in.

    Nobody takes photographs as quickly as files are copied.
    """

    def __init__(self) -> None:
        """Take for a next shot only what comes from now on."""
        self._began = time.time_ns()
        self._lately: deque[float] = deque(maxlen=MANY)

    def has(self, stamp: FileStamp, waiting: int) -> bool:
        """Whether a file that has come to rest is one.

        Args:
            stamp: the file's.
            waiting: how many files are not at rest yet, or not taken.
        """
        if max(stamp.modified, stamp.changed) < self._began:
            return False
        now = time.monotonic()
        self._lately.append(now)
        many = len(self._lately) == MANY and self._lately[0] > now - LATELY_SECONDS
        return not many and waiting <= MANY
