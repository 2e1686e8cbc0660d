"""An image as the API's answers show it."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from sqlite3 import Row
from typing import Any

from starlette.requests import Request

from pipeline.localstore.storage.naming import BOXES, rendition_name

__all__ = ["image_data", "origin", "picture_path"]


def image_data(row: Row, at: str) -> dict[str, Any]:
    """Give an image's fields.

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


def picture_path(row: Row, field: str) -> str:
    """Give the path under which a rendition is served.

    Args:
        row: of the images.
        field: `url_zoom`, `url_standard`, `url_thumbnail` or `url_tiny`.
    """
    name = rendition_name(row["image_file"], row["pictured"], BOXES[field])
    return f"/products/{row['product_id']}/images/{row['id']}/{name}"


def origin(request: Request) -> str:
    """Give the address that a client reached this store by, without a path."""
    host = request.headers.get("host", "")
    if not re.fullmatch(r"[A-Za-z0-9.\-]+(:\d+)?|\[[0-9A-Fa-f:.]+\](:\d+)?", host):
        address, port = request.scope["server"]
        host = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
    return f"http://{host}"
