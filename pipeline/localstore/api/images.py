"""The five endpoints of the Product Images API: what a request says, what is done, the answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from sqlite3 import Row
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from pipeline.localstore.api.bodies import json_object, media_type, too_large
from pipeline.localstore.api.forms import UploadedFile, read_form
from pipeline.localstore.api.paging import page_asked, pagination, shown_fields
from pipeline.localstore.context import StoreContext, in_thread
from pipeline.localstore.errors import NOT_A_WHOLE_NUMBER, ApiError, no_such, too_many_characters
from pipeline.localstore.fetching import FetchFailed, TooLong, is_fetchable
from pipeline.localstore.numbers import IN_PATH
from pipeline.localstore.options import Limits
from pipeline.localstore.pictures import Undecodable, examine
from pipeline.localstore.quirks import Quirks
from pipeline.localstore.storage.files import BOXES, name_in_url, picture_path, stored_name
from pipeline.localstore.storage.images import (
    LARGEST_ORDER,
    SMALLEST_ORDER,
    ImageChange,
    KeptPicture,
)
from pipeline.localstore.storage.products import LARGEST_ID

__all__ = ["ImageRoutes", "image_data", "origin"]

PRODUCT = f"/stores/{{hash}}/v3/catalog/products/{{product_id:{IN_PATH}}}/images"
IMAGE = f"{PRODUCT}/{{image_id:{IN_PATH}}}"

NOT_A_TRUTH_VALUE = "must be true or false"


@dataclass(frozen=True, slots=True, kw_only=True)
class _ImageRequest:
    """A request's change, and its picture: a file, or an address, or (in a PUT) neither."""

    change: ImageChange
    file: UploadedFile | None
    url: str | None


class ImageRoutes:
    """Answers requests about the images of a product."""

    def __init__(self, context: StoreContext) -> None:
        self._context = context

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            Route(PRODUCT, self.images, methods=["GET", "POST"]),
            Route(IMAGE, self.image, methods=["GET", "PUT", "DELETE"]),
        ]

    async def images(self, request: Request) -> Response:
        """Answer for a product's images."""
        if request.method == "POST":
            return await self._create(request)
        return await in_thread(self._listed, request)

    async def image(self, request: Request) -> Response:
        """Answer for one image."""
        if request.method == "PUT":
            return await self._update(request)
        if request.method == "DELETE":
            return await in_thread(self._delete, request)
        row = await in_thread(self._image, request)
        [data] = shown_fields(request.query_params, [image_data(row, origin(request))])
        return _answer(data)

    def _listed(self, request: Request) -> Response:
        product_id = self._product(request)
        asked = page_asked(request.query_params, self._context.limits, self._context.quirks)
        rows, total = self._context.images.page(product_id, asked.page, asked.size)
        if not total and self._context.quirks.empty_listing == "204":
            return Response(status_code=204)
        at = origin(request)
        data = shown_fields(request.query_params, [image_data(row, at) for row in rows])
        meta = pagination(request.query_params, asked, len(rows), total)
        return JSONResponse({"data": data, "meta": meta})

    async def _create(self, request: Request) -> Response:
        context = self._context
        product_id = await in_thread(self._product, request)
        asked = await _image_request(request, context.limits, context.quirks, creates=True)
        picture, uploaded = await self._kept(asked)
        try:
            row = await in_thread(context.images.create, product_id, picture, asked.change)
        except ApiError:
            await in_thread(context.files.forget, picture.key)
            raise
        context.request_log.made(request.state.log_entry, row["id"], uploaded)
        return _answer(image_data(row, origin(request)))

    async def _update(self, request: Request) -> Response:
        context = self._context
        row = await in_thread(self._image, request)
        asked = await _image_request(request, context.limits, context.quirks, creates=False)
        picture, uploaded = None, ""
        if asked.file is not None or (asked.url and context.quirks.put_image_url == "replaces"):
            picture, uploaded = await self._kept(asked)
        try:
            row, dropped = await in_thread(
                context.images.update, row["product_id"], row["id"], asked.change, picture
            )
        except ApiError:
            if picture is not None:
                await in_thread(context.files.forget, picture.key)
            raise
        if picture is not None:
            context.request_log.made(request.state.log_entry, row["id"], uploaded)
        if dropped is not None:
            await in_thread(context.files.forget, dropped)
        return _answer(image_data(row, origin(request)))

    def _delete(self, request: Request) -> Response:
        image_id = _id(request, "image_id")
        self._product(request, opening=False)
        key = self._context.images.delete(_id(request, "product_id"), image_id)
        if key is not None:
            self._context.files.forget(key)
        elif self._context.quirks.delete_missing == "404":
            raise no_such("image")
        return Response(status_code=204)

    async def _kept(self, asked: _ImageRequest) -> tuple[KeptPicture, str]:
        """Return the picture of a request, examined and kept, and the name it came with."""
        context = self._context
        file = asked.file if asked.file is not None else await self._fetched(asked.url or "")
        field = "image_file" if asked.file is not None else "image_url"
        try:
            facts = await context.on_picture(examine, file.content, context.limits)
        except Undecodable as error:
            raise ApiError(
                int(context.quirks.undecodable),
                "The picture cannot be taken",
                {field: f"{field} {error}"},
            ) from None
        name = stored_name(file.name, facts.extension, context.quirks)
        key = await in_thread(context.files.keep, file.content)
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
            content = await self._context.fetched(url)
        except FetchFailed:
            raise ApiError(400, "The picture could not be fetched", bare=True) from None
        except TooLong:
            most = self._context.limits.fetched_bytes
            raise too_large(self._context.quirks, most, "image_url") from None
        return UploadedFile(name=name_in_url(url), content=content)

    def _product(self, request: Request, *, opening: bool = True) -> int:
        product_id = _id(request, "product_id")
        if self._context.products.product(product_id, opening=opening) is None:
            raise no_such("product")
        return product_id

    def _image(self, request: Request) -> Row:
        product_id = self._product(request)
        row = self._context.images.image(_id(request, "image_id"))
        if row is None or row["product_id"] != product_id:
            raise no_such("image")
        return row


