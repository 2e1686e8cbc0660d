"""What every ledger promises of photographs on their way that nobody works on any more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from pipeline.scope import Scope
from pipeline.values import Photo

__all__ = ["Parking"]


class Parking(Protocol):
    """What nobody works on any more, and who goes on with it.

    A photograph on its way is parked when the last living process through which it arrived has
    ended. It is not parked any more when it arrives again, or is taken up.
    """

    def take_up(self, scope: Scope) -> int:
        """Go on with what is parked within a scope, as if it had arrived just now.

        Of several that came from one path, as three shots of one name, all are taken up, and the
        last of them arrives: the others are for whoever works on what is anybody's.

        Returns:
            How many were taken up.
        """
        ...

    def pending(self, scope: Scope) -> Iterator[Photo]:
        """Return what is parked or waits within a scope, page by page, and nobody has in hand."""
        ...

    def pending_of(self, batch: int) -> Iterator[Photo]:
        """Return the same of what came in through a batch (`JournalReader.brought_in`)."""
        ...

    def drop(self, photo_id: str) -> bool:
        """Forget a photograph that is parked or waits, and certainly never reached the store.

        Soon durable.

        Returns:
            False where it is none of these any more; nothing was changed.
        """
        ...
