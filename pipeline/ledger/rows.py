"""Between rows of the tables and the values that travel: the only place that knows both."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from pipeline.errors import LedgerError
from pipeline.ledger.database import Row, Value
from pipeline.ledger.records import (
    image_of,
    image_record,
    inspection_of,
    inspection_record,
    picture_of,
    picture_record,
    placement_of,
    placement_record,
)
from pipeline.lifecycle import Reason, State
from pipeline.standing import shot_order_key
from pipeline.values import Original, Photo, Picture, Placement
from pipeline.wording import encodable

__all__ = [
    "below",
    "columns_of",
    "from_blob",
    "from_text",
    "moment_of",
    "photo_of",
    "rank_of",
    "text_of",
    "to_blob",
    "to_text",
    "unplaced_of",
]


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


def below(folder: Path) -> tuple[bytes, bytes]:
    """Return between which texts all paths below a folder lie: from the first up to the second."""
    within = os.path.join(to_blob(folder), b"")  # noqa: PTH118 - its bytes, with a separator
    # All that begins so comes before what has the next sign there.
    return within, within[:-1] + bytes([within[-1] + 1])


@lru_cache(maxsize=1024)  # as many are checked ahead, and some more
def from_blob(blob: bytes) -> Path:
    """Read a path."""
    return Path(os.fsdecode(blob))


def rank_of(path: Path, placement: Placement | None) -> str:
    """Return the text by which a photograph comes before or after others of its product."""
    if placement is None:
        return shot_order_key(path)
    return shot_order_key(path, placement.standing, placement.taken)


def columns_of(facts: Mapping[str, Any], photo: Photo) -> dict[str, Value]:
    """Write facts of a photograph, by the names of its fields, as columns of the table `photos`."""
    columns: dict[str, Value] = {}
    for name, fact in facts.items():
        match name:
            case "placement":
                columns |= {"placement": placement_record(fact), "product_id": fact.product_id}
                columns["rank"] = rank_of(photo.path, fact)
            case "image":
                columns |= {"image": image_record(fact), "image_id": fact.id}
            case "picture":
                columns |= _picture_columns(fact, photo)
            case "inspection":
                columns["inspection"] = inspection_record(fact)
            case "missing_since":
                columns["unseen_at"] = to_text(fact)
            case "not_before" | "attempt_ended_at":
                columns[name] = to_text(fact)
            case _:
                columns[name] = fact
    return columns


def _picture_columns(picture: Picture | None, photo: Photo) -> dict[str, Value]:
    if picture is None:  # what the file shows stays known
        return {"picture": None}
    likeness = picture.likeness
    record = picture_record(picture, photo_id=photo.id, sha256=photo.sha256, likeness=likeness)
    return {"picture": record, "likeness": likeness}


def photo_of(row: Row) -> Photo:
    """Read a row of the table `photos`.

    Raises:
        LedgerError: it holds what this program does not know, or no sense at all.
    """
    try:
        return _photo(row)
    except (ValueError, TypeError, KeyError) as error:
        raise LedgerError(
            f"our record of {encodable(from_blob(row['path']))} cannot be read "
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
        placement=placement_of(row),
        inspection=inspection_of(row),
        picture=picture_of(row),
        image=image_of(row),
        attempts=row["attempts"],
        not_before=from_text(row["not_before"]),
        attempt_ended_at=from_text(row["attempt_ended_at"]),
        missing_since=from_text(row["unseen_at"]),
        received_at=moment_of(row["received_at"]),
        changed_at=moment_of(row["changed_at"]),
        in_haste=bool(row["urgent"]),
    )
