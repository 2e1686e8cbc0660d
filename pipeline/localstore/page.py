"""The web page: the products and their pictures, for a person to look at."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from sqlite3 import Row
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from pipeline.localstore.api.image_answers import picture_path
from pipeline.localstore.api.paging import whole_number
from pipeline.localstore.context import Shop
from pipeline.localstore.errors import Refusal

__all__ = ["PageRoutes"]

PRODUCTS_A_PAGE: Final = 20
IMAGES_A_PRODUCT: Final = 12


class PageRoutes:
    """Serves the page; it is read-only, and needs no token."""

    def __init__(self, shop: Shop) -> None:
        """Take the store's pieces."""
        self._shop = shop
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
        """Give the routes."""
        return [Route("/", self.page, methods=["GET"])]

    def page(self, request: Request) -> Response:
        """Show the products, those with pictures first, or one product with all of its."""
        query = request.query_params
        database = self._shop.database
        only: int | None = None
        if "product" in query:
            only = whole_number(query["product"], "product", at_least=1)
            products = database.rows("SELECT * FROM products WHERE id = ?", only)
            if not products:
                raise Refusal(404, "The product does not exist")
            number, pages = 1, 1
        else:
            total = database.number("SELECT count(*) FROM shown_products")
            pages = max(1, -(-total // PRODUCTS_A_PAGE))
            number = min(whole_number(query.get("page") or "1", "page", at_least=1), pages)
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
                products=shown, counts=counts, hash=self._shop.hash, only=only,
                page=number, pages=pages,
            ),
            headers={
                "Cache-Control": "no-store",
                "Content-Security-Policy": "default-src 'none'; img-src 'self'; "
                "style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'",
            },
        )  # fmt: skip

    def _product(self, row: Row, *, whole: bool) -> dict[str, Any]:
        database = self._shop.database
        limit = self._shop.limits.images if whole else IMAGES_A_PRODUCT
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
    """Write a number of bytes for a person."""
    if count < 10_000:
        return f"{count:,} bytes"
    return f"{count / 1000:,.0f} kB" if count < 10_000_000 else f"{count / 1_000_000:,.1f} MB"
