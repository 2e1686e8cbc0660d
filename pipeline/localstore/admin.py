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
from pipeline.localstore.api.paging import whole_number
from pipeline.localstore.context import Shop, aside
from pipeline.localstore.errors import Refusal
from pipeline.localstore.faults.rules import RuleWrong, parse_rules
from pipeline.localstore.keepalive import Holders

__all__ = ["ControlRoutes"]

RULES_BYTES = 2**20
OPENAPI = Path(__file__).with_name("openapi.json")


class ControlRoutes:
    """Answers those who steer and judge the store, on this machine or with the token."""

    def __init__(self, shop: Shop, holders: Holders, token: str) -> None:
        """Take the store's pieces, who holds it, and the token for callers from elsewhere."""
        self._shop = shop
        self._holders = holders
        self._token = token

    def routes(self) -> list[Route]:
        """Give the routes."""
        return [
            Route("/_store", self.store, methods=["GET"]),
            Route("/_hold", self.hold, methods=["GET"]),
            Route("/_faults", self.faults, methods=["GET", "PUT", "DELETE"]),
            Route("/_log", self.log, methods=["GET", "DELETE"]),
            Route("/_originals/{image_id:int}", self.original, methods=["GET"]),
            Route("/openapi.json", self.openapi, methods=["GET"]),
        ]

    async def store(self, request: Request) -> Response:
        """Say which store this is."""
        counts = {
            "images": self._shop.database.number("SELECT count(*) FROM images"),
            "products": self._shop.database.number("SELECT count(*) FROM products"),
        }
        return JSONResponse(
            {
                "pid": os.getpid(),
                "hash": self._shop.hash,
                **counts,
                "quirks": asdict(self._shop.quirks),
                "limits": asdict(self._shop.limits),
            }
        )

    async def hold(self, request: Request) -> Any:
        """Keep the store alive for as long as the connection lasts."""
        self._allow(request)
        return self._holders.hold

    async def faults(self, request: Request) -> Response:
        """Give, set or clear the rules by which the store misbehaves."""
        self._allow(request)
        if request.method == "DELETE":
            self._shop.faults.arm([])
            return Response(status_code=204)
        if request.method == "PUT":
            body = bytearray()
            async for piece in body_pieces(request, RULES_BYTES, self._shop.quirks):
                body += piece
            try:
                self._shop.faults.arm(parse_rules(json.loads(body)))
            except (ValueError, RecursionError, RuleWrong) as error:
                raise Refusal(422, str(error), {"rules": str(error)}) from None
        return JSONResponse(self._shop.faults.as_data())

    async def log(self, request: Request) -> Response:
        """Give, or clear, what the store has seen."""
        self._allow(request)
        if request.method == "DELETE":
            self._shop.journal.clear()
            return Response(status_code=204)
        since = whole_number(request.query_params.get("since", "0"), "since", at_least=0)
        return JSONResponse(self._shop.journal.as_data(since))

    async def original(self, request: Request) -> Response:
        """Give the bytes that were uploaded for an image, exactly."""
        self._allow(request)
        row = await aside(self._shop.gallery.image, request.path_params["image_id"])
        content = None if row is None else await aside(self._shop.files.original, row["picture"])
        if content is None:
            raise Refusal(404, "The image does not exist")
        return Response(
            content,
            media_type="application/octet-stream",
            headers={"X-Content-Type-Options": "nosniff"},
        )

    async def openapi(self, request: Request) -> Response:
        """Give this API's description."""
        return Response(await aside(OPENAPI.read_bytes), media_type="application/json")

    def _allow(self, request: Request) -> None:
        caller = request.client.host if request.client is not None else ""
        # The name that was asked for counts as well: a web page could have its own name point here.
        if _is_here(caller) and _is_here(request.url.hostname or ""):
            return
        given = request.headers.get("x-auth-token", "").encode()
        if not hmac.compare_digest(given, self._token.encode()):
            raise Refusal(403, "From another machine, this needs the store's token")


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback
