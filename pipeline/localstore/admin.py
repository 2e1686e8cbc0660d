"""What is not the shop's: faults, the log, the uploaded bytes, and who this is."""

from __future__ import annotations

import hmac
import ipaddress
import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from pipeline.localstore.api.bodies import body_pieces
from pipeline.localstore.context import StoreContext, in_thread
from pipeline.localstore.errors import ApiError, no_such
from pipeline.localstore.faults.rules import InvalidRule, parse_rules
from pipeline.localstore.keepalive import KeepAlive
from pipeline.localstore.numbers import IN_PATH, whole_number

__all__ = ["AdminRoutes"]

RULES_BYTES = 2**20
OPENAPI = Path(__file__).with_name("openapi.json")


class AdminRoutes:
    """Answers those who steer and judge the store, on this machine or with the token."""

    def __init__(self, context: StoreContext, keepalive: KeepAlive, token: str) -> None:
        self._context = context
        self._keepalive = keepalive
        self._token = token

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            Route("/_store", self.store, methods=["GET"]),
            Route("/_hold", self.keep_alive, methods=["GET"]),
            Route("/_faults", self.faults, methods=["GET", "PUT", "DELETE"]),
            Route("/_log", self.log, methods=["GET", "DELETE"]),
            Route(f"/_originals/{{image_id:{IN_PATH}}}", self.original, methods=["GET"]),
            Route("/openapi.json", self.openapi, methods=["GET"]),
        ]

    async def store(self, request: Request) -> Response:
        """Answer which store this is."""
        counts = {
            "images": self._context.database.number("SELECT count(*) FROM images"),
            "products": self._context.database.number("SELECT count(*) FROM products"),
        }
        return JSONResponse(
            {
                "pid": os.getpid(),
                "hash": self._context.hash,
                **counts,
                "quirks": asdict(self._context.quirks),
                "limits": asdict(self._context.limits),
            }
        )

    async def keep_alive(self, request: Request) -> Any:
        """Keep the store alive for as long as the connection lasts."""
        self._allow(request)
        return self._keepalive.keep_alive

    async def faults(self, request: Request) -> Response:
        """Answer with the rules by which the store misbehaves; set or clear them."""
        self._allow(request)
        if request.method == "DELETE":
            self._context.faults.arm([])
            return Response(status_code=204)
        if request.method == "PUT":
            body = bytearray()
            async for piece in body_pieces(request, RULES_BYTES, self._context.quirks):
                body += piece
            try:
                self._context.faults.arm(parse_rules(json.loads(body)))
            except (ValueError, RecursionError, InvalidRule) as error:
                raise ApiError(422, str(error), {"rules": str(error)}) from None
        return JSONResponse(self._context.faults.as_data())

    async def log(self, request: Request) -> Response:
        """Answer with what the store has seen, or clear it."""
        self._allow(request)
        if request.method == "DELETE":
            self._context.request_log.clear()
            return Response(status_code=204)
        since = whole_number(request.query_params.get("since") or "0", "since")
        return JSONResponse(self._context.request_log.as_data(since))

    async def original(self, request: Request) -> Response:
        """Answer with the bytes that were uploaded for an image, exactly."""
        self._allow(request)
        row = await in_thread(self._context.images.image, request.path_params["image_id"])
        content = (
            None if row is None else await in_thread(self._context.files.original, row["picture"])
        )
        if content is None:
            raise no_such("image")
        return Response(
            content,
            media_type="application/octet-stream",
            headers={"X-Content-Type-Options": "nosniff"},
        )

    async def openapi(self, request: Request) -> Response:
        """Answer with this API's description."""
        return Response(await in_thread(OPENAPI.read_bytes), media_type="application/json")

    def _allow(self, request: Request) -> None:
        caller = request.client.host if request.client is not None else ""
        # The name that was asked for counts as well: a web page could have its own name point here.
        if _is_here(caller) and _is_here(request.url.hostname or ""):
            return
        given = request.headers.get("x-auth-token", "").encode()
        if not hmac.compare_digest(given, self._token.encode()):
            raise ApiError(403, "From another machine, this needs the store's token")


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback
