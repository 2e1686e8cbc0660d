"""Send a picture once, and find it again: the two stages between PREPARED and STORED."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Final

from pipeline.errors import NotReady, StoreAmbiguous, StoreUnsure
from pipeline.upload.client import StoreClient
from pipeline.upload_name import digest_tag
from pipeline.values import Picture, Placement, SendRecord, StoredImage

__all__ = ["deliver", "find"]

CLOCK_TOLERANCE: Final = timedelta(seconds=30)
"""By how much the store's dates may be off from its own clock (several machines serve it)."""


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
        NotReady: the spool could not be read, and nothing was made.
    """
    facts: dict[str, str | int | bool] = {}
    if placement.order is not None:
        facts["sort_order"] = placement.order
    if placement.thumbnail is not None:
        facts["is_thumbnail"] = placement.thumbnail
    if placement.description is not None:
        facts["description"] = placement.description
    try:
        image = client.create_image(
            placement.product_id, file, picture.upload_name, facts, progress
        )
    except OSError as error:
        raise NotReady(f"its prepared picture cannot be read ({error.strerror})") from error
    if digest_tag(image.image_file) != digest_tag(picture.upload_name):
        raise StoreUnsure(
            f"the shop answers about image {image.id} ({image.image_file}), whose name is not "
            "the one that was sent",
            image.id,
        )
    return image


def find(
    client: StoreClient, picture: Picture, placement: Placement, sent: SendRecord | None = None
) -> list[StoredImage]:
    """Look through all images of the product for those that carry the picture's digest tag.

    A store may rename otherwise than its reference says; then an image that came since the
    sending, and that nobody accounts for, may be ours. Where the store named it in its answer as
    well, it is; else only a person can tell.

    Args:
        client: speaks to the store.
        picture: what was sent.
        placement: where to.
        sent: when, and which images are accounted for; None to go by the tag alone.

    Returns:
        All of them by id. Where there are several (a store that finished late, twice) the first
        is the one to keep; the others are nobody's but a person's to delete.

    Raises:
        StoreAmbiguous: none carries the tag, but one may be ours under another name; or one does
            that the ledger has for another photograph.
        StoreError: the store could not be asked.
    """
    sent = sent or SendRecord()
    images = client.list_images(placement.product_id)
    tag = digest_tag(picture.upload_name)
    found = [
        image for image in images if image.id not in sent.known and tag and _carries(image, tag)
    ]
    if not found and (taken := [image for image in images if tag and _carries(image, tag)]):
        raise StoreAmbiguous(
            f"it was sent as {picture.upload_name}, and the image of that name, {taken[0].id}, is "
            "recorded for another photograph: look at it there, then say with `pipeline ledger "
            "settle` which one it is"
        )
    unaccounted = [image for image in images if _may_be_ours(image, sent, client.clock_ahead)]
    if not found:
        found = [image for image in unaccounted if image.id == sent.answered]
    if unaccounted and not found:
        listed = ", ".join(f"{image.id} ({image.image_file})" for image in unaccounted)
        raise StoreAmbiguous(
            f"it was sent as {picture.upload_name} and no answer came; the shop has since "
            f"got image {listed}, whose name does not tell whose it is: look at it there, then "
            "say with `pipeline ledger settle` which one it is, or that it is none"
        )
    return found


def _carries(image: StoredImage, tag: str) -> bool:
    return digest_tag(image.image_file) == tag


def _may_be_ours(image: StoredImage, sent: SendRecord, ahead: timedelta) -> bool:
    """Whether an image came after the sending, as far as its number and its date show.

    The store's record holds no size in bytes, and its renditions say nothing about it.
    """
    if sent.at is None or image.id in sent.known or image.id <= sent.last_id:
        return False
    if digest_tag(image.image_file) is not None:
        return False
    modified = image.modified
    return modified is None or modified >= sent.at + ahead - CLOCK_TOLERANCE
