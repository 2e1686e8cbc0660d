"""A request's body, read with a limit on its size and on the silence within it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any, Final

from starlette.requests import Request

from pipeline.localstore.errors import ApiError, ClientGone
from pipeline.localstore.quirks import Quirks

__all__ = ["body_pieces", "json_object", "media_type"]

BODY_SECONDS: Final = 300.0
"""How long a whole body may take, however steadily it comes."""

JSON_BYTES: Final = 2**20


def media_type(request: Request) -> str:
    """Return the type of a body without its parameters, in lower case; empty when none is said."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def body_pieces(
    request: Request, at_most: int, quirks: Quirks, if_too_long: ApiError | None = None
) -> AsyncIterator[bytes]:
    """Yield a body piece by piece, as it comes; nothing of it is kept.

    Args:
        request: whose.
        at_most: the bytes that are read before it is refused.
        quirks: how long it may be silent, whether it may come without a length, how it is refused.
        if_too_long: what is said where it is too long.

    Raises:
        ApiError: it is too long, too slow, or has no length where one is wanted.
        ClientGone: the client closed the connection before the end.
    """
    length = request.headers.get("content-length")
    if length is None and quirks.chunked == "411" and "transfer-encoding" in request.headers:
        raise ApiError(411, "A Content-Length header is required")
    # What is said to be too long need not be read to be refused.
    if length is not None and int(length) > at_most:
        raise if_too_long or too_large(quirks, at_most, "body")
    ends = asyncio.get_running_loop().time() + BODY_SECONDS
    read = 0
    while True:
        left = ends - asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout(min(quirks.seconds("body_idle_seconds"), left)):
                message = await request.receive()
        except TimeoutError:
            raise ApiError(408, "The request body did not arrive in time") from None
        if message["type"] == "http.disconnect":
            raise ClientGone
        piece = message.get("body", b"")
        read += len(piece)
        if read > at_most:
            raise if_too_long or too_large(quirks, at_most, "body")
        if piece:
            yield piece
        if not message.get("more_body", False):
            return


def too_large(quirks: Quirks, at_most: int, field: str = "image_file") -> ApiError:
    """Return the error for something larger than so many bytes."""
    what = "request body" if field == "body" else "file"
    return ApiError(
        int(quirks.too_large),
        f"The {what} is too large",
        {field: f"is too large; the limit is {at_most} bytes"},
    )


async def json_object(request: Request, quirks: Quirks) -> dict[str, Any]:
    """Return a body that is one JSON object, read whole.

    Raises:
        ApiError: it is not.
        ClientGone: the client closed the connection before the end.
    """
    content = bytearray()
    async for piece in body_pieces(request, JSON_BYTES, quirks):
        content += piece
    try:
        said = json.loads(content, parse_constant=_no_number)
    # Deeply nested lists exhaust the parser's recursion.
    except (ValueError, RecursionError):
        raise ApiError(422, "The body is not valid JSON", {"body": "must be JSON"}) from None
    if not isinstance(said, dict):
        raise ApiError(422, "The body is not a JSON object", {"body": "must be an object"})
    return said


def _no_number(name: str) -> None:
    """Refuse NaN and the infinities, which Python takes and JSON does not have."""
    raise ValueError(name)
