"""What every ledger promises of what happens to a claimed photograph."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Protocol

from pipeline.lifecycle import Reason, State
from pipeline.values import Claim, Inspection, Photo, Picture, Placement, SendRecord, StoredImage

__all__ = ["Transitions"]


class Transitions(Protocol):
    """What was achieved of a photograph, or went wrong; each move returns it as it is now."""

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
    ) -> Photo:
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

    def prepared(self, claim: Claim, picture: Picture, sentence: str) -> Photo:
        """VALIDATED → PREPARED, and released; soon durable, for it can be made again."""
        ...

    def unprepared(self, claim: Claim, sentence: str) -> Photo:
        """PREPARED → VALIDATED, and released, soon durable: the picture is to be made anew."""
        ...

    def intend(self, claim: Claim) -> Claim:
        """PREPARED → UPLOADING, keeping the claim: from now on a request may reach the store.

        Durable when it returns, whatever else is not: else a power cut after the request would
        have it sent again.
        """
        ...

    def stored(
        self,
        claim: Claim,
        image: StoredImage,
        sentence: str,
        *,
        as_answered: bool = False,
        in_place: bool = True,
    ) -> Photo | None:
        """UPLOADING → STORED with the store's record, and released.

        Soon durable: until it is, the ledger says UPLOADING, and whoever comes after a power cut
        asks the store.

        Args:
            claim: the ticket.
            image: the record.
            sentence: how it came to be stored.
            as_answered: the record is the answer to a create call, and nothing else proves it.
            in_place: it is where it should be among its product's; else that is to be arranged.

        Returns:
            None where it is an answer and another photograph has that image: nothing was changed.
        """
        ...

    def not_sent(
        self,
        claim: Claim,
        sentence: str,
        *,
        reason: Reason | None = None,
        not_before: datetime | None,
        attempts: int,
    ) -> Photo:
        """UPLOADING → PREPARED, and released: the store certainly made nothing of it.

        `reason` is NOT_SENT where the shop, the network or the token kept it back.
        """
        ...

    def doubt(
        self,
        claim: Claim,
        sentence: str,
        *,
        ended_at: datetime,
        missing_since: datetime | None,
        not_before: datetime,
    ) -> Photo:
        """It stays UPLOADING, and is released: the attempt ended without a clear answer.

        Args:
            claim: the ticket.
            sentence: why it is in doubt, or what the last look at the store showed.
            ended_at: when the attempt ended.
            missing_since: when the store's listing first did not show it, None before a look.
            not_before: when to look (again).
        """
        ...

    def adopted(self, claim: Claim, image: StoredImage, sentence: str) -> Photo | None:
        """VALIDATED or PREPARED → STORED, and released: it was in the store already.

        None where another photograph has that image: nothing was changed.
        """
        ...

    def refuse(self, claim: Claim, reason: Reason, sentence: str) -> Photo:
        """→ REFUSED, and released."""
        ...

    def fail(self, claim: Claim, reason: Reason, sentence: str, *, retry_from: State) -> Photo:
        """→ FAILED, and released; a retry returns it to `retry_from`."""
        ...

    def postpone(
        self,
        claim: Claim,
        sentence: str,
        *,
        reason: Reason | None = None,
        not_before: datetime,
        attempts: int,
    ) -> Photo:
        """It stays where it is, and is released, due at `not_before`.

        `reason` is NOT_SENT where the shop, the network or the token kept it back.
        """
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

    def restore(self, photo_id: str, placement: Placement, sentence: str) -> Photo | None:
        """REMOVED → PREPARED, due in this process: its very picture is to go up once more.

        One that is on its way again only becomes due in this process.

        Args:
            photo_id: of the photograph, whose picture lies in the spool.
            placement: where it belongs, with what was said of its image.
            sentence: for its history.

        Returns:
            None where it is neither, or somebody has it in hand: nothing was changed.
        """
        ...

    def attempt_ended_at(self, photo: Photo) -> datetime | None:
        """Return when the last attempt to send a photograph ended; None where there was none."""
        ...

    def send_record(self, photo: Photo) -> SendRecord:
        """Return what is known about the last sending of a photograph, to judge a listing by."""
        ...
