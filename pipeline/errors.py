"""The whole family of errors, and what the engine does about each.

    PipelineError
    ├── ConfigError         stops: which setting, where it came from, what would be right
    ├── NotReady            lets go: still being written, or gone; the next scan brings it back
    ├── PhotoRefused        the photograph is REFUSED, with a reason and a sentence; where that may
    │                       pass within moments, only after a few tries
    ├── ProductUnknown      the photograph is WAITING until somebody knows its product
    ├── StoreError
    │   ├── StoreUnavailable    postponed with a growing pause; it keeps its place in its product
    │   │   └── StoreUnreachable    the same, but it uses up no attempt: no photograph is to blame
    │   │       └── StoreIntercepted    the same, and it is said: somebody must log in somewhere
    │   ├── StoreThrottled      postponed until the store's own time; uses up no attempt
    │   ├── StoreUnsure         stays UPLOADING: looks before it sends again
    │   ├── StoreAmbiguous      the photograph is FAILED: a person must say which image it is
    │   ├── StoreRejected       the photograph is FAILED, in the store's own words; where they speak
    │   │                       of the moment alone, it is postponed and keeps its place
    │   └── StoreDenied         uploading stops: the token is not good
    │       └── StoreRefusesAll     the same: one photograph after another is refused alike
    ├── LedgerError         stops: no truth, no work
    │   └── LedgerDamaged       the same: its file is no database any more; a rebuild moves it aside
    └── LostClaim           leaves quietly: somebody else has the photograph now

Foreign exceptions never leave a room: they become one of these, raised `from` the foreign one.
Only the command line turns them into words and exit statuses.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pipeline.lifecycle import Reason

__all__ = [
    "ConfigError",
    "LedgerDamaged",
    "LedgerError",
    "LostClaim",
    "NotReady",
    "PhotoRefused",
    "PipelineError",
    "ProductUnknown",
    "StoreAmbiguous",
    "StoreDenied",
    "StoreError",
    "StoreIntercepted",
    "StoreRefusesAll",
    "StoreRejected",
    "StoreThrottled",
    "StoreUnavailable",
    "StoreUnreachable",
    "StoreUnsure",
]


_JUDGED: Final = frozenset({400, 401, 403, 404, 413, 422})
"""Statuses with which the store judges the request itself; of any other, something in between may
be the author, and what is behind it may have worked all the same."""

_PASSING: Final = frozenset({409, 421, 423, 425, 449})
"""Statuses that speak of the moment (a conflict, a lock, too early, another connection), and not of
the request: the same may be taken later. Source: RFC 9110, 15.5.10 and 15.5.20; RFC 4918, 11.3; RFC
8470, 5.2; 449 is Microsoft's."""


class PipelineError(Exception):
    """Something went wrong in a way the program knows; its text is a sentence for people."""


class ConfigError(PipelineError):
    """A setting or the call is wrong; the text names it, its source, and what would be right."""


class NotReady(PipelineError):
    """The file is still being written, or is gone: the next scan brings it back."""


class PhotoRefused(PipelineError):
    """The photograph cannot be used, by its own fault."""

    def __init__(self, reason: Reason, sentence: str) -> None:
        """Take the code for programs and the sentence for people: what is wrong, what mends it."""
        super().__init__(sentence)
        self.reason = reason


class ProductUnknown(PhotoRefused):
    """Nobody can say (or not without guessing) to which product the photograph belongs."""


class StoreError(PipelineError):
    """The store did not do what it was asked."""


class StoreUnavailable(StoreError):
    """The store could not be reached, or said that it cannot answer now; nothing was made."""


class StoreUnreachable(StoreUnavailable):
    """There was no connection to the store: what was to be sent has nothing to do with it."""


class StoreIntercepted(StoreUnreachable):
    """Something in between answered in the store's place: a login page, a proxy's notice."""


class StoreThrottled(StoreUnavailable):
    """The store asks for a pause."""

    def __init__(self, sentence: str, after: float | None) -> None:
        """Take the sentence and the pause in seconds, None where the store did not name one."""
        super().__init__(sentence)
        self.after = after


class StoreUnsure(StoreError):
    """A create request was sent and no clear answer came: an image may or may not exist."""

    def __init__(
        self, sentence: str, answered: int | None = None, *, intercepted: bool = False
    ) -> None:
        """Take what is known of it.

        Args:
            sentence: for people.
            answered: the image's id, where an answer named one that is not proven.
            intercepted: something in between answered in the store's place.
        """
        super().__init__(sentence)
        self.answered = answered
        self.intercepted = intercepted


class StoreAmbiguous(StoreError):
    """In the store is an image that may be the one looked for, and nothing says whether it is."""


class StoreRejected(StoreError):
    """The store understood and said no; the same request would get the same answer."""

    def __init__(self, status: int, title: str, fields: Mapping[str, str] | None = None) -> None:
        """Take the HTTP status, the store's title and its messages by field."""
        self.status = status
        self.title = title
        self.fields = dict(fields or {})
        details = "; ".join(f"{name}: {text}" for name, text in self.fields.items())
        super().__init__(f"the shop said {status}: {title}" + (f" ({details})" if details else ""))

    @property
    def is_certain(self) -> bool:
        """Whether nothing was made: the request was judged, and not lost on its way back."""
        return self.status in _JUDGED

    @property
    def is_passing(self) -> bool:
        """Whether it says that the store cannot do it now, which is no photograph's fault."""
        return self.status in _PASSING

    @property
    def is_of_one_product(self) -> bool:
        """Whether it says only that this product (or image) is not there."""
        return self.status == 404


class StoreDenied(StoreError):
    """The store does not accept the token, or the token lacks a scope."""


class StoreRefusesAll(StoreDenied):
    """The store refuses one photograph after another alike: it is the fault of none of them."""


class LedgerError(PipelineError):
    """The ledger cannot be read or written, so nothing may be done that it could not record."""


class LedgerDamaged(LedgerError):
    """The ledger's file is damaged, or is no database: only a rebuild or a backup helps."""


class LostClaim(PipelineError):
    """The claim on a photograph is no longer ours; whatever was done about it is not recorded."""
