"""The ledger's contract: what every ledger promises, whatever it is kept in.

What a method records is one transaction, and durable when it returns. Every change of a claimed
photograph needs the claim on it and is a compare-and-set: where the claim was lost, or the state
is not the expected one, `LostClaim` is raised and nothing is changed. Every change adds one line
to the photograph's history. All methods raise `LedgerError` where the ledger cannot be read or
written.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol

from pipeline.lifecycle import Reason, State
from pipeline.values import (
    Arrival,
    Claim,
    HistoryLine,
    Inspection,
    KnownFile,
    MayBeOf,
    Meeting,
    MetImage,
    Original,
    Photo,
    Picture,
    Placement,
    Receipt,
    RunReport,
    SendRecord,
    Step,
    StoredImage,
    Tally,
)

__all__ = [
    "Arrivals",
    "Durability",
    "HistoryLine",
    "KnownFiles",
    "Ledger",
    "LedgerReader",
    "Meetings",
    "Queue",
    "Reports",
    "Tidying",
    "Transitions",
]


class Durability(Protocol):
    """When a power cut can take nothing any more of what was written down.

    What a method writes is durable when it returns, but for what says that it is *soon durable*:
    that is, by some milliseconds later, or when the next method returns that writes and does not
    say so, and never after something that was written down after it. Whoever tells somebody of it,
    or takes away what it stands for, does so by `when_durable`. Where it could not be made durable,
    every method that writes, or asks what is left to do, raises `LedgerError` from then on.
    """

    def when_durable(self, then: Callable[[], None]) -> None:
        """Do something once all that was written down until now is durable, at once where it is.

        It may be done by another thread, and must be quick; what it raises is logged as a defect.
        Where something was lost it is never done.

        Raises:
            LedgerError: something was lost.
        """
        ...

    def make_durable(self) -> None:
        """Return once all that was written down is durable, and what waited for that is done.

        Raises:
            LedgerError: something was lost.
        """
        ...


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
        """Return every file that arrived through this process, with its photograph."""
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


class Queue(Protocol):
    """What is to be done next, and who does it."""

    def claim_next(
        self, step: Step, *, any_owner: bool, may_be_of: MayBeOf | None = None, urgent: bool = False
    ) -> Claim | None:
        """Take the next photograph that is due for this kind of work, or None.

        For `Step.UPLOAD`: never two of one product at a time, over all processes, and none before
        an earlier one (in shot order) that is still on its way, however long that one is
        postponed; nor before an earlier arrival whose product is not known yet.

        What is in haste goes before all others, but for one in four turns. It does not wait for
        earlier arrivals whose product is not known yet, but is certainly another one; those that
        may be of its own are in haste then, too.

        For `Step.PREPARE`: what is to be checked comes first, until some hundreds are to be
        prepared, so that the store can be asked for the products of all of them at once.

        Soon durable: a claim is void after a power cut anyway, and until it is durable no other
        process can make one.

        Args:
            step: the kind of work.
            any_owner: take any photograph of this store; else only those that arrived through
                this process, and those whose sending is in doubt.
            may_be_of: knows whose those of unknown product may be; must be quick.
            urgent: take only what is in haste.
        """
        ...

    def claim(self, photo_id: str) -> Claim | None:
        """Take one photograph if it is unfinished and nobody holds it; soon durable."""
        ...

    def products_ahead(self, most: int) -> Sequence[int]:
        """Return the products of the next so many to be sent, and to be prepared, each once."""
        ...

    def release(self, claim: Claim) -> None:
        """Let go of a photograph without having changed anything; soon durable."""
        ...

    def recover(self) -> int:
        """Take back the claims of processes that are dead; return how many there were.

        A living process keeps its claims, however long it takes. What was UPLOADING stays so,
        with its attempt ended now, for nobody knows when it ended.
        """
        ...

    def unfinished(self, *, any_owner: bool, step: Step | None) -> int:
        """Return how many are still on their way, or how many of them need one kind of work.

        With `any_owner` they are all photographs of this store; else those that arrived through
        this process, and those of others whose sending is in doubt and due to be looked for.
        All of them are read: whoever asks again and again asks whether there are any.
        """
        ...

    def any_unfinished(self, *, any_owner: bool, step: Step | None) -> bool:
        """Whether any of those are left that `unfinished` counts."""
        ...


class Transitions(Protocol):
    """What was achieved of a photograph, or went wrong with it."""

    def validated(
        self, claim: Claim, inspection: Inspection, placement: Placement, sentence: str
    ) -> Photo:
        """RECEIVED → VALIDATED, and released; soon durable, for it can be checked again.

        Where the same bytes are known for that product already, this photograph becomes part of
        that one, which is returned.
        """
        ...

    def set_waiting(
        self, claim: Claim, inspection: Inspection, reason: Reason, sentence: str
    ) -> None:
        """RECEIVED → WAITING, and released."""
        ...

    def shown_already(self, claim: Claim, picture: Picture) -> Photo | None:
        """Look for another photograph of the same product that shows the same, in its own bytes.

        Where it is STORED, this one becomes part of it; where it is UPLOADING, nothing is changed.

        Args:
            claim: the ticket.
            picture: what was made of the photograph.

        Returns:
            The other one; None where there is none.
        """
        ...

    def prepared(self, claim: Claim, picture: Picture, sentence: str) -> None:
        """VALIDATED → PREPARED, and released; soon durable, for it can be made again."""
        ...

    def unprepared(self, claim: Claim, sentence: str) -> None:
        """PREPARED → VALIDATED, and released, soon durable: the picture is to be made anew."""
        ...

    def intend(self, claim: Claim) -> Claim:
        """PREPARED → UPLOADING, keeping the claim: from now on a request may reach the store.

        Durable when it returns, whatever else is not: else a power cut after the request would
        have it sent again.
        """
        ...

    def stored(
        self, claim: Claim, image: StoredImage, sentence: str, *, as_answered: bool = False
    ) -> bool:
        """UPLOADING → STORED with the store's record, and released.

        Soon durable: until it is, the ledger says UPLOADING, and whoever comes after a power cut
        asks the store.

        Args:
            claim: the ticket.
            image: the record.
            sentence: how it came to be stored.
            as_answered: the record is the answer to a create call, and nothing else proves it.

        Returns:
            False where it is an answer and another photograph has that image: nothing was changed.
        """
        ...

    def not_sent(
        self, claim: Claim, sentence: str, *, not_before: datetime | None, attempts: int
    ) -> None:
        """UPLOADING → PREPARED, and released: the store certainly made nothing of it."""
        ...

    def doubt(
        self,
        claim: Claim,
        sentence: str,
        *,
        ended_at: datetime,
        missing_since: datetime | None,
        not_before: datetime,
    ) -> None:
        """It stays UPLOADING, and is released: the attempt ended without a clear answer.

        Args:
            claim: the ticket.
            sentence: why it is in doubt, or what the last look at the store showed.
            ended_at: when the attempt ended.
            missing_since: when the store's listing first did not show the image, None before
                a look.
            not_before: when to look (again).
        """
        ...

    def adopted(self, claim: Claim, image: StoredImage, sentence: str) -> bool:
        """VALIDATED or PREPARED → STORED, and released: it was in the store already.

        Returns:
            False where another photograph has that image: nothing was changed.
        """
        ...

    def refuse(self, claim: Claim, reason: Reason, sentence: str) -> None:
        """→ REFUSED, and released."""
        ...

    def fail(self, claim: Claim, reason: Reason, sentence: str, *, retry_from: State) -> None:
        """→ FAILED, and released; a retry returns it to `retry_from`."""
        ...

    def postpone(self, claim: Claim, sentence: str, *, not_before: datetime, attempts: int) -> None:
        """It stays where it is, and is released, due at `not_before`."""
        ...

    def retry(self, photo_id: str) -> Photo | None:
        """Make a photograph that stands aside due again; None where it does not stand aside."""
        ...

    def removed(self, product_id: int, image_id: int) -> Photo | None:
        """STORED → REMOVED: our own command deleted its image; None where no row has it."""
        ...

    def stays(
        self, photo_id: str, image_ids: Collection[int], image: StoredImage, sentence: str
    ) -> bool:
        """STORED, as another image (or the same): it is in the store twice.

        Args:
            photo_id: of the photograph.
            image_ids: it is recorded as one of these images; else nothing is changed.
            image: the record of the one that stays.
            sentence: for its history.

        Returns:
            Whether that was recorded.
        """
        ...

    def requeue_missing(self, photo_id: str, sentence: str) -> Photo | None:
        """STORED → REMOVED → RECEIVED, due in this process: its image is gone from the store.

        None where it is not stored (any more).
        """
        ...

    def attempt_ended_at(self, photo: Photo) -> datetime | None:
        """Return when the last attempt to send a photograph ended; None where there was none."""
        ...

    def send_record(self, photo: Photo) -> SendRecord:
        """Return what is known about the last sending of a photograph, to judge a listing by."""
        ...


class Meetings(Protocol):
    """What listings of the store show that is not as the ledger has it."""

    def listed(
        self, product_id: int, marked: Mapping[str, Sequence[StoredImage]]
    ) -> Sequence[MetImage]:
        """Compare a whole listing of a product with what is known, and keep what differs.

        What was kept of the product before, and is so no longer, is forgotten. A photograph that
        is recorded as an image which carries another's mark, while its own is there, is that one
        from now on.

        Args:
            product_id: the product.
            marked: all of its images that carry our mark, by their digest tag.

        Returns:
            What is kept now and was not before.
        """
        ...


class Reports(Protocol):
    """What people, and the rest of the program, ask of the photographs of one store (or of all)."""

    def photo(self, photo_id: str) -> Photo | None:
        """Return one photograph; None where it became part of another."""
        ...

    def tally(self) -> Tally:
        """Return how many photographs are in each state."""
        ...

    def stored_since(self, moment: datetime) -> int:
        """Return how many photographs were stored since a time."""
        ...

    def met(self) -> Mapping[Meeting, int]:
        """Return how many images in the store are not as the ledger has them, of each kind.

        They are as the last listing of each product showed them, and some ten thousand at most.
        """
        ...

    def photos(self, state: State | None = None) -> Iterator[Photo]:
        """Yield the photographs, all or those in one state, in the order of their arrival.

        They are read page by page, each in a transaction of its own, and nothing is held between:
        what changes meanwhile may be told as it was or as it is.
        """
        ...

    def stored_products(self, after: int, most: int) -> Sequence[int]:
        """Return the next products that have a stored photograph, by id, those above one.

        Args:
            after: only products of a higher id.
            most: as many at the most.
        """
        ...

    def stored_product_count(self) -> int:
        """Return how many products have a stored photograph."""
        ...

    def of_product(self, product_id: int) -> Sequence[Photo]:
        """Return the photographs of a product, in the order of their arrival."""
        ...

    def of_content(self, beginning: str) -> Sequence[Photo]:
        """Return the photographs whose SHA-256 begins so, in the order of their arrival."""
        ...

    def at_path(self, path: Path) -> Sequence[Photo]:
        """Return the photographs that ever arrived from a path, the latest first."""
        ...

    def needs_bytes(self, sha256: str) -> bool | None:
        """Return whether any store's photograph of that content may need its original still.

        None where there is no photograph of that content.
        """
        ...

    def history(self, photo_id: str) -> Sequence[HistoryLine]:
        """Return every step of one photograph, the oldest first."""
        ...

    def check(self) -> str | None:
        """Return what is wrong with what the ledger is kept in, None where nothing is."""
        ...


class Tidying(Protocol):
    """What makes a ledger smaller, of every store, and loses nothing that anybody counts on."""

    def long_stored(self, before: datetime) -> int:
        """Return how many photographs are stored, and were so before a time."""
        ...

    def fold(self, before: datetime) -> Iterator[int]:
        """Make the history of each of them one line: when it arrived as what, and its last step.

        Some hundred at a time, each time in one transaction; yields how many of them had more
        lines than one. Nothing else of a photograph is changed.
        """
        ...

    def close(self) -> None:
        """Let go of everything."""
        ...


class LedgerReader(Reports, Protocol):
    """The ledger for whoever only asks: no claims, and nothing is changed."""

    def close(self) -> None:
        """Let go of everything; a second time nothing happens."""
        ...


class Ledger(
    Durability, Arrivals, KnownFiles, Queue, Transitions, Meetings, LedgerReader, Protocol
):
    """The queue, the memory and the report of one store, as seen by one process."""
