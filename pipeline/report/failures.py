"""Why a command could not do what it was asked, as a word for programs.

The sentence is for people, and may be worded otherwise tomorrow; the exit status says little. Who
calls the program unattended must know whether to wait, to fetch a person, or to mend the call.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Final

from pipeline.errors import (
    ConfigError,
    LedgerDamaged,
    LedgerError,
    StoreDenied,
    StoreError,
    StoreIntercepted,
    StoreRefusesAll,
    StoreThrottled,
    StoreUnavailable,
    StoreUnsure,
)

__all__ = ["Code", "code_of", "error_document"]


class Code(StrEnum):
    """The words."""

    WRONG_CALL = "wrong_call"
    """An option, a file or a name that was given."""
    WRONG_SETTING = "wrong_setting"
    """A setting, or what is there on this computer; no shop is set."""
    SHOP_AWAY = "shop_away"
    """It cannot be reached, or does not answer as it should: later it may."""
    SHOP_PAUSES = "shop_pauses"
    """It asks for a pause: later it may."""
    NOT_THE_SHOP = "not_the_shop"
    """Something between it and us answers: a log-in page, a proxy."""
    TOKEN_REFUSED = "token_refused"  # noqa: S105 - a word
    """It does not take the access token, or the token lacks a scope."""
    REFUSED_ALIKE = "refused_alike"
    """It refuses one photograph after another alike."""
    SHOP_SAID_NO = "shop_said_no"
    """It understood, and said no."""
    ANSWER_UNKNOWN = "answer_unknown"
    """What was asked for may have been done or not."""
    RECORDS_UNUSABLE = "records_unusable"
    """Our records cannot be read or written: the disk is full, say."""
    RECORDS_DAMAGED = "records_damaged"
    INTERRUPTED = "interrupted"
    OTHER = "other"


_CODES: Final[tuple[tuple[type[BaseException], Code], ...]] = (
    (LedgerDamaged, Code.RECORDS_DAMAGED),
    (LedgerError, Code.RECORDS_UNUSABLE),
    (StoreRefusesAll, Code.REFUSED_ALIKE),
    (StoreDenied, Code.TOKEN_REFUSED),
    (StoreIntercepted, Code.NOT_THE_SHOP),
    (StoreThrottled, Code.SHOP_PAUSES),
    (StoreUnavailable, Code.SHOP_AWAY),
    (StoreUnsure, Code.ANSWER_UNKNOWN),
    (StoreError, Code.SHOP_SAID_NO),
    (ConfigError, Code.WRONG_SETTING),
    (KeyboardInterrupt, Code.INTERRUPTED),
)
"""The more exact of two kinds stands first."""


def code_of(error: BaseException) -> Code:
    """Return the word for an error."""
    return next((code for kind, code in _CODES if isinstance(error, kind)), Code.OTHER)


def error_document(sentence: str, code: Code) -> dict[str, Any]:
    """Return what a program gets in place of what it asked for.

    Args:
        sentence: for people.
        code: for programs.
    """
    return {"error": sentence, "error_code": str(code)}
