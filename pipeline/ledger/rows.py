"""Between rows of SQLite and the values that travel: the only place that knows both."""

from __future__ import annotations

import json
import os
import re
import sqlite3
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from pipeline.errors import LedgerError
from pipeline.lifecycle import Reason, State
from pipeline.values import (
    ImageFormat,
    Inspection,
    Making,
    Photo,
    Picture,
    Placement,
    Profile,
    StoredImage,
)

__all__ = [
    "from_blob",
    "from_text",
    "photo_of",
    "rank_of",
    "readable",
    "to_blob",
    "to_json",
    "to_text",
]

_Value = TypeVar("_Value")


def to_text(moment: datetime | None) -> str | None:
    """Write a time so that text sorts as time does."""
    return None if moment is None else moment.astimezone(UTC).isoformat(timespec="microseconds")


def from_text(text: str | None) -> datetime | None:
    """Read a time, aware and in UTC."""
    return None if text is None else datetime.fromisoformat(text)


def to_blob(path: Path) -> bytes:
    """Write a path as the bytes the platform knows it by: a name need not be valid Unicode."""
    return os.fsencode(path)


def from_blob(blob: bytes) -> Path:
    """Read a path."""
    return Path(os.fsdecode(blob))


def readable(path: Path) -> str:
    """Give a path as text that can be stored and printed, whatever bytes its name has."""
    return str(path).encode("utf-8", "backslashreplace").decode("utf-8")


def rank_of(path: Path) -> str:
    """Give the text by which photographs of one product sort in shot order.

    Numbers compare as numbers (`158_2` before `158_10`) and letters without regard to case.
    """
    return re.sub(r"\d+", lambda run: run.group().zfill(12), readable(path).casefold())


def to_json(value: Inspection | Picture | Placement | StoredImage | None) -> str | None:
    """Write a value that is kept whole."""
    return None if value is None else json.dumps(asdict(value), sort_keys=True)


def photo_of(row: sqlite3.Row) -> Photo:
    """Read a row of the table `photos`.

    Raises:
        LedgerError: it holds what this program does not know, or no sense at all.
    """
    try:
        return _photo(row)
    except (ValueError, TypeError, KeyError, AssertionError) as error:
        raise LedgerError(
            f"the ledger's row of {readable(from_blob(row['path']))} cannot be read "
            f"({type(error).__name__}): `pipeline ledger check` tells more"
        ) from error


def _photo(row: sqlite3.Row) -> Photo:
    received_at, changed_at = from_text(row["received_at"]), from_text(row["changed_at"])
    assert received_at is not None  # noqa: S101 - the table says NOT NULL
    assert changed_at is not None  # noqa: S101
    return Photo(
        id=row["id"],
        state=State(row["state"]),
        path=from_blob(row["path"]),
        root=from_blob(row["root"]),
        sha256=row["sha256"],
        size=row["size"],
        sku=row["sku"],
        on_table=bool(row["on_table"]),
        reason=None if row["reason"] is None else Reason(row["reason"]),
        sentence=row["sentence"],
        placement=_read(row["placement"], lambda facts: Placement(**facts)),
        inspection=_read(row["inspection"], _inspection),
        picture=_read(row["picture"], _picture),
        image=_read(row["image"], lambda facts: StoredImage(**facts)),
        attempts=row["attempts"],
        not_before=from_text(row["not_before"]),
        attempt_ended_at=from_text(row["attempt_ended_at"]),
        unseen_at=from_text(row["unseen_at"]),
        received_at=received_at,
        changed_at=changed_at,
    )


def _read(text: str | None, make: Callable[[dict[str, Any]], _Value]) -> _Value | None:
    return None if text is None else make(json.loads(text))


def _inspection(facts: dict[str, Any]) -> Inspection:
    return Inspection(
        **{
            **facts,
            "format": ImageFormat(facts["format"]),
            "profile": Profile(facts["profile"]),
        }
    )


def _picture(facts: dict[str, Any]) -> Picture:
    return Picture(
        **{
            **facts,
            "format": ImageFormat(facts["format"]),
            "work": tuple(facts["work"]),
            # Rows of before it was recorded have none.
            "making": Making(**facts["making"]) if facts.get("making") else None,
        }
    )
