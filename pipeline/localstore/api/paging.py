"""Pages of a listing, and which fields of its records are shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from pipeline.localstore.errors import NOT_A_WHOLE_NUMBER, ApiError
from pipeline.localstore.options import Limits
from pipeline.localstore.quirks import Quirks

__all__ = ["PageAsked", "page_asked", "pagination", "shown_fields", "whole_number"]

USUAL_SIZE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class PageAsked:
    """Which page, from 1, and how many records a page."""

    page: int
    size: int


def whole_number(text: str, field: str, *, at_least: int, at_most: int = 2**31 - 1) -> int:
    """Return a whole number of a query.

    Raises:
        ApiError: it is none, or out of its range.
    """
    plain = text.removeprefix("-")
    # Not `int` alone, which also takes blanks, underscores and the digits of other scripts.
    if not (plain.isascii() and plain.isdigit() and len(plain) <= 10):
        raise ApiError(422, f"{field} is not a whole number", {field: NOT_A_WHOLE_NUMBER})
    value = int(text)
    if value < at_least:
        raise ApiError(422, f"{field} is too small", {field: f"must be at least {at_least}"})
    if value > at_most:
        raise ApiError(422, f"{field} is too large", {field: f"must be at most {at_most}"})
    return value


def page_asked(query: QueryParams, limits: Limits, quirks: Quirks) -> PageAsked:
    """Return what `page` and `limit` ask for.

    Raises:
        ApiError: one of them is no number, or too small, or `limit` is over the maximum.
    """
    page = whole_number(query.get("page") or "1", "page", at_least=1)
    size = whole_number(query.get("limit") or str(USUAL_SIZE), "limit", at_least=1)
    if size > limits.page_size:
        if quirks.limit_above != "capped":
            raise ApiError(
                int(quirks.limit_above),
                "limit is over the maximum",
                {"limit": f"must be at most {limits.page_size}"},
            )
        size = limits.page_size
    return PageAsked(page=page, size=size)


def pagination(query: QueryParams, asked: PageAsked, count: int, total: int) -> dict[str, Any]:
    """Return a listing's `meta`.

    Args:
        query: the request's, whose filters the links repeat.
        asked: the page.
        count: records on it.
        total: records on all pages.
    """
    pages = -(-total // asked.size)
    filters = [(name, value) for name, value in query.multi_items() if name not in _PAGING]

    def link(page: int) -> str:
        return "?" + urlencode([*filters, ("page", page), ("limit", asked.size)])

    links = {"current": link(asked.page)}
    if 1 < asked.page <= pages:
        links["previous"] = link(asked.page - 1)
    if asked.page < pages:
        links["next"] = link(asked.page + 1)
    return {
        "pagination": {
            "total": total,
            "count": count,
            "per_page": asked.size,
            "current_page": asked.page,
            "total_pages": pages,
            "links": links,
        }
    }


_PAGING = frozenset({"page", "limit"})


def shown_fields(query: QueryParams, records: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return records as `include_fields` and `exclude_fields` say; `id` always stays."""
    included = _names(query.get("include_fields"))
    excluded = _names(query.get("exclude_fields"))
    return [
        {
            name: value
            for name, value in record.items()
            if name == "id" or ((not included or name in included) and name not in excluded)
        }
        for record in records
    ]


def _names(text: str | None) -> set[str]:
    return {name.strip() for name in (text or "").split(",")} - {""}
