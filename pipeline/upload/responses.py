"""Read what the store answers, trusting none of it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any, Final, TypeGuard

from pipeline.errors import (
    StoreDenied,
    StoreError,
    StoreIntercepted,
    StoreRejected,
    StoreThrottled,
    StoreUnavailable,
    StoreUnsure,
)
from pipeline.values import StoredImage

__all__ = [
    "REQUESTS_LEFT",
    "REQUESTS_QUOTA",
    "TIME_RESET_MS",
    "TIME_WINDOW_MS",
    "Answer",
    "Malformed",
    "data_of",
    "date_of",
    "error_of",
    "image_in",
    "image_of",
    "is_id",
    "is_whole",
    "nonsense",
    "page_error",
    "pause_of",
]

REQUESTS_LEFT: Final = "x-rate-limit-requests-left"
REQUESTS_QUOTA: Final = "x-rate-limit-requests-quota"
TIME_RESET_MS: Final = "x-rate-limit-time-reset-ms"
TIME_WINDOW_MS: Final = "x-rate-limit-time-window-ms"

LARGEST_NUMBER: Final = 2**63 - 1
"""Ids are kept as 64-bit numbers; a larger one is none."""

LONGEST_PAUSE: Final = timedelta(hours=1)
"""What asks for a longer pause is not believed."""

_MARKUP: Final = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype|!--|html|head|body|\?xml)", re.I)

_LOG_IN: Final = (
    "is there a login page of this network in between, or is the shop's address another one?"
)

_OF_THE_QUESTION: Final = frozenset({405, 406, 410, 411, 412, 414, 415, 416, 417, 431})
"""Statuses that speak of how it was asked. Any other but those that judge is no photograph's fault:
a question that makes nothing is simply asked again."""

FIELDS_SHOWN: Final = 20
"""How many of a refusal's messages by field are shown: an answer may hold any number."""