def _answer(data: dict[str, Any]) -> Response:
    return JSONResponse({"data": data, "meta": {}})


def _id(request: Request, name: str) -> int:
    number: int = request.path_params[name]
    if not 1 <= number <= LARGEST_ID:
        raise ApiError(404, f"There is no {name} {number}")
    return number


async def _image_request(
    request: Request, limits: Limits, quirks: Quirks, *, creates: bool
) -> _ImageRequest:
    """Return what a body says, checked.

    Args:
        request: whose.
        limits: on sizes.
        quirks: on descriptions, among others.
        creates: there must be a picture.

    Raises:
        ApiError: the body is not as it must be, with every field that is wrong.
        ClientGone: the client closed the connection before the end.
    """
    kind = media_type(request)
    if kind == "multipart/form-data":
        form = await read_form(request, limits.upload_bytes, quirks)
        errors: dict[str, str] = {}
        said: Mapping[str, Any] = _typed(form.fields, errors)
        if form.file is None and creates:
            errors["image_file"] = "image_file must be present if uploading by file"
        if form.file is not None and "image_url" in said:
            errors["image_url"] = "must not be sent together with image_file"
        return _checked(said, form.file, limits, quirks, errors)
    if kind == "application/json":
        said = await json_object(request, quirks)
        errors = {}
        if not creates and said.get("image_url") == "":
            # No picture is named, and none is changed.
            del said["image_url"]
        if creates and said.get("image_url") in (None, ""):
            errors["image_url"] = "image_url must be present if uploading by url"
        elif creates and "image_file" in said:
            errors["image_file"] = "must not be sent together with image_url"
        return _checked(said, None, limits, quirks, errors)
    raise ApiError(415, "The Content-Type must be application/json or multipart/form-data")


