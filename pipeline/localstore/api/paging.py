"""Pages of a listing, and which fields of its records are shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from pipeline.localstore.errors import ApiError
from pipeline.localstore.numbers import whole_number
from pipeline.localstore.options import Limits
from pipeline.localstore.quirks import Quirks

__all__ = ["PageAsked", "page_asked", "pagination", "shown_fields"]

USUAL_SIZE: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class PageAsked:
    """Which page, from 1, and how many records a page."""

    page: int
    size: int


def page_asked(query: QueryParams, limits: Limits, quirks: Quirks) -> PageAsked:
    """Return what `page` and `limit` ask for: below 1, as much as if nothing was said.

    Raises:
        ApiError: one of them is no number, or `limit` is over the maximum.
    """
    page = whole_number(query.get("page") or "1", "page")
    size = whole_number(query.get("limit") or str(USUAL_SIZE), "limit")
    if size > limits.page_size:
        if quirks.limit_above != "capped":
            raise ApiError(
                int(quirks.limit_above),
                "limit is over the maximum",
                {"limit": f"must be at most {limits.page_size}"},
            )
        size = limits.page_size
    return PageAsked(page=max(page, 1), size=size if size >= 1 else USUAL_SIZE)


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
