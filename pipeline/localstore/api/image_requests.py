"""What a POST or PUT says of an image, read from JSON or from a form, and checked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from pipeline.localstore.api.bodies import json_object, media_type
from pipeline.localstore.api.forms import UploadedFile, read_form
from pipeline.localstore.errors import Refusal
from pipeline.localstore.fetching import is_fetchable
from pipeline.localstore.limits import Limits
from pipeline.localstore.quirks import Quirks
from pipeline.localstore.storage.images import LARGEST_ORDER, SMALLEST_ORDER, ImageChange

__all__ = ["ImageRequest", "read_image_request"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageRequest:
    """A request's change, and its picture: a file, or an address, or (in a PUT) neither."""

    change: ImageChange
    file: UploadedFile | None
    url: str | None


async def read_image_request(
    request: Request, limits: Limits, quirks: Quirks, *, creates: bool
) -> ImageRequest:
    """Read and check a body.

    Args:
        request: whose.
        limits: on sizes.
        quirks: on descriptions, among others.
        creates: there must be a picture.

    Raises:
        Refusal: the body is not as it must be, with every field that is wrong.
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
        if creates and said.get("image_url") in (None, ""):
            errors["image_url"] = "image_url must be present if uploading by url"
        elif creates and "image_file" in said:
            errors["image_file"] = "must not be sent together with image_url"
        return _checked(said, None, limits, quirks, errors)
    raise Refusal(415, "The Content-Type must be application/json or multipart/form-data")


def _typed(fields: Mapping[str, str], errors: dict[str, str]) -> dict[str, Any]:
    """Turn a form's texts into what JSON would have said."""
    said: dict[str, Any] = dict(fields)
    flag = fields.get("is_thumbnail")
    if flag is not None:
        if flag.strip().lower() in ("true", "false"):
            said["is_thumbnail"] = flag.strip().lower() == "true"
        else:
            errors["is_thumbnail"] = "must be true or false"
            del said["is_thumbnail"]
    order = fields.get("sort_order")
    if order is not None:
        if re.fullmatch(r"-?[0-9]{1,10}", order.strip()):
            said["sort_order"] = int(order)
        else:
            errors["sort_order"] = "must be a whole number"
            del said["sort_order"]
    return said


def _checked(
    said: Mapping[str, Any],
    file: UploadedFile | None,
    limits: Limits,
    quirks: Quirks,
    errors: dict[str, str],
) -> ImageRequest:
    flag = said.get("is_thumbnail")
    if "is_thumbnail" in said and not isinstance(flag, bool):
        errors["is_thumbnail"] = "must be true or false"
    order = said.get("sort_order")
    if "sort_order" in said and type(order) is not int:
        errors["sort_order"] = "must be a whole number"
    elif order is not None and not SMALLEST_ORDER <= order <= LARGEST_ORDER:
        errors["sort_order"] = f"must be between {SMALLEST_ORDER} and {LARGEST_ORDER}"
    description = said.get("description")
    if "description" in said and not isinstance(description, str):
        errors["description"] = "must be text"
    elif description is not None and quirks.description != "unlimited":
        if len(description) > int(quirks.description):
            errors["description"] = f"must be at most {quirks.description} characters"
    # Half of a surrogate pair is valid JSON, but no text that could be kept.
    elif description is not None and not _is_text(description):
        errors["description"] = "must be text"
    url = said.get("image_url")
    if "image_url" in said and "image_url" not in errors:
        if not isinstance(url, str) or not _is_text(url) or not is_fetchable(url):
            errors["image_url"] = "must be a fully qualified http or https address"
        elif len(url) > limits.url_characters:
            errors["image_url"] = f"must be at most {limits.url_characters} characters"
    if errors:
        raise Refusal(422, next(iter(errors.values())), errors)
    change = ImageChange(is_thumbnail=flag, sort_order=order, description=description)
    return ImageRequest(change=change, file=file, url=url)


def _is_text(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
