"""A request that is refused, and the documented payload that says so."""

from __future__ import annotations

import html
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal

from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response

from pipeline.localstore.quirks import Quirks

__all__ = [
    "NOT_A_WHOLE_NUMBER",
    "STATUS_PAGE",
    "ApiError",
    "ClientGone",
    "error_response",
    "no_such",
    "too_many_characters",
]

STATUS_PAGE: Final = "https://developer.bigcommerce.com/api-docs/getting-started/api-status-codes"


class ClientGone(Exception):
    """The client closed the connection before its request was whole: nobody to answer."""


class ApiError(Exception):
    """A request that is answered with an error.

    Attributes:
        status: the HTTP status.
        title: what is wrong, in a sentence.
        errors: field name to what is wrong with it.
        bare: the answer has no body at all.
        headers: further headers of the answer.
    """

    def __init__(
        self,
        status: int,
        title: str,
        errors: Mapping[str, str] = MappingProxyType({}),
        *,
        bare: bool = False,
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        super().__init__(title)
        self.status = status
        self.title = title
        self.errors = errors
        self.bare = bare
        self.headers = headers


NOT_A_WHOLE_NUMBER: Final = "must be a whole number"


def too_many_characters(most: int) -> str:
    """Return what is said of a field that is too long."""
    return f"must be at most {most} characters"


def no_such(what: Literal["product", "image"]) -> ApiError:
    """Return the error for a product or an image that is not there."""
    return ApiError(404, f"The {what} does not exist")


def error_response(error: ApiError, path: str, quirks: Quirks) -> Response:
    """Return the answer to a refused request, worded as the documentation has it.

    Args:
        error: why.
        path: the request's path, which a 404 repeats as its `instance`.
        quirks: whether error bodies are always JSON.
    """
    headers = dict(error.headers)
    status = error.status
    if error.bare:
        return Response(status_code=status, headers=headers)
    if quirks.error_bodies == "mixed" and status == 401:
        return PlainTextResponse(error.title, status_code=status, headers=headers)
    if quirks.error_bodies == "mixed" and (status == 415 or status >= 500):
        title = html.escape(f"{status} {error.title}")
        page = f"<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>"
        return HTMLResponse(page, status_code=status, headers=headers)
    payload: dict[str, object] = {
        "status": status,
        "title": error.title,
        "type": STATUS_PAGE,
        "errors": dict(error.errors),
    }
    if status == 404:
        payload["instance"] = path
    return JSONResponse(payload, status_code=status, headers=headers)
