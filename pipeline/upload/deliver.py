"""Send a picture once, and find it again: the two stages between PREPARED and STORED."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from pipeline.errors import StoreUnavailable
from pipeline.upload.client import StoreClient
from pipeline.values import Picture, Placement, StoredImage

__all__ = ["deliver", "find", "mark_of"]


def deliver(
    client: StoreClient,
    file: Path,
    picture: Picture,
    placement: Placement,
    progress: Callable[[int, int], None],
) -> StoredImage:
    """Upload a picture to its product, with one create call.

    Args:
        client: speaks to the store.
        file: the picture in the spool.
        picture: its facts.
        placement: the product, and what is said of the image.
        progress: is told bytes sent and bytes in all.

    Raises:
        StoreUnsure: whether an image was made is not known: look before sending again.
        StoreError: it was not made.
    """
    facts: dict[str, str | int | bool] = {}
    if placement.order is not None:
        facts["sort_order"] = placement.order
    if placement.thumbnail is not None:
        facts["is_thumbnail"] = placement.thumbnail
    if placement.description is not None:
        facts["description"] = placement.description
    try:
        return client.create_image(placement.product_id, file, picture.upload_name, facts, progress)
    except OSError as error:
        raise StoreUnavailable(f"the spool cannot be read ({error.strerror})") from error


def find(client: StoreClient, picture: Picture, placement: Placement) -> list[StoredImage]:
    """Look through all images of the product for those that carry the picture's mark.

    Returns:
        All of them by id. Where there are several (a store that finished late, twice) the first
        is the one to keep; the others are nobody's but a person's to delete.

    Raises:
        StoreError: the store could not be asked.
    """
    mark = re.compile(rf"(^|[-_/]){re.escape(mark_of(picture.upload_name))}(__\d+)?(\.|$)")
    return [
        image
        for image in client.list_images(placement.product_id)
        if mark.search(image.image_file.casefold())
    ]


def mark_of(upload_name: str) -> str:
    """Give the part of an upload name that no other has: the digest at the end of its stem."""
    return upload_name.rpartition(".")[0].rpartition("-")[2]