class Malformed(Exception):
    """The answer is not what the reference says; never leaves this room."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A whole answer: status, headers (names in lower case) and body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def data_of(answer: Answer) -> tuple[Any, Mapping[str, Any]]:
    """Return `data` and `meta` of an answer's envelope; an answer 204 is an empty list.

    Raises:
        Malformed: it is no JSON, or not in the envelope.
    """
    if answer.status == 204:
        return [], {}
    try:
        document = json.loads(answer.body)
    except (ValueError, RecursionError) as error:
        raise Malformed("the answer is no JSON") from error
    if not isinstance(document, dict) or "data" not in document:
        raise Malformed("the answer has no data")
    meta = document.get("meta")
    return document["data"], meta if isinstance(meta, dict) else {}


def image_of(record: Any, product_id: int) -> StoredImage:
    """Return an image's record as a value.

    Raises:
        Malformed: the id is no positive whole number, or another field has a wrong type.
    """
    if not isinstance(record, dict):
        raise Malformed("an image's record is no object")
    image_id = record.get("id")
    if not is_id(image_id):
        raise Malformed("an image's id is no positive whole number")
    product = record.get("product_id", product_id)
    if not is_whole(product):
        raise Malformed("an image's product_id is no whole number")
    order = record.get("sort_order", 0)
    return StoredImage(
        id=image_id,
        product_id=product,
        image_file=_text(record, "image_file"),
        is_thumbnail=record.get("is_thumbnail") is True,
        sort_order=order if is_whole(order) else 0,
        description=_text(record, "description"),
        url_zoom=_text(record, "url_zoom"),
        url_standard=_text(record, "url_standard"),
        url_thumbnail=_text(record, "url_thumbnail"),
        url_tiny=_text(record, "url_tiny"),
        date_modified=_text(record, "date_modified"),
    )


def image_in(record: Any, product_id: int) -> StoredImage:
    """Return an image's record in an answer about a product, which need not repeat whose it is.

    Raises:
        StoreUnavailable: it is none, or an image of another product.
    """
    try:
        image = image_of(record, product_id)
    except Malformed as error:
        raise nonsense(str(error)) from error
    if image.product_id != product_id:
        raise nonsense(
            f"among the images of product {product_id} is one of product {image.product_id}"
        )
    return image


def nonsense(what: str) -> StoreUnavailable:
    """Return the error for an answer that is not what the reference says."""
    return StoreUnavailable(f"the shop answers nonsense: {what}")


def error_of(answer: Answer, *, creating: bool) -> StoreError:
    """Return the error for an answer that is no success.

    Args:
        answer: with a status other than 2xx.
        creating: whether the request was a create call, of which a gateway's error leaves open
            whether an image was made.
    """
    status = answer.status
    if status in (401, 403):
        what = "" if status == 401 else " for this"
        return StoreDenied(
            f"the shop rejected the access token{what} ({status}): check the token, and that it "
            "has the scope “Products: modify”"
        )
    if status == 429:
        after = pause_of(answer.headers)
        named = "" if after is None else f" of {after:.0f} seconds"
        return StoreThrottled(f"the shop asks for a pause{named} (429)", after)
    if status in (408, 444, 460, 499, 500, 502, 503, 504):
        # 444, 460 and 499 are gateways' words for a connection that ended.
        sentence = _trouble(status, _title(answer))
        return StoreUnsure(sentence) if creating else StoreUnavailable(sentence)
    if stranger := _stranger(answer):
        if creating:
            return StoreUnsure(stranger, intercepted=True)
        return StoreIntercepted(stranger)
    if status >= 500 and not creating:
        return StoreUnavailable(_trouble(status))
    if status >= 500 and status not in (501, 505, 507):
        return StoreUnsure(_trouble(status))
    rejected = StoreRejected(status, _title(answer) or "no reason given", _fields(answer))
    if creating or rejected.is_certain or status in _OF_THE_QUESTION:
        return rejected
    return StoreUnavailable(str(rejected))


def _trouble(status: int, title: str = "") -> str:
    return f"the shop has trouble ({f'{status} {title}'.rstrip()})"


def page_error(answer: Answer) -> StoreIntercepted | None:
    """Return the error for an answer that looks like a success and is a page for people."""
    kind = answer.headers.get("content-type", "").strip().casefold()
    if kind.startswith(("text/html", "application/xhtml")) or _MARKUP.match(answer.body):
        return StoreIntercepted(
            f"a page for people came in place of the shop's answer ({answer.status}): {_LOG_IN}"
        )
    return None


def _stranger(answer: Answer) -> str | None:
    """Say that somebody in between answered; None where it may have been the store.

    The API points nowhere else, and asks for no other login than the token.
    """
    if 300 <= answer.status < 400:
        what = f"another address was named, which is not followed ({answer.status})"
    elif answer.status in (407, 511):
        what = f"the network wants somebody to log in ({answer.status})"
    else:
        return None
    return f"{what}: {_LOG_IN}"


def pause_of(headers: Mapping[str, str]) -> float | None:
    """Return the pause that a 429 asks for, in seconds: the longer of what its headers say.

    Source: RFC 9110, 10.2.3: `Retry-After` is a number of seconds, or a date.
    """
    pauses = [_seconds(headers.get(TIME_RESET_MS), 0.001)]
    for name in ("x-retry-after", "retry-after"):
        pauses += [_seconds(headers.get(name), 1.0), _until(headers.get(name), headers)]
    return max((pause for pause in pauses if pause is not None), default=None)


@lru_cache(maxsize=4)
def date_of(text: str | None) -> datetime | None:
    """Return the time that a header names, in any of the three forms of HTTP; else None."""
    with suppress(ValueError, TypeError, IndexError, OverflowError):
        date = parsedate_to_datetime(text or "")
        # Of the three forms one names no zone: it is GMT there.
        return date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)
    return None


def _until(text: str | None, headers: Mapping[str, str]) -> float | None:
    """Return the seconds until a date, by the clock of whoever named it, as far as it shows."""
    date = date_of(text)
    if date is None:
        return None
    left = date - (date_of(headers.get("date")) or datetime.now(UTC))
    return max(0.0, left.total_seconds()) if left <= LONGEST_PAUSE else None


def _seconds(text: str | None, unit: float) -> float | None:
    try:
        value = float(text or "") * unit
    except ValueError:
        return None
    return value if 0 <= value <= LONGEST_PAUSE.total_seconds() else None


def _document(answer: Answer) -> Mapping[str, Any]:
    try:
        document = json.loads(answer.body)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def _title(answer: Answer) -> str:
    title = _document(answer).get("title")
    return _printable(title) if isinstance(title, str) else ""


def _fields(answer: Answer) -> dict[str, str]:
    errors = _document(answer).get("errors")
    if not isinstance(errors, dict):
        return {}
    shown = list(errors.items())[:FIELDS_SHOWN]
    return {_printable(str(name)): _printable(str(text)) for name, text in shown}


def _printable(text: str) -> str:
    """Keep a store's words from moving the cursor or filling the screen."""
    return "".join(sign if sign.isprintable() else " " for sign in text[:300])


def is_id(value: Any) -> TypeGuard[int]:
    """Whether a value can be an id of the store."""
    return is_whole(value) and value > 0


def is_whole(value: Any) -> TypeGuard[int]:
    """Whether a value is a whole number that can be kept; JSON's true and 1.0 are none."""
    whole = isinstance(value, int) and not isinstance(value, bool)
    return whole and abs(value) <= LARGEST_NUMBER


def _text(record: Mapping[str, Any], name: str) -> str:
    value = record.get(name)
    # JSON can name half of a character (a lone surrogate), which no file can hold.
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else ""
