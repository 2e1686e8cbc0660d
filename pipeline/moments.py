"""The moment that people mean: a date, a time, a day's name, how long ago."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Final

__all__ = ["HOW_TO_SAY", "moves_on", "said_moment"]

HOW_TO_SAY: Final = (
    "write a date (2026-11-01), a time ('2026-11-01 14:30'), or how long ago (30min, 2h, 3d, 1w)"
)

_SPAN: Final = re.compile(r"(\d{1,6})\s*(min|m|h|d|w)")
_DAYS: Final = ("today", "yesterday")
_UNITS: Final = {"min": "minutes", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def said_moment(text: str, now: datetime) -> datetime:
    """Return the moment that a date, a time, `today`, `yesterday` or a span before now means.

    Args:
        text: as somebody wrote it; a time without a zone is this machine's.
        now: aware.

    Raises:
        ValueError: it is none of these.
    """
    word = text.strip().lower()
    today = now.astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
    if word in _DAYS:
        return today - timedelta(days=int(word == "yesterday"))
    if span := _SPAN.fullmatch(word):
        try:
            return now - timedelta(**{_UNITS[span[2]]: int(span[1])})
        except OverflowError as error:
            raise ValueError(text) from error
    return datetime.fromisoformat(text.strip()).astimezone()


def moves_on(text: str) -> bool:
    """Whether what somebody wrote means another moment each time that it is read."""
    word = text.strip().lower()
    return word in _DAYS or _SPAN.fullmatch(word) is not None
