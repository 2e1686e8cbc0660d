"""What is said of batches: what was done, and whether it can be undone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from pipeline.batches import Batch, BatchKind, ChangeKind, ChangeState
from pipeline.ledger import LedgerReader
from pipeline.values import Picture

__all__ = ["BATCH_NAMES", "batch_document", "done_of", "images", "lost_of", "undo_of"]

BATCH_NAMES: Final = {
    BatchKind.RUN: "run",
    BatchKind.WATCH: "watcher",
    BatchKind.HOOK: "hook",
    BatchKind.COMMAND: "by hand",
    BatchKind.UNDO: "undo",
    BatchKind.REDO: "redo",
}
"""People's word for what made a batch."""

_DONE: Final = {
    ChangeKind.CREATE: "uploaded",
    ChangeKind.UPDATE: "changed",
    ChangeKind.DELETE: "deleted",
}


def images(number: int) -> str:
    """Return how many images, in words."""
    return "1 image" if number == 1 else f"{number:,} images"


def done_of(batch: Batch) -> str:
    """Return what a batch did: `"12 uploaded, 3 deleted"`."""
    parts = [
        f"{batch.number_of(kind):,} {word}" for kind, word in _DONE.items() if batch.number_of(kind)
    ]
    parts += [f"{batch.left:,} left"] if batch.left else []
    parts += [f"{batch.to_do:,} to do"] if batch.to_do else []
    return ", ".join(parts) or "nothing"


def lost_of(reader: LedgerReader, batch: Batch, kept: Callable[[Picture], bool]) -> int:
    """Return how many images that a batch deleted cannot be put back: their bytes are not kept."""
    if not batch.number_of(ChangeKind.DELETE):
        return 0
    lost = 0
    for change in reader.changes_of(batch.number):
        if change.kind is ChangeKind.DELETE and change.state is ChangeState.DONE:
            photo = None if change.photo_id is None else reader.photo(change.photo_id)
            lost += photo is None or photo.picture is None or not kept(photo.picture)
    return lost


def undo_of(batch: Batch, lost: int) -> str:
    """Return whether a batch can be undone, for people.

    Args:
        batch: it.
        lost: how many of the images that it deleted cannot be put back.
    """
    if batch.taken_back_by is not None:
        return f"taken back by batch {batch.taken_back_by}"
    if not any(batch.number_of(kind) for kind in ChangeKind):
        return "nothing to undo"
    if lost:
        return f"but for {images(lost)}, not kept any more"
    return "yes"


def batch_document(batch: Batch, lost: int) -> dict[str, Any]:
    """Return a batch as a JSON object.

    Args:
        batch: it.
        lost: how many of the images that it deleted cannot be put back.
    """
    return {
        "batch": batch.number,
        "kind": batch.kind.value,
        "command": batch.command,
        "began_at": batch.began_at.isoformat(),
        "ended_at": None if batch.ended_at is None else batch.ended_at.isoformat(),
        "uploaded": batch.number_of(ChangeKind.CREATE),
        "changed": batch.number_of(ChangeKind.UPDATE),
        "deleted": batch.number_of(ChangeKind.DELETE),
        "left": batch.left,
        "to_do": batch.to_do,
        "takes_back": batch.takes_back,
        "taken_back_by": batch.taken_back_by,
        "not_kept": lost,
    }
