"""Take arrivals in, many at a time: what is known by its stamp is not read, the rest is digested.

Nothing counts as taken in before the ledger has it. It gets many in one transaction: all of them,
or none where the program or the power dies in it, and then they are found again where they lie.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from pipeline.engine.ports import Observer
from pipeline.errors import NotReady, PhotoRefused, PipelineError
from pipeline.ledger import Ledger
from pipeline.lifecycle import FINAL_STATES, Reason, State, needs_bytes
from pipeline.values import Arrival, KnownFile, Original, Photo, Receipt
from pipeline.wording import program_defect

__all__ = ["MOST_AT_ONCE", "WRITE_SECONDS", "Receiving", "Taken"]

Taken = Photo | KnownFile | None
"""What became of an arrival; None where the file was not ready, and nothing was written down."""

MOST_AT_ONCE: Final = 250
"""Files that the ledger is asked about, or told of, at once."""

WRITE_SECONDS: Final = 0.1
"""What was digested waits no longer than that until it is written down and can be worked on."""

_log = logging.getLogger(__name__)


class Receiving:
    """Writes arrivals down, each once however often it comes; no network is touched.

    Over one arrival at most that one fails, whatever is wrong with it or with the program.
    """

    def __init__(
        self,
        ledger: Ledger,
        accept: Callable[[Arrival], Original],
        release: Callable[[str], None],
        observer: Observer,
    ) -> None:
        """Receive nothing yet.

        Args:
            ledger: has it written down.
            accept: reads and digests a file.
            release: lets go of kept bytes that a photograph of this digest does not need.
            observer: is told of files that are not ready, or cannot be read, and of those with
                which nothing is to be done.
        """
        self._ledger = ledger
        self._accept = accept
        self._release = release
        self._observer = observer

    def one(self, arrival: Arrival) -> Photo | None:
        """Write an arrival down; None where the file is not ready.

        Raises:
            LedgerError: it could not be written down.
        """
        receipt = self._read(arrival)
        return None if receipt is None else self._written(receipt)

    def many(
        self,
        arrivals: Iterable[Arrival],
        *,
        list_known: bool = False,
        held_up: set[Path] | None = None,
        over: Callable[[], bool] = lambda: False,
        written: Callable[[], None] = lambda: None,
    ) -> Sequence[Taken]:
        """Write arrivals down, in their order.

        Args:
            arrivals: of files; where they come one by one, each is read before the next is asked
                for, and none is known by its stamp.
            list_known: note the arrivals of all that are known by their stamps; else only of those
                that are not stored, for the report tells of each of these.
            held_up: folders in which a file is not ready: the later ones in them wait for it, for
                they may be of its product. None where none waits for another.
            over: tells that the rest is to be left.
            written: is called when some were written down.

        Returns:
            What became of each, until it was over.

        Raises:
            LedgerError: they could not be written down.
        """
        taken: list[Taken] = []
        pending: list[tuple[int, Receipt]] = []
        began = time.monotonic()
        for number, (arrival, known) in enumerate(self._with_known(arrivals)):
            if over():
                break
            if known is not None and known.state is State.STORED and not list_known:
                taken.append(known)
                self._observer.nothing_to_do(1)
                continue
            taken.append(None)
            receipt = self._receipt(arrival, known, held_up)
            if receipt is not None:
                pending.append((number, receipt))
            if pending and time.monotonic() - began > WRITE_SECONDS:
                self._write(pending, taken, held_up)
                written()
                pending, began = [], time.monotonic()
        if pending:
            self._write(pending, taken, held_up)
            written()
        return taken

    def _with_known(
        self, arrivals: Iterable[Arrival]
    ) -> Iterable[tuple[Arrival, KnownFile | None]]:
        if isinstance(arrivals, Sequence) and any(arrival.stamp for arrival in arrivals):
            return zip(arrivals, self._ledger.known_files(arrivals), strict=True)
        return ((arrival, None) for arrival in arrivals)

    def _receipt(
        self, arrival: Arrival, known: KnownFile | None, held_up: set[Path] | None
    ) -> Receipt | None:
        if known is not None:
            return Receipt(arrival=arrival, known=replace(known, listed=True))
        if held_up is None:
            return self._read(arrival)
        if arrival.path.parent in held_up:
            return None
        receipt = self._read(arrival)
        if receipt is None:
            held_up.add(arrival.path.parent)
        return receipt

    def _read(self, arrival: Arrival) -> Receipt | None:
        """Digest a file; None where it is not ready."""
        try:
            return Receipt(arrival=arrival, original=self._accept(arrival))
        except PhotoRefused as error:
            return Receipt(arrival=arrival, reason=error.reason, sentence=str(error))
        except NotReady as error:
            self._observer.said(f"{arrival.path}: {error}")
            return None
        except PipelineError:
            raise
        except Exception as error:
            return _of_defect(arrival, error)

    def _write(
        self,
        pending: Sequence[tuple[int, Receipt]],
        taken: list[Taken],
        held_up: set[Path] | None,
    ) -> None:
        """Write down what is pending, in as few transactions as may be."""
        left = list(pending)
        while left:
            photos = self._written_together([receipt for _, receipt in left])
            for (number, receipt), photo in zip(left, photos, strict=False):
                taken[number] = receipt.known or photo
            left = left[len(photos) :]
            if left:  # not ready, or a defect, which shows where it is written down by itself
                (number, receipt), *left = left
                alone = self._written(receipt)
                taken[number] = alone and (receipt.known or alone)
                if alone is None and held_up is not None:
                    folder = receipt.arrival.path.parent
                    held_up.add(folder)
                    left = [one for one in left if one[1].arrival.path.parent != folder]

    def _written_together(self, receipts: Sequence[Receipt]) -> Sequence[Photo]:
        """Write as many down as come before the first that is not ready, or that goes wrong."""
        try:
            photos = self._ledger.receive_all(receipts)
        except PipelineError:
            raise
        except Exception:
            _log.exception("defect at one of %d arrivals", len(receipts))
            # Those before it are none that went wrong, most likely.
            return self._written_together(receipts[: len(receipts) // 2]) if receipts[1:] else []
        for receipt, photo in zip(receipts, photos, strict=False):
            self._heed(receipt, photo)
        return photos

    def _written(self, receipt: Receipt) -> Photo | None:
        """Write one down by itself; None where it is not ready."""
        arrival, original = receipt.arrival, receipt.original
        try:
            if original is not None:
                photo = self._ledger.receive(arrival, original)
            else:
                assert receipt.reason is not None  # noqa: S101 - what could not be read has one
                photo = self._ledger.receive_refused(arrival, receipt.reason, receipt.sentence)
        except NotReady as error:
            self._observer.said(f"{arrival.path}: {error}")
            return None
        except PipelineError:
            raise
        except Exception as error:
            if receipt.reason is Reason.DEFECT:
                raise
            return self._written(_of_defect(arrival, error))
        self._heed(receipt, photo)
        return photo

    def _heed(self, receipt: Receipt, photo: Photo) -> None:
        if receipt.reason is not None:
            self._observer.ended(photo)
            return
        if photo.state in FINAL_STATES:
            self._observer.nothing_to_do(1)
        if receipt.known is None and not needs_bytes(photo.state, photo.reason):
            self._release(photo.sha256)


def _of_defect(arrival: Arrival, error: Exception) -> Receipt:
    _log.error("defect at the arrival of %r", arrival, exc_info=error)
    return Receipt(
        # What was said of it may be what could not be written down.
        arrival=replace(arrival, product_id=None, sku=None, from_current_product=False),
        reason=Reason.DEFECT,
        sentence=f"{program_defect(error)}, then give the photograph again",
    )
