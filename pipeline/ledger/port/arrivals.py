"""What every ledger promises of arrivals, and of files that need not be read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from pipeline.lifecycle import Reason
from pipeline.values import Arrival, KnownFile, Original, Photo, Receipt, RunReport

__all__ = ["Arrivals", "KnownFiles"]


class Arrivals(Protocol):
    """What came to this process, and what it became."""

    def receive(self, arrival: Arrival, original: Original) -> Photo:
        """Write down an arrival; repeatable: what is known already stays one photograph.

        The key is (store, product, SHA-256) where the product is known, else (store, path,
        SHA-256). A photograph that stood aside for a reason outside its bytes, that waited, or
        that failed is made due again, for somebody asks for it.

        Raises:
            NotReady: another SKU is given for one that is in hand and has no product yet.
        """
        ...

    def receive_refused(self, arrival: Arrival, reason: Reason, sentence: str) -> Photo:
        """Write down an arrival whose bytes could not even be read.

        It is REFUSED; FAILED where the reason is a defect, for then the fault is ours.
        """
        ...

    def receive_all(self, receipts: Sequence[Receipt]) -> Sequence[Photo]:
        """Write down many arrivals in one transaction, each as `receive` and `receive_refused` do.

        Of those that are known without being read it is noted that they arrived.

        Returns:
            The photograph of each. They end before the first that is not ready: nothing is written
            down of that one and of those behind it.
        """
        ...

    def run_report(self) -> RunReport:
        """Return every file that arrived through this process, with its photograph.

        They are read in pages, each as it is asked for and as it is then; more than some hundreds
        are never held.
        """
        ...

    def arrived_photos(self) -> Iterator[str]:
        """Yield the id of every photograph that arrived through this process, each once.

        They are read in pages, as they are asked for.
        """
        ...

    def arrived_here(self, photo_id: str) -> bool:
        """Return whether a photograph arrived through this process."""
        ...


class KnownFiles(Protocol):
    """Which files are known without being read, by their stamps.

    A stamp is what a file's status says of its content without reading it.
    """

    def changed_files(self, stamps: Mapping[Path, str]) -> Sequence[Path]:
        """Return those files whose stamp is not the one that was remembered, in the order given."""
        ...

    def remember(self, stamps: Mapping[Path, str]) -> None:
        """Remember the stamps of files that are taken in, so that a later scan passes them by.

        It is `receive` that remembers which content a file had with its stamp.
        """
        ...

    def forget_files(self, folder: Path) -> None:
        """Forget the stamps of all files below a folder, so that the next scan has all read.

        In many transactions, each of a moment: one that was interrupted has forgotten some.
        """
        ...

    def known_files(self, arrivals: Sequence[Arrival]) -> Sequence[KnownFile | None]:
        """Return, for each of many files, what it is, where its arrival would change nothing.

        It would not where the file has the stamp that it had when its content was read, and of its
        photograph (which is the one that `receive` would return, with what is said of the product
        now) nothing is to be done. None where it has to be read, or has no stamp.
        """
        ...
