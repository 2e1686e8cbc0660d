"""Products and variants, found by id or SKU, and what comes along with a product."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from sqlite3 import Row
from typing import Any

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from pipeline.localstore.api.images import image_data, origin
from pipeline.localstore.api.paging import page_asked, pagination, shown_fields
from pipeline.localstore.context import StoreContext
from pipeline.localstore.errors import ApiError, no_such, too_many_characters
from pipeline.localstore.numbers import IN_PATH, whole_number
from pipeline.localstore.storage.products import CODES, LARGEST_ID, Matches

__all__ = ["ProductRoutes"]

CATALOG = "/stores/{hash}/v3/catalog"
MOST_ASKED = 250
"""As many as fit on a page; with the longest SKUs more would not fit into an address either."""

SKU_CHARACTERS = 255

INCLUDED = frozenset({"images", "primary_image", "variants"})
"""What may come along with a product; of the rest of `NOTHING_OF` no product here has any."""

NOTHING_OF = frozenset(
    {
        *("bulk_pricing_rules", "channels", "custom_fields", "modifiers", "options"),
        *("parent_relations", "reviews", "videos"),
    }
)


class ProductRoutes:
    """Answers requests about products and their variants."""

    def __init__(self, context: StoreContext) -> None:
        self._context = context

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            Route(CATALOG + "/products", self.products, methods=["GET"]),
            Route(f"{CATALOG}/products/{{product_id:{IN_PATH}}}", self.product, methods=["GET"]),
            Route(CATALOG + "/variants", self.variants, methods=["GET"]),
            Route(CATALOG + "/trees/categories", self.categories, methods=["GET"]),
        ]

    def products(self, request: Request) -> Response:
        """Answer with the products that a query names, or all."""
        query = request.query_params
        rows = self._context.products.products(
            _ids(query),
            _skus(query),
            codes=self._codes(query),
            categories=_categories(query),
            **self._ranges(query),
        )
        shown, meta = self._page(query, rows, self._product_data)
        self._include(request, shown)
        return JSONResponse({"data": shown, "meta": meta})

    def product(self, request: Request) -> Response:
        """Answer with one product."""
        product_id: int = request.path_params["product_id"]
        row = self._context.products.product(min(product_id, LARGEST_ID + 1))
        if row is None:
            raise no_such("product")
        shown = shown_fields(request.query_params, self._product_data([row]))
        self._include(request, shown)
        return JSONResponse({"data": shown[0], "meta": {}})

    def variants(self, request: Request) -> Response:
        """Answer with the variants that a query names, or all."""
        query = request.query_params
        of = query.get("product_id")
        product_id = whole_number(of, "product_id") if of is not None else None
        skus = _skus(query)
        if "sku:in" in query and "sku" not in query:
            if self._context.quirks.variants_sku_in == "422":
                raise ApiError(422, "sku:in is not known here", {"sku:in": "is not a filter"})
            skus = skus if self._context.quirks.variants_sku_in == "works" else None
        rows = self._context.products.variants(_ids(query), skus, product_id, self._codes(query))
        shown, meta = self._page(query, rows, _variants_data)
        return JSONResponse({"data": shown, "meta": meta})

    def categories(self, request: Request) -> Response:
        """Answer with all categories, each of which is a tree's root here."""
        query = request.query_params
        shown, meta = self._page(query, self._context.products.categories(), _categories_data)
        return JSONResponse({"data": shown, "meta": meta})

    def _product_data(self, rows: Sequence[Row]) -> list[dict[str, Any]]:
        categories: defaultdict[int, list[int]] = defaultdict(list)
        for row in self._context.products.categories_of([row["id"] for row in rows]):
            categories[row["product_id"]].append(row["category_id"])
        return [{**_product_data(row), "categories": categories[row["id"]]} for row in rows]

    def _codes(self, query: QueryParams) -> dict[str, list[str]]:
        """Return by which codes is asked, as far as they are known here."""
        asked = {code: _texts(query, code) for code in CODES}
        codes = {code: values for code, values in asked.items() if values is not None}
        match self._context.quirks.code_filters:
            case "422" if codes:
                raise ApiError(422, "a filter is not known here", dict.fromkeys(codes, "no filter"))
            case "ignored":
                return {}
            case "single":
                return {code: values for code, values in codes.items() if code in query}
        return codes

    def _page(
        self,
        query: QueryParams,
        rows: Matches,
        data: Callable[[Sequence[Row]], list[dict[str, Any]]],
    ) -> tuple[list[dict[str, Any]], dict[str, Any]]:
        """Return the records of the page that is asked for, and what is said of the pages."""
        asked = page_asked(query, self._context.limits, self._context.quirks)
        # What lies behind the highest page that a number of rows can have, is empty.
        on_page = rows.page(min((asked.page - 1) * asked.size, LARGEST_ID), asked.size)
        shown = shown_fields(query, data(on_page))
        return shown, pagination(query, asked, len(shown), rows.number())

    def _ranges(self, query: QueryParams) -> dict[str, int]:
        """Return the lowest id and the earliest change that are asked for."""
        asked = sorted({"id:min", "date_modified:min"} & query.keys())
        if asked and self._context.quirks.product_ranges == "422":
            raise ApiError(422, f"{asked[0]} is not known here", {asked[0]: "is not a filter"})
        if self._context.quirks.product_ranges == "ignored":
            return {}
        ranges = {}
        if "id:min" in query:
            ranges["least_id"] = whole_number(query["id:min"], "id:min")
        if "date_modified:min" in query:
            ranges["modified_since"] = _moment(query["date_modified:min"], "date_modified:min")
        return ranges

    def _include(self, request: Request, products: list[dict[str, Any]]) -> None:
        """Add to products what is to come along with them, whichever fields were asked for."""
        wanted = _included(request.query_params)
        ids = [product["id"] for product in products]
        images: defaultdict[int, list[dict[str, Any]]] = defaultdict(list)
        if wanted & {"images", "primary_image"}:
            at = origin(request)
            for row in self._context.images.of_products(ids):
                images[row["product_id"]].append(image_data(row, at))
        variants: defaultdict[int, list[dict[str, Any]]] = defaultdict(list)
        if "variants" in wanted:
            for row in self._context.products.variants_of(ids):
                variants[row["product_id"]].append(_variant_data(row))
        for product in products:
            had = {"images": images[product["id"]], "variants": variants[product["id"]]}
            product.update({name: had.get(name, []) for name in wanted - {"primary_image"}})
            thumbnails = [image for image in images[product["id"]] if image["is_thumbnail"]]
            if thumbnails and "primary_image" in wanted:
                product["primary_image"] = thumbnails[0]


