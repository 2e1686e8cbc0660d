"""Between rows of the tables and the values that travel: the only place that knows both."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

from pipeline.errors import LedgerError
from pipeline.ledger.database import Row, Value
from pipeline.lifecycle import Reason, State
from pipeline.values import (
    EncodeReport,
    ImageFormat,
    Inspection,
    Oddity,
    Original,
    Photo,
    Picture,
    Placement,
    Profile,
    StoredImage,
)
from pipeline.wording import encodable

__all__ = [
    "Kept",
    "columns_of",
    "from_blob",
    "from_text",
    "moment_of",
    "photo_of",
    "shot_order_key",
    "text_of",
    "to_blob",
    "to_json",
    "to_text",
    "unplaced_of",
]

_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Kept(Generic[_Value]):
    """How a value that is kept as JSON is read, by whichever version it was written.

    A field that this program does not know is dropped, and one that is missing gets its default.

    Attributes:
        make: the value's class, a dataclass.
        read: for a field that JSON does not keep as it is, what makes it of what JSON keeps.
        aliases: the present name of a field for each name that it had before.
    """

    make: Callable[..., _Value]
    read: Mapping[str, Callable[[Any], object]] = field(default_factory=dict)
    aliases: Mapping[str, str] = field(default_factory=dict)

    def value(self, facts: Mapping[str, Any]) -> _Value:
        """Return the value.

        Raises:
            ValueError: a field holds what this program does not know.
            TypeError: a field without a default is missing, or this is no object at all.
        """
        named = {self.aliases.get(name, name): fact for name, fact in {**facts}.items()}
        known: dict[str, object] = {}
        for one in fields(self.make):  # type: ignore[arg-type]
            if one.name in named:
                read = self.read.get(one.name)
                known[one.name] = named[one.name] if read is None else read(named[one.name])
        return self.make(**known)

    def of(self, text: str | None) -> _Value | None:
        """Return the value that a column keeps, None where it keeps none."""
        return None if text is None else _read(self, text)


@lru_cache(maxsize=128)
def _read(kept: Kept[Any], text: str) -> Any:
    # A photograph's row is read at each of its steps, and what it keeps is the same mostly.
    return kept.value(json.loads(text))


_PLACEMENT: Final = Kept(make=Placement)
_STORED_IMAGE: Final = Kept(make=StoredImage)
_INSPECTION: Final = Kept(
    make=Inspection,
    read={
        "format": ImageFormat,
        "profile": Profile,
        "oddities": lambda names: tuple(map(Oddity, names)),
    },
)
_ENCODE_REPORT: Final = Kept(make=EncodeReport)
_PICTURE: Final = Kept(
    make=Picture,
    aliases={"making": "encode_report"},
    read={
        "format": ImageFormat,
        "work": tuple,
        "encode_report": lambda facts: _ENCODE_REPORT.value(facts) if facts else None,
    },
)


def text_of(moment: datetime) -> str:
    """Write a time so that text sorts as time does."""
    in_utc = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    return in_utc.isoformat(timespec="microseconds")


def to_text(moment: datetime | None) -> str | None:
    """Write a time, if there is one, so that text sorts as time does."""
    return None if moment is None else text_of(moment)


def moment_of(text: str) -> datetime:
    """Read a time, aware and in UTC."""
    return datetime.fromisoformat(text)


def from_text(text: str | None) -> datetime | None:
    """Read a time, if there is one, aware and in UTC."""
    return None if text is None else moment_of(text)


def to_blob(path: Path) -> bytes:
    """Write a path as the bytes the platform knows it by: a name need not be valid Unicode."""
    return os.fsencode(path)


@lru_cache(maxsize=256)
def from_blob(blob: bytes) -> Path:
    """Read a path."""
    return Path(os.fsdecode(blob))


def shot_order_key(path: Path) -> str:
    """Return the text by which photographs of one product sort in shot order.

    Numbers compare as numbers (`158_2` before `158_10`) and letters without regard to case.
    """
    return re.sub(r"\d+", lambda run: run.group().zfill(12), encodable(path).casefold())


def to_json(value: Inspection | Picture | Placement | StoredImage | None) -> str | None:
    """Write a value that is kept whole."""
    return None if value is None else json.dumps(value, default=_facts, sort_keys=True)


def _facts(value: Any) -> dict[str, object]:
    """Return a value's fields by name, as they are: JSON asks again for those within."""
    return {one.name: getattr(value, one.name) for one in fields(value)}


def columns_of(facts: Mapping[str, Any]) -> dict[str, Value]:
    """Write facts of a photograph, by the names of its fields, as columns of the table `photos`."""
    columns: dict[str, Value] = {}
    for name, fact in facts.items():
        match name:
            case "placement":
                columns |= {"placement": to_json(fact), "product_id": fact.product_id}
            case "image":
                columns |= {"image": to_json(fact), "image_id": fact.id}
            case "picture":
                columns["picture"] = to_json(fact)
                if fact is not None:  # what the file shows stays known
                    columns["likeness"] = fact.likeness
            case "inspection":
                columns["inspection"] = to_json(fact)
            case "missing_since":
                columns["unseen_at"] = to_text(fact)
            case "not_before" | "attempt_ended_at":
                columns[name] = to_text(fact)
            case _:
                columns[name] = fact
    return columns


def photo_of(row: Row) -> Photo:
    """Read a row of the table `photos`.

    Raises:
        LedgerError: it holds what this program does not know, or no sense at all.
    """
    try:
        return _photo(row)
    except (ValueError, TypeError, KeyError) as error:
        raise LedgerError(
            f"the ledger's row of {encodable(from_blob(row['path']))} cannot be read "
            f"({type(error).__name__}): `pipeline ledger check` tells more"
        ) from error


def unplaced_of(row: Row) -> Original:
    """Read what a name says of a photograph whose product is not known."""
    return Original(
        sha256="", size=0, path=from_blob(row["path"]), root=from_blob(row["root"]), sku=row["sku"]
    )


def _photo(row: Row) -> Photo:
    return Photo(
        id=row["id"],
        state=State(row["state"]),
        path=from_blob(row["path"]),
        root=from_blob(row["root"]),
        sha256=row["sha256"],
        size=row["size"],
        sku=row["sku"],
        from_current_product=bool(row["on_table"]),
        reason=None if row["reason"] is None else Reason(row["reason"]),
        sentence=row["sentence"],
        placement=_PLACEMENT.of(row["placement"]),
        inspection=_INSPECTION.of(row["inspection"]),
        picture=_PICTURE.of(row["picture"]),
        image=_STORED_IMAGE.of(row["image"]),
        attempts=row["attempts"],
        not_before=from_text(row["not_before"]),
        attempt_ended_at=from_text(row["attempt_ended_at"]),
        missing_since=from_text(row["unseen_at"]),
        received_at=moment_of(row["received_at"]),
        changed_at=moment_of(row["changed_at"]),
        in_haste=bool(row["urgent"]),
    )
