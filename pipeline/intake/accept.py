"""Take a file in: read it once, and know it by its content from then on."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, Final

from pipeline.errors import NotReady, PhotoRefused
from pipeline.intake.name_rules import how_given
from pipeline.intake.sidecars import is_sidecar
from pipeline.intake.stamps import is_trusted, stamp_of
from pipeline.intake.standings import Standings
from pipeline.intake.whose_name import is_product_id
from pipeline.originals import CHUNK_BYTES, digest, open_regular
from pipeline.refusals import (
    empty,
    no_picture_meant,
    not_for_upload,
    raw_alone,
    too_large,
    working_file,
)
from pipeline.suffixes import Says, what_suffix_says
from pipeline.values import Arrival, Original, Placement, Rule
from pipeline.wording import writable

__all__ = ["accept"]

_IN_THE_USUAL_WORDS: Final = Standings()


def accept(
    arrival: Arrival,
    *,
    most_bytes: int,
    keep: Callable[[Path, str], None] = lambda copy, sha256: None,
    now: Callable[[], float] = time.time,
    standings: Standings = _IN_THE_USUAL_WORDS,
) -> Original:
    """Digest a file, streamed, and return it with what the caller said of its product.

    Args:
        arrival: the file.
        most_bytes: a larger file is refused unread.
        keep: keeps a copy that was made of it, under its SHA-256; where that is what was digested.
        now: seconds since 1970, by the clock of the disk.
        standings: reads what names say of views and numbers.

    Raises:
        PhotoRefused: it is not for upload (a raw file, a film larger than any picture), cannot
            be read, is no regular file, is gone, is empty or too large.
        NotReady: it changed while it was being read.
    """
    if is_sidecar(arrival.path, arrival.door):
        raise not_for_upload()
    copy = _copy_that_counts(arrival)
    place, root = (arrival.path, arrival.root) if copy is None else (copy, None)
    with open_regular(place, root, whole=True) as file:
        began, before = now(), os.fstat(file.fileno())
        if before.st_size == 0 or before.st_size > most_bytes:
            raise _wrong_size(arrival.path, before.st_size, most_bytes)
        sha256 = digest(file, before.st_size)
        after = os.fstat(file.fileno())
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise NotReady("it is still being written: it will be taken when it is whole")
    folder = arrival.path.parent
    stamp = stamp_of(after, folder)
    proven = copy is None and stamp == stamp_of(before, folder) and is_trusted(stamp, began)
    if copy is not None:
        keep(copy, sha256)
    return Original(
        sha256=sha256,
        size=before.st_size,
        path=arrival.path,
        root=arrival.root,
        sku=_given_sku(arrival),
        from_current_product=arrival.from_current_product,
        placement=_given_placement(arrival, standings),
        stamp=str(stamp) if proven else None,
    )


def _copy_that_counts(arrival: Arrival) -> Path | None:
    """Return the copy of a file that is to be read in its stead, if there is one.

    It is not where the file has only grown since: then it was still being written.
    """
    if arrival.copy is None:
        return None
    try:
        with open_regular(arrival.copy) as copy:
            try:
                with open_regular(arrival.path, arrival.root) as file:
                    return None if _has_grown(copy, file) else arrival.copy
            except PhotoRefused:
                return arrival.copy
    except PhotoRefused:
        return None


def _has_grown(before: BinaryIO, after: BinaryIO) -> bool:
    if os.fstat(after.fileno()).st_size <= os.fstat(before.fileno()).st_size:
        return False
    while piece := before.read(CHUNK_BYTES):
        if after.read(len(piece)) != piece:
            return False
    return True


def _wrong_size(path: Path, size: int, most_bytes: int) -> PhotoRefused:
    says = what_suffix_says(path.suffix)
    if says is Says.RAW:
        return raw_alone()
    if says is Says.WORKING:
        return working_file()
    if says is Says.NO_PICTURE:
        return no_picture_meant("a large file of another kind" if size else "an empty file")
    return too_large(size, most_bytes) if size else empty()


def _given_sku(arrival: Arrival) -> str | None:
    if arrival.product_id is not None and not is_product_id(arrival.product_id):
        # A scanned barcode, say: as a SKU the store does not know, it waits and is said.
        return str(arrival.product_id)
    return None if arrival.sku is None else writable(arrival.sku)


def _given_placement(arrival: Arrival, standings: Standings) -> Placement | None:
    if arrival.product_id is None or not is_product_id(arrival.product_id):
        return None
    told = Placement(
        product_id=arrival.product_id,
        rule=f"the product {how_given(arrival)}",
        by=Rule.TABLE if arrival.from_current_product else Rule.GIVEN,
    )
    # Its view and its order are asked with what other rules say of them.
    said = standings.of(told, arrival.path, [str(arrival.product_id)])
    return replace(told, standing=said.standing)
