"""What a browser sees: the page of products, and the pictures under the addresses in answers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from sqlite3 import Row
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from pipeline.localstore.context import StoreContext, in_thread
from pipeline.localstore.errors import ApiError, no_such
from pipeline.localstore.numbers import IN_PATH, whole_number
from pipeline.localstore.pictures import render
from pipeline.localstore.storage.files import BOXES, picture_path, rendition_name

__all__ = ["PageRoutes"]

PRODUCTS_A_PAGE: Final = 20
IMAGES_A_PRODUCT: Final = 12

MEDIA_TYPES: Final = {"JPEG": "image/jpeg", "WEBP": "image/webp"}
"""Of renditions, by the format of the uploaded file; of all others image/png."""


class PageRoutes:
    """Serves the page and the pictures: read-only and without a token, as the shop's are."""

    def __init__(self, context: StoreContext) -> None:
        self._context = context
        templates = Environment(
            loader=FileSystemLoader(Path(__file__).with_name("templates")),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        templates.filters["size"] = _size
        self._template = templates.get_template("page.html")

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            Route("/", self.page, methods=["GET"]),
            Route(
                f"/products/{{product_id:{IN_PATH}}}/images/{{image_id:{IN_PATH}}}/{{name}}",
                self.picture,
                methods=["GET"],
            ),
        ]

    def page(self, request: Request) -> Response:
        """Answer with the products, those with pictures first, or one product with all of its."""
        query = request.query_params
        database = self._context.database
        only: int | None = None
        if "product" in query:
            only = whole_number(query["product"], "product")
            products = database.rows("SELECT * FROM products WHERE id = ?", only)
            if not products:
                raise no_such("product")
            number, pages = 1, 1
        else:
            total = database.number("SELECT count(*) FROM shown_products")
            pages = max(1, -(-total // PRODUCTS_A_PAGE))
            number = max(1, min(whole_number(query.get("page") or "1", "page"), pages))
            products = database.rows(
                "SELECT * FROM shown_products ORDER BY pictured DESC, id LIMIT ? OFFSET ?",
                PRODUCTS_A_PAGE,
                (number - 1) * PRODUCTS_A_PAGE,
            )
        counts = database.rows(
            "SELECT count(*) AS images, coalesce(sum(bytes), 0) AS bytes, "
            "(SELECT count(*) FROM shown_products) AS products FROM images"
        )[0]
        shown = [self._product(row, whole=only is not None) for row in products]
        return HTMLResponse(
            self._template.render(
                products=shown, counts=counts, hash=self._context.hash, only=only,
                page=number, pages=pages,
            ),
            headers={
                "Cache-Control": "no-store",
                "Content-Security-Policy": "default-src 'none'; img-src 'self'; "
                "style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'",
            },
        )  # fmt: skip

    async def picture(self, request: Request) -> Response:
        """Answer with a rendition, which is made when it is first asked for."""
        context = self._context
        field: str | None = None
        row = await in_thread(context.images.image, request.path_params["image_id"])
        if row is not None and row["product_id"] == request.path_params["product_id"]:
            names = {
                rendition_name(row["image_file"], row["pictured"], box): field
                for field, box in BOXES.items()
            }
            field = names.get(request.path_params["name"])
        if row is None or field is None:
            raise ApiError(404, "There is no such picture")
        content = await in_thread(context.files.rendition, row["picture"], field)
        if content is None:
            original = await in_thread(context.files.original, row["picture"])
            if original is None:
                raise ApiError(404, "The picture is lost")
            content = await context.on_picture(render, original, row["format"], BOXES[field])
            await in_thread(context.files.keep_rendition, row["picture"], field, content)
        return Response(
            content,
            media_type=MEDIA_TYPES.get(row["format"], "image/png"),
            headers={
                # The name has the time of the picture in it, so it never shows another one.
                "Cache-Control": "public, max-age=31536000, immutable",
                "X-Content-Type-Options": "nosniff",
            },
        )

    def _product(self, row: Row, *, whole: bool) -> dict[str, Any]:
        database = self._context.database
        limit = self._context.limits.images if whole else IMAGES_A_PRODUCT
        images = database.rows(
            "SELECT * FROM images WHERE product_id = ? ORDER BY sort_order, id LIMIT ?",
            row["id"],
            limit,
        )
        [totals] = database.rows(
            "SELECT count(*) AS images, coalesce(sum(bytes), 0) AS bytes FROM images "
            "WHERE product_id = ?",
            row["id"],
        )
        return {"row": row, "totals": totals, "images": _with_paths(images)}


def _with_paths(images: Sequence[Row]) -> list[dict[str, Any]]:
    return [
        {
            **{name: row[name] for name in row.keys()},  # noqa: SIM118 - a Row yields its values
            "small": picture_path(row, "url_thumbnail"),
            "large": picture_path(row, "url_zoom"),
            "name": row["image_file"].rpartition("/")[2],
        }
        for row in images
    ]


def _size(count: int) -> str:
    """Return a number of bytes as a person reads it."""
    if count < 10_000:
        return f"{count:,} bytes"
    return f"{count / 1000:,.0f} kB" if count < 10_000_000 else f"{count / 1_000_000:,.1f} MB"
