"""Take a file in: read it once, and know it by its content from then on."""

from __future__ import annotations

import os
from pathlib import Path

from pipeline.errors import NotReady, PhotoRefused
from pipeline.intake.names import shot_order
from pipeline.lifecycle import Reason
from pipeline.originals import digest, open_regular
from pipeline.values import Arrival, Original, Placement

__all__ = ["accept"]


def accept(arrival: Arrival, *, most_bytes: int) -> Original:
    """Digest a file, streamed, and give it with what the caller said of its product.

    Args:
        arrival: the file.
        most_bytes: a larger file is refused unread.

    Raises:
        PhotoRefused: it cannot be read, is no regular file, is gone, is empty or too large.
        NotReady: it changed while it was being read.
    """
    with open_regular(arrival.path) as file:
        before = os.fstat(file.fileno())
        if before.st_size == 0:
            raise PhotoRefused(Reason.EMPTY, "the file is empty (0 bytes): copy or export it again")
        if before.st_size > most_bytes:
            raise PhotoRefused(
                Reason.FILE_TOO_LARGE,
                f"the file has {before.st_size:,} bytes, more than the {most_bytes:,} that are "
                "taken in: export it smaller",
            )
        sha256 = digest(file)
        after = os.fstat(file.fileno())
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise NotReady("it is still being written: it will be taken when it is whole")
    return Original(
        sha256=sha256,
        size=before.st_size,
        path=arrival.path,
        root=arrival.root,
        sku=arrival.sku,
        placement=_told(arrival.product_id, arrival.path),
    )


def _told(product_id: int | None, path: Path) -> Placement | None:
    if product_id is None:
        return None
    return Placement(
        product_id=product_id,
        rule="the product was given",
        order=shot_order(path, str(product_id)),
    )
