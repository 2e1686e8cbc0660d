"""The inbox's reader: what hooks have noted down becomes arrivals, once the ledger has them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from pipeline.errors import PipelineError
from pipeline.hook.inbox import entries, read_entry, set_aside
from pipeline.intake.assign import is_product_id
from pipeline.values import Arrival, Door, Photo
from pipeline.wording import plain

__all__ = ["arrival_of", "take_in_inbox"]

_log = logging.getLogger(__name__)


def take_in_inbox(
    home: Path,
    submit: Callable[[Arrival], Photo | None],
    over: Callable[[], bool] = lambda: False,
) -> int:
    """Hand every inbox entry to the engine, the oldest first; return how many were taken.

    An entry is taken away only when the photograph it tells of is in the ledger. One whose
    photograph is just being written lies on until the next call. One over which anything goes
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
            arrival = arrival_of(read_entry(str(entry)))
            if submit(arrival) is None:
                continue
        except PipelineError:
            raise
        except Exception as error:
            # Not ours, or the disk has lost it, or a defect: out of the way, but not gone.
            # Or another process has taken it.
            _set_aside(entry, error)
            continue
        with suppress(FileNotFoundError):
            entry.unlink()
        taken += 1
    return taken


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


def _is_id(digits: str) -> bool:
    return len(digits) <= 10 and is_product_id(int(digits))


def _set_aside(entry: Path, error: Exception) -> None:
    cause = error.strerror if isinstance(error, OSError) else None
    cause = cause or f"{type(error).__name__}: {error}"
    reason = plain(f"it makes no sense as a note of a shot ({cause})")
    with suppress(OSError):
        entry.lstat()
        aside = set_aside(str(entry), reason)
        _log.warning("what lay in the inbox is set aside as %s: %s", aside, reason)
        if not isinstance(error, OSError | KeyError | ValueError | ArithmeticError):
            _log.error("what the inbox's reader stumbled over", exc_info=error)
