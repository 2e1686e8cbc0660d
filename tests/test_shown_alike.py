from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from pipeline.errors import StoreUnavailable
from pipeline.shown_alike import shown_alike
from pipeline.values import StoredImage
from tests.makers import stored_image

ONE = stored_image()
OTHER = replace(ONE, id=ONE.id + 1)


def read(file: Path) -> str:
    return file.read_text()


def test_two_images_are_alike_where_the_shop_shows_the_same_of_both() -> None:
    assert shown_alike(lambda image: b"red", read, ONE, OTHER) is True
    assert shown_alike(lambda image: str(image.id).encode(), read, ONE, OTHER) is False


def test_where_the_shop_shows_one_of_them_not_at_all_nothing_is_said() -> None:
    def rendition(image: StoredImage) -> bytes:
        if image is OTHER:
            raise StoreUnavailable("gone")
        return b"red"

    assert shown_alike(rendition, read, ONE, OTHER) is None
