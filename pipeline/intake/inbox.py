"""The inbox's reader: what hooks have noted down becomes arrivals, once the ledger has them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from pipeline.hook.inbox import entries, read_entry
from pipeline.values import Arrival, Door, Photo

__all__ = ["arrival_of", "take_in_inbox"]


def take_in_inbox(
    home: Path,
    submit: Callable[[Arrival], Photo | None],
    over: Callable[[], bool] = lambda: False,
) -> int:
    """Hand every inbox entry to the engine, the oldest first; return how many were taken.

    An entry is taken away only when the photograph it tells of is in the ledger. One whose
    photograph is just being written lies on until the next call.

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
        except FileNotFoundError:
            continue
        except (OSError, KeyError, ValueError):
            # Not ours, or the disk has lost it: out of the way, but not gone.
            with suppress(OSError):
                entry.rename(entry.with_name(f".unreadable-{entry.name}"))
            continue
        if submit(arrival) is None:
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
    """
    product = fields.get("product")
    return Arrival(
        path=Path(fields["path"]),
        root=Path(fields["root"]),
        door=Door.HOOK,
        seen_at=datetime.fromtimestamp(float(fields["seen"]), UTC),
        product_id=None if product is None else int(product),
        sku=fields.get("sku"),
        from_current_product="table" in fields,
    )
