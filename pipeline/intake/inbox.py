"""The inbox's reader: what hooks have noted down becomes arrivals, once the ledger has them."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple

from pipeline.errors import PipelineError
from pipeline.hook.inbox import copy_of, entries, read_entry, remove_entry, set_aside, stamp_of
from pipeline.intake.whose_name import is_product_id
from pipeline.lifecycle import needs_bytes
from pipeline.values import Arrival, Door, Photo
from pipeline.wording import plain

__all__ = ["Submit", "arrival_of", "take_in_awaited", "take_in_inbox"]

_AWAITED: Final = "awaited"
"""Whoever noted the shot down takes it in, too, and its copy away."""

MOST_AT_ONCE: Final = 250
TOGETHER_SECONDS: Final = 0.1
"""Entries that are taken in together, and how long the first of them waits for the others: it goes
when its photograph is written down."""

Submit = Callable[[Iterable[Arrival]], Sequence[Photo | None]]
"""Writes arrivals down, and asks for each when the one before has been read; returns the photograph
of each, None where the file was not ready."""

_log = logging.getLogger(__name__)


def take_in_inbox(
    home: Path,
    submit: Submit,
    over: Callable[[], bool] = lambda: False,
    shops: frozenset[str] | None = None,
) -> int:
    """Hand every inbox entry to the engine, the oldest first; return how many were taken.

    An entry and its copy are taken away only when the photograph it tells of is in the ledger. One
    whose photograph is just being written lies on until the next call. One over which anything goes
    wrong is set aside with its reason, and stops no other.

    Args:
        home: the home folder.
        submit: writes arrivals down, many in one transaction.
        over: tells that the rest is to be left.
        shops: only shots of these shops, as their entries name them; all where None.

    Raises:
        LedgerError: the ledger could not take it.
    """
    inbox = _Inbox(entries(str(home), shops), over)
    taken = 0
    while noted := inbox.submit_some(submit):
        for note, photo in noted:
            if photo is not None:
                _remove(note.entry, note.fields, photo)
                taken += 1
    return taken


class _Note(NamedTuple):
    entry: Path
    fields: Mapping[str, str]
    arrival: Arrival


class _Inbox:
    """The entries that lay there at one moment, handed on some at a time."""

    def __init__(self, paths: Sequence[str], over: Callable[[], bool]) -> None:
        self._left = iter(paths)
        self._over = over

    def submit_some(self, submit: Submit) -> Sequence[tuple[_Note, Photo | None]]:
        """Submit the next ones; return each with its photograph, None where it was not ready."""
        noted: list[_Note] = []
        try:
            photos = submit(self._next(noted))
        except PipelineError:
            raise
        except Exception:
            # Which one of them it is shows when each is submitted by itself.
            photos = [self._alone(note, submit) for note in noted]
        return list(zip(noted, photos, strict=False))

    def _next(self, noted: list[_Note]) -> Iterator[Arrival]:
        """Yield arrivals, each looked at when the one before has been read, and note them."""
        began = time.monotonic()
        for entry in map(Path, self._left):
            if self._over():
                return
            try:
                fields = read_entry(str(entry))
                arrival = _with_copy(arrival_of(fields), entry, fields)
                _say_overwritten(arrival, fields)
            except Exception as error:
                # Not ours, or the disk has lost it: out of the way, but not gone.
                # Or another process has taken it.
                _set_aside(entry, error)
                continue
            # Whose copy is gone has been taken in by another process: another shot may lie there.
            if arrival.copy is None and _is_gone(entry):
                continue
            noted.append(_Note(entry, fields, arrival))
            yield arrival
            if len(noted) == MOST_AT_ONCE or time.monotonic() - began > TOGETHER_SECONDS:
                return

    def _alone(self, note: _Note, submit: Submit) -> Photo | None:
        if note.arrival.copy is None and _is_gone(note.entry):
            return None
        try:
            (photo,) = submit([note.arrival])
        except PipelineError:
            raise
        except Exception as error:  # a defect: out of the way, but not gone
            _set_aside(note.entry, error)
            return None
        return photo


def take_in_awaited(entry: Path, fields: Mapping[str, str], submit: Submit) -> bool:
    """Hand an entry of a call that waits to the engine, also where another one was quicker.

    Args:
        entry: its path.
        fields: what is noted in it.
        submit: writes an arrival down.

    Returns:
        False where the file was not ready, and the entry lies on.

    Raises:
        LedgerError: the ledger could not take it.
    """
    if None in submit([_with_copy(arrival_of(fields), entry, fields)]):
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
        in_haste=True,
        table_since=_moment(fields.get("table_since")),
    )


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromtimestamp(float(text), UTC)


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
        _log.warning("a note of a shot is set aside as %s: %s", aside, reason)
        if not isinstance(error, OSError | KeyError | ValueError | ArithmeticError):
            _log.error("what the reader of notes stumbled over", exc_info=error)
