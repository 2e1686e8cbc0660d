"""Which views of a product its images in the shop show: by their names, and by what we know."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Final

from pipeline.intake.views import ViewWords, view_said
from pipeline.standing import MAIN
from pipeline.upload_name import digest_tag, uploaded_as
from pipeline.values import Photo, StoredImage

__all__ = ["shop_views", "view_of_photo"]

_OTHERS: Final = re.compile(r"[^a-z0-9]+")


def shop_views(
    image: StoredImage, sku: str, ours: Mapping[int, Photo], words: ViewWords
) -> Collection[str]:
    """Return the views that an image shows: more than one where it is the main picture, too.

    Args:
        image: as the shop has it.
        sku: of its product.
        ours: the photographs that we sent, by the ids of their images.
        words: by which views are called.
    """
    found = {MAIN} if image.is_thumbnail else set()
    if (photo := ours.get(image.id)) is not None:
        view = view_of_photo(photo, sku, words)
    else:
        view = _view(_name_in_shop(image), _as_in_names(sku), words)
    return found if view is None else {*found, view}


def view_of_photo(photo: Photo, sku: str, words: ViewWords) -> str | None:
    """Return the view that a photograph shows; None where nothing says it."""
    said = None if photo.placement is None else photo.placement.view
    return said or _view(photo.path, sku, words)


def _view(path: Path, product: str, words: ViewWords) -> str | None:
    said = view_said(path, product or None, words)
    return MAIN if said.bare and said.view is None else said.view


def _name_in_shop(image: StoredImage) -> Path:
    """Return the name that an image came with, without the digest that we put behind it."""
    name = Path(uploaded_as(image.image_file))
    tag = digest_tag(name.name)
    stem = name.stem.casefold().removesuffix(f"-{tag}") if tag else name.stem
    return Path(f"{stem}.jpg")


def _as_in_names(sku: str) -> str:
    return _OTHERS.sub("-", sku.casefold()).strip("-")
