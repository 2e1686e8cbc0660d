"""The pictures under the addresses that the answers give; public, as the shop's are."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pipeline.localstore.context import Shop, aside
from pipeline.localstore.errors import Refusal
from pipeline.localstore.pictures import render
from pipeline.localstore.storage.naming import BOXES, rendition_name

__all__ = ["PictureRoutes"]

MEDIA_TYPES: Final = {"JPEG": "image/jpeg", "WEBP": "image/webp"}


class PictureRoutes:
    """Serves renditions, which are made when they are first asked for."""

    def __init__(self, shop: Shop) -> None:
        """Take the store's pieces."""
        self._shop = shop

    def routes(self) -> list[Route]:
        """Give the routes."""
        path = "/products/{product_id:int}/images/{image_id:int}/{name}"
        return [Route(path, self.picture, methods=["GET"])]

    async def picture(self, request: Request) -> Response:
        """Give a rendition."""
        shop = self._shop
        row = await aside(shop.gallery.image, request.path_params["image_id"])
        if row is None or row["product_id"] != request.path_params["product_id"]:
            raise Refusal(404, "There is no such picture")
        names = {
            rendition_name(row["image_file"], row["pictured"], box): field
            for field, box in BOXES.items()
        }
        field = names.get(request.path_params["name"])
        if field is None:
            raise Refusal(404, "There is no such picture")
        content = await aside(shop.files.rendition, row["picture"], field)
        if content is None:
            original = await aside(shop.files.original, row["picture"])
            if original is None:
                raise Refusal(404, "The picture is lost")
            content = await shop.on_picture(render, original, row["format"], BOXES[field])
            await aside(shop.files.keep_rendition, row["picture"], field, content)
        return Response(
            content,
            media_type=MEDIA_TYPES.get(row["format"], "image/png"),
            headers={
                # The name has the time of the picture in it, so it never shows another one.
                "Cache-Control": "public, max-age=31536000, immutable",
                "X-Content-Type-Options": "nosniff",
            },
        )
