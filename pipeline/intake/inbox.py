"""The tray's reader: what hooks have noted down becomes arrivals, once the ledger has them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from pipeline.hook.inbox import pending, read_slip
from pipeline.values import Arrival, Door, Photo

__all__ = ["arrival_of", "take_in_slips"]


def take_in_slips(
    home: Path,
    submit: Callable[[Arrival], Photo | None],
    over: Callable[[], bool] = lambda: False,
) -> int:
    """Hand every slip in the tray to the engine, the oldest first; give how many were taken.

    A slip is taken away only when the photograph it tells of is in the ledger. One whose
    photograph is just being written lies on until the next call.

    Args:
        home: the home folder.
        submit: writes an arrival down; None where the file was not ready.
        over: tells that the rest is to be left.

    Raises:
        LedgerError: the ledger could not take it.
    """
    taken = 0
    for slip in map(Path, pending(str(home))):
        if over():
            break
        try:
            arrival = arrival_of(read_slip(str(slip)))
        except FileNotFoundError:
            continue
        except (OSError, KeyError, ValueError):
            # Not ours, or the disk has lost it: out of the way, but not gone.
            with suppress(OSError):
                slip.rename(slip.with_name(f".unreadable-{slip.name}"))
            continue
        if submit(arrival) is None:
            continue
        with suppress(FileNotFoundError):
            slip.unlink()
        taken += 1
    return taken


def arrival_of(fields: Mapping[str, str]) -> Arrival:
    """Return the arrival that a slip tells of.

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
        on_table="table" in fields,
    )