def _product_data(row: Row) -> dict[str, Any]:
    return {
        "id": row["id"],
        "name": row["name"],
        "type": "physical",
        "sku": row["sku"],
        **{code: row[code] for code in CODES},
        "date_modified": datetime.fromtimestamp(row["modified"], tz=UTC).isoformat(),
    }


def _variant_data(row: Row) -> dict[str, Any]:
    codes = {code: row[code] for code in CODES}
    return {"id": row["id"], "product_id": row["product_id"], "sku": row["sku"], **codes}


def _variants_data(rows: Sequence[Row]) -> list[dict[str, Any]]:
    return [_variant_data(row) for row in rows]


def _categories_data(rows: Sequence[Row]) -> list[dict[str, Any]]:
    return [
        {"category_id": row["id"], "tree_id": 1, "parent_id": 0, "name": row["name"]}
        for row in rows
    ]


def _categories(query: QueryParams) -> list[int] | None:
    asked = _asked(query, "categories")
    return None if asked is None else [whole_number(id_, "categories") for id_ in asked]


def _ids(query: QueryParams) -> list[int] | None:
    asked = _asked(query, "id")
    return None if asked is None else [whole_number(id_, "id") for id_ in asked]


def _moment(text: str, name: str) -> int:
    """Return a date, or a date and time (without an offset: UTC), in seconds since 1970."""
    try:
        moment = datetime.fromisoformat(text.strip())
        return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
    except (ValueError, OverflowError, OSError) as error:
        raise ApiError(422, f"{name} is no date", {name: "must be a date by ISO 8601"}) from error


def _included(query: QueryParams) -> set[str]:
    wanted = {name.strip() for name in query.get("include", "").split(",")} - {""}
    if strange := wanted - INCLUDED - NOTHING_OF:
        names = ", ".join(sorted(INCLUDED | NOTHING_OF))
        raise ApiError(
            422, f"{min(strange)} cannot be included", {"include": f"must be of {names}"}
        )
    return wanted


def _skus(query: QueryParams) -> list[str] | None:
    return _texts(query, "sku")


def _texts(query: QueryParams, name: str) -> list[str] | None:
    asked = _asked(query, name)
    for text in asked or ():
        if len(text) > SKU_CHARACTERS:
            raise ApiError(422, f"{name} is too long", {name: too_many_characters(SKU_CHARACTERS)})
    return asked


def _asked(query: QueryParams, name: str) -> list[str] | None:
    """Return what is asked for by `name` or by `name:in`; None when it is not asked by that."""
    if name in query:
        return [query[name].strip()]
    several = query.get(f"{name}:in")
    if several is None:
        return None
    asked = [part.strip() for part in several.split(",") if part.strip()]
    if len(asked) > MOST_ASKED:
        field = f"{name}:in"
        raise ApiError(422, f"{field} is too long", {field: f"must name at most {MOST_ASKED}"})
    return asked
