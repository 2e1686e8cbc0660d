"""What every ledger promises of claims, and of what is next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from pipeline.claimable import Claimable, NameRules
from pipeline.values import Claim, Step

__all__ = ["Queue"]


class Queue(Protocol):
    """What is to be done next, and who does it."""

    def claim_next(
        self, step: Step, claimable: Claimable, *, name_rules: NameRules | None = None
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
            claimable: what may be taken.
            name_rules: tells whose those of unknown product may be; None: nobody can. Where it is
                needed, the names of what arrived before are written down, each once.
        """
        ...

    def claim_beside(
        self, claim: Claim, claimable: Claimable, *, most: int, most_bytes: int
    ) -> Sequence[Claim]:
        """Take what is due after a photograph that was claimed to be checked or prepared, too.

        None where anything is in haste: that is to be looked for again after each. Soon durable.

        Args:
            claim: on the one; the others are in the state that it was in.
            claimable: what may be taken.
            most: so many, the next in the order of arrival.
            most_bytes: the size of a file, at most: a larger one ends it.
        """
        ...

    def claim(self, photo_id: str) -> Claim | None:
        """Take one photograph if it is unfinished and nobody holds it; soon durable."""
        ...

    def haste_is_due(self) -> bool:
        """Whether anything in haste could be claimed, whosever it is: nobody is at work on it.

        What waits for an earlier arrival whose product is not known yet is not counted.
        """
        ...

    def products_ahead(self, most: int) -> Sequence[int]:
        """Return the products of the next so many to be sent, and to be prepared, each once."""
        ...

    def release(self, claim: Claim) -> None:
        """Let go of a photograph without having changed anything; soon durable."""
        ...

    def unfinished(self, *, any_owner: bool, step: Step | None, urgent: bool = False) -> int:
        """Return how many are still on their way, or how many of them need one kind of work.

        With `any_owner` they are all photographs of this store; else those that arrived through
        this process, and those of others whose sending is in doubt and due to be looked for.
        With `urgent` only those of them that are in haste.
        All of them are read: whoever asks again and again asks whether there are any.
        """
        ...

    def any_unfinished(self, *, any_owner: bool, step: Step | None, urgent: bool = False) -> bool:
        """Whether any of those are left that `unfinished` counts."""
        ...