def _typed(fields: Mapping[str, str], errors: dict[str, str]) -> dict[str, Any]:
    """Return what JSON would have said in place of a form's texts."""
    said: dict[str, Any] = dict(fields)
    flag = fields.get("is_thumbnail")
    if flag is not None:
        if flag.strip().lower() in ("true", "false"):
            said["is_thumbnail"] = flag.strip().lower() == "true"
        else:
            errors["is_thumbnail"] = NOT_A_TRUTH_VALUE
            del said["is_thumbnail"]
    order = fields.get("sort_order")
    if order is not None:
        if re.fullmatch(r"-?[0-9]{1,10}", order.strip()):
            said["sort_order"] = int(order)
        else:
            errors["sort_order"] = NOT_A_WHOLE_NUMBER
            del said["sort_order"]
    return said


def _checked(
    said: Mapping[str, Any],
    file: UploadedFile | None,
    limits: Limits,
    quirks: Quirks,
    errors: dict[str, str],
) -> _ImageRequest:
    complaints: dict[str, Callable[[object], str | None]] = {
        "is_thumbnail": _thumbnail_complaint,
        "sort_order": _order_complaint,
        "description": lambda value: _description_complaint(value, quirks),
        "image_url": lambda value: _url_complaint(value, limits),
    }
    for field, complaint in complaints.items():
        if field in said and field not in errors:
            wrong = complaint(said[field])
            if wrong is not None:
                errors[field] = wrong
    if errors:
        raise ApiError(422, next(iter(errors.values())), errors)
    change = ImageChange(
        is_thumbnail=said.get("is_thumbnail"),
        sort_order=None if "sort_order" not in said else int(said["sort_order"]),
        description=said.get("description"),
    )
    return _ImageRequest(change=change, file=file, url=said.get("image_url"))


def _thumbnail_complaint(value: object) -> str | None:
    return None if isinstance(value, bool) else NOT_A_TRUTH_VALUE


def _order_complaint(value: object) -> str | None:
    # A bool is an int to Python, and no number to JSON; 1.0 is a whole number to JSON.
    if isinstance(value, bool) or not isinstance(value, int | float) or value % 1 != 0:
        return NOT_A_WHOLE_NUMBER
    if not SMALLEST_ORDER <= value <= LARGEST_ORDER:
        return f"must be between {SMALLEST_ORDER} and {LARGEST_ORDER}"
    return None


def _description_complaint(value: object, quirks: Quirks) -> str | None:
    # Half of a surrogate pair is valid JSON, but no text that could be kept.
    if not isinstance(value, str) or not _is_text(value):
        return "must be text"
    if quirks.description != "unlimited" and len(value) > int(quirks.description):
        return too_many_characters(int(quirks.description))
    return None


def _url_complaint(value: object, limits: Limits) -> str | None:
    if not isinstance(value, str) or not _is_text(value) or not is_fetchable(value):
        return "must be a fully qualified http or https address"
    if len(value) > limits.url_characters:
        return too_many_characters(limits.url_characters)
    return None


def _is_text(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def image_data(row: Row, at: str) -> dict[str, Any]:
    """Return an image's fields.

    Args:
        row: of the images.
        at: the address under which its pictures are served, without a final slash.
    """
    return {
        "id": row["id"],
        "product_id": row["product_id"],
        "is_thumbnail": bool(row["is_thumbnail"]),
        "sort_order": row["sort_order"],
        "description": row["description"],
        "image_file": row["image_file"],
        **{field: f"{at}{picture_path(row, field)}?c=2" for field in BOXES},
        "date_modified": datetime.fromtimestamp(row["modified"], tz=UTC).isoformat(),
    }


def origin(request: Request) -> str:
    """Return the address that a client reached this store by, without a path."""
    host = request.headers.get("host", "")
    if not re.fullmatch(r"[A-Za-z0-9.\-]+(:\d+)?|\[[0-9A-Fa-f:.]+\](:\d+)?", host):
        address, port = request.scope["server"]
        host = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
    return f"http://{host}"
