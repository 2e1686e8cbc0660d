"""What is held back until its product has every view of the shot list, and let go then.

Held is only what is ready to go up: whether it could be is known by then. The last view finds the
others held, lets them go and waits for its turn among them.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Final

from pipeline.engine.ports import Stages
from pipeline.errors import StoreError
from pipeline.ledger import Ledger
from pipeline.values import Claim, Photo

__all__ = ["Holding"]

HELD: Final = "held: "
"""How the sentence begins of what is held; behind it stands what its product lacks."""

LET_GO: Final = "not held any longer: its turn comes"


class Holding:
    """Holds prepared photographs and lets them go; none where nobody says what lacks."""

    def __init__(self, ledger: Ledger, stages: Stages) -> None:
        self._ledger = ledger
        self._lacks = stages.lacks

    def keeps(self, claim: Claim) -> bool:
        """Whether a prepared photograph is not to go up now; its claim is given back then.

        Raises:
            StoreError: the store could not be asked what its product is called.
        """
        photo = claim.photo
        if self._lacks is None:
            return False
        if why := self._lacks(photo):
            self._ledger.hold(claim, f"{HELD}{why}")
            # The last view may have come in between, and found nothing held.
            self.came(photo)
            return True
        if not self._let_go(photo):
            return False
        # Others that were held may go before it.
        self._ledger.release(claim)
        return True

    def came(self, photo: Photo) -> None:
        """Let go what is held of a photograph's product, where that lacks nothing any more.

        Raises:
            StoreError: the store could not be asked what its product is called.
        """
        if self._lacks is not None and not self._lacks(photo):
            self._let_go(photo)

    def again(self) -> int:
        """Ask of every product of which something is held, for the list may be another one now.

        Returns:
            How many photographs were let go.
        """
        let_go = 0
        for photo in self._ledger.held():
            with suppress(StoreError):
                if self._lacks is None or not self._lacks(photo):
                    let_go += self._let_go(photo)
        return let_go

    def _let_go(self, photo: Photo) -> int:
        if photo.placement is None:
            return 0
        return self._ledger.let_go(photo.placement.product_id, LET_GO)
