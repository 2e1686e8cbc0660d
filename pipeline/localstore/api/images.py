"""The five endpoints of the Product Images API."""

from __future__ import annotations

from sqlite3 import Row
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from pipeline.localstore.api.bodies import too_large
from pipeline.localstore.api.forms import UploadedFile
from pipeline.localstore.api.image_answers import image_data, origin
from pipeline.localstore.api.image_requests import ImageRequest, read_image_request
from pipeline.localstore.api.paging import page_asked, pagination, shown_fields
from pipeline.localstore.context import Shop, aside
from pipeline.localstore.errors import Refusal
from pipeline.localstore.fetching import FetchFailed, TooLong
from pipeline.localstore.pictures import Undecodable, examine
from pipeline.localstore.storage.images import KeptPicture
from pipeline.localstore.storage.naming import name_in_url, stored_name
from pipeline.localstore.storage.products import LARGEST_ID

__all__ = ["ImageRoutes"]

PRODUCT = "/stores/{hash}/v3/catalog/products/{product_id:int}/images"


class ImageRoutes:
    """Answers requests about the images of a product."""

    def __init__(self, shop: Shop) -> None:
        """Take the store's pieces."""
        self._shop = shop

    def routes(self) -> list[Route]:
        """Give the routes."""
        return [
            Route(PRODUCT, self.images, methods=["GET", "POST"]),
            Route(PRODUCT + "/{image_id:int}", self.image, methods=["GET", "PUT", "DELETE"]),
        ]

    async def images(self, request: Request) -> Response:
        """Answer for a product's images."""
        if request.method == "POST":
            return await self._create(request)
        return await aside(self._listed, request)

    async def image(self, request: Request) -> Response:
        """Answer for one image."""
        if request.method == "PUT":
            return await self._update(request)
        if request.method == "DELETE":
            return await aside(self._delete, request)
        row = await aside(self._image, request)
        [data] = shown_fields(request.query_params, [image_data(row, origin(request))])
        return _answer(data)

    def _listed(self, request: Request) -> Response:
        product_id = self._product(request)
        asked = page_asked(request.query_params, self._shop.limits, self._shop.quirks)
        rows, total = self._shop.gallery.page(product_id, asked.page, asked.size)
        if not total and self._shop.quirks.empty_listing == "204":
            return Response(status_code=204)
        at = origin(request)
        data = shown_fields(request.query_params, [image_data(row, at) for row in rows])
        meta = pagination(request.query_params, asked, len(rows), total)
        return JSONResponse({"data": data, "meta": meta})

    async def _create(self, request: Request) -> Response:
        shop = self._shop
        product_id = await aside(self._product, request)
        asked = await read_image_request(request, shop.limits, shop.quirks, creates=True)
        picture, uploaded = await self._kept(asked)
        try:
            row = await aside(shop.gallery.create, product_id, picture, asked.change)
        except Refusal:
            await aside(shop.files.forget, picture.key)
            raise
        shop.journal.made(request.state.visit, row["id"], uploaded)
        return _answer(image_data(row, origin(request)))

    async def _update(self, request: Request) -> Response:
        shop = self._shop
        row = await aside(self._image, request)
        asked = await read_image_request(request, shop.limits, shop.quirks, creates=False)
        picture, uploaded = None, ""
        if asked.file is not None or (asked.url and shop.quirks.put_image_url == "replaces"):
            picture, uploaded = await self._kept(asked)
        try:
            row, dropped = await aside(
                shop.gallery.update, row["product_id"], row["id"], asked.change, picture
            )
        except Refusal:
            if picture is not None:
                await aside(shop.files.forget, picture.key)
            raise
        if picture is not None:
            shop.journal.made(request.state.visit, row["id"], uploaded)
        if dropped is not None:
            await aside(shop.files.forget, dropped)
        return _answer(image_data(row, origin(request)))

    def _delete(self, request: Request) -> Response:
        image_id = _id(request, "image_id")
        self._product(request, opening=False)
        key = self._shop.gallery.delete(_id(request, "product_id"), image_id)
        if key is not None:
            self._shop.files.forget(key)
        elif self._shop.quirks.delete_missing == "404":
            raise Refusal(404, "The image does not exist")
        return Response(status_code=204)

    async def _kept(self, asked: ImageRequest) -> tuple[KeptPicture, str]:
        """Examine and keep the picture of a request; give it with the name it came with."""
        shop = self._shop
        file = asked.file if asked.file is not None else await self._fetched(asked.url or "")
        field = "image_file" if asked.file is not None else "image_url"
        try:
            facts = await shop.on_picture(examine, file.content, shop.limits)
        except Undecodable as error:
            raise Refusal(
                int(shop.quirks.undecodable),
                "The picture cannot be taken",
                {field: f"{field} {error}"},
            ) from None
        name = stored_name(file.name, facts.extension, shop.quirks)
        key = await aside(shop.files.keep, file.content)
        picture = KeptPicture(
            key=key,
            image_file=name.image_file,
            format=facts.format,
            width=facts.width,
            height=facts.height,
            bytes=len(file.content),
        )
        return picture, file.name

    async def _fetched(self, url: str) -> UploadedFile:
        try:
            content = await self._shop.fetched(url)
        except FetchFailed:
            raise Refusal(400, "The picture could not be fetched", bare=True) from None
        except TooLong:
            most = self._shop.limits.fetched_bytes
            raise too_large(self._shop.quirks, most, "image_url") from None
        return UploadedFile(name=name_in_url(url), content=content)

    def _product(self, request: Request, *, opening: bool = True) -> int:
        product_id = _id(request, "product_id")
        if self._shop.catalogue.product(product_id, opening=opening) is None:
            raise Refusal(404, "The product does not exist")
        return product_id

    def _image(self, request: Request) -> Row:
        product_id = self._product(request)
        row = self._shop.gallery.image(_id(request, "image_id"))
        if row is None or row["product_id"] != product_id:
            raise Refusal(404, "The image does not exist")
        return row


def _answer(data: dict[str, Any]) -> Response:
    return JSONResponse({"data": data, "meta": {}})


def _id(request: Request, name: str) -> int:
    number: int = request.path_params[name]
    if not 1 <= number <= LARGEST_ID:
        raise Refusal(404, f"There is no {name} {number}")
    return number
