"""The inbox's reader: what hooks have noted down becomes arrivals, once the ledger has them."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from pipeline.errors import PipelineError
from pipeline.hook.inbox import copy_of, entries, read_entry, remove_entry, set_aside, stamp_of
from pipeline.intake.assign import is_product_id
from pipeline.lifecycle import needs_bytes
from pipeline.values import Arrival, Door, Photo
from pipeline.wording import plain

__all__ = ["arrival_of", "take_in_awaited", "take_in_inbox"]

_AWAITED: Final = "awaited"
"""Whoever noted the shot down takes it in, too, and its copy away."""

_log = logging.getLogger(__name__)


def take_in_inbox(
    home: Path,
    submit: Callable[[Arrival], Photo | None],
    over: Callable[[], bool] = lambda: False,
) -> int:
    """Hand every inbox entry to the engine, the oldest first; return how many were taken.

    An entry and its copy are taken away only when the photograph it tells of is in the ledger. One
    whose photograph is just being written lies on until the next call. One over which anything goes
    wrong is set aside with its reason, and stops no other.

    Args:
        home: the home folder.
        submit: writes an arrival down; None where the file was not ready.
        over: tells that the rest is to be left.

    Raises:
        LedgerError: the ledger could not take it.
    """
    taken = 0
    for entry in map(Path, entries(str(home))):
        if over():
            break
        try:
            fields = read_entry(str(entry))
            arrival = _with_copy(arrival_of(fields), entry, fields)
            _say_overwritten(arrival, fields)
            # Whose copy is gone has been taken in by another process: another shot may lie there.
            photo = None if arrival.copy is None and _is_gone(entry) else submit(arrival)
        except PipelineError:
            raise
        except Exception as error:
            # Not ours, or the disk has lost it, or a defect: out of the way, but not gone.
            # Or another process has taken it.
            _set_aside(entry, error)
            continue
        if photo is not None:
            _remove(entry, fields, photo)
            taken += 1
    return taken


def take_in_awaited(
    entry: Path, fields: Mapping[str, str], submit: Callable[[Arrival], Photo | None]
) -> bool:
    """Hand an entry of a call that waits to the engine, also where another one was quicker.

    Args:
        entry: its path.
        fields: what is noted in it.
        submit: writes an arrival down; None where the file was not ready.

    Returns:
        False where the file was not ready, and the entry lies on.

    Raises:
        LedgerError: the ledger could not take it.
    """
    if submit(_with_copy(arrival_of(fields), entry, fields)) is None:
        return False
    with suppress(OSError):
        remove_entry(str(entry))
    return True


def arrival_of(fields: Mapping[str, str]) -> Arrival:
    """Return the arrival that an entry tells of.

    Raises:
        KeyError: a field is missing.
        ValueError: a field holds what it cannot.
        OverflowError: the time is beyond what a time can be.
    """
    product, sku = fields.get("product"), fields.get("sku")
    if product is not None and product.isdecimal() and not _is_id(product):
        # A scanned barcode, say: as a SKU the store does not know, it waits and is said.
        product, sku = None, product
    return Arrival(
        path=Path(fields["path"]),
        root=Path(fields["root"]),
        door=Door.HOOK,
        seen_at=datetime.fromtimestamp(float(fields["seen"]), UTC),
        product_id=None if product is None else int(product),
        sku=sku,
        from_current_product="table" in fields,
    )


def _remove(entry: Path, fields: Mapping[str, str], photo: Photo) -> None:
    with suppress(OSError):
        if "copy" in fields and not photo.sha256 and needs_bytes(photo.state, photo.reason):
            # Nobody would find the copy, for it is known by nothing, and the file may be another's.
            set_aside(str(entry), plain(f"{photo.sentence}{_where_the_copy_is(entry)}"))
            return
        remove_entry(str(entry), with_copy=fields.get("copy") != _AWAITED)


def _with_copy(arrival: Arrival, entry: Path, fields: Mapping[str, str]) -> Arrival:
    copy = Path(copy_of(str(entry)))
    return replace(arrival, copy=copy) if "copy" in fields and copy.is_file() else arrival


def _say_overwritten(arrival: Arrival, fields: Mapping[str, str]) -> None:
    if fields.get("uncopied", stamp_of(str(arrival.path))) != stamp_of(str(arrival.path)):
        _log.warning(
            "%s could not be copied when it was shot, and was overwritten or taken away since: "
            "what lies there now is taken",
            plain(str(arrival.path)),
        )


def _where_the_copy_is(entry: Path) -> str:
    copy = Path(copy_of(str(entry)))
    return f"; the photograph is in {copy}" if copy.is_file() else ""


def _is_gone(entry: Path) -> bool:
    return not os.path.lexists(entry)


def _is_id(digits: str) -> bool:
    return len(digits) <= 10 and is_product_id(int(digits))


def _set_aside(entry: Path, error: Exception) -> None:
    cause = error.strerror if isinstance(error, OSError) else None
    cause = cause or f"{type(error).__name__}: {error}"
    reason = plain(f"it makes no sense as a note of a shot ({cause}){_where_the_copy_is(entry)}")
    with suppress(OSError):
        entry.lstat()
        aside = set_aside(str(entry), reason)
        _log.warning("what lay in the inbox is set aside as %s: %s", aside, reason)
        if not isinstance(error, OSError | KeyError | ValueError | ArithmeticError):
            _log.error("what the inbox's reader stumbled over", exc_info=error)
