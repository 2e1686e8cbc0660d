"""Which views a product's images in the shop show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.intake.shop_views import shop_views, view_of_photo
from pipeline.intake.views import ViewWords
from pipeline.lifecycle import State
from pipeline.upload_name import upload_name
from pipeline.values import ImageFormat, Photo
from tests.makers import placement, stored_image
from tests.report.photos import photo

WORDS = ViewWords()
NOBODYS: Mapping[int, Photo] = {}


@pytest.mark.parametrize(
    ("name", "views"),
    [
        ("SM-13_back.jpg", {"back"}),
        ("SM-13.jpg", {"main"}),
        ("SM-13_Close-up_2.jpg", {"detail"}),
        ("SM-13_2.jpg", set()),
        ("IMG_0001.jpg", set()),
    ],
)
def test_by_the_name_that_it_came_with(name: str, views: set[str]) -> None:
    stem = Path(upload_name(Path(name), "3f9a1c2b7d" * 6, ImageFormat.JPEG)).stem
    assert set(shop_views(stored_image(name=stem), "SM-13", NOBODYS, WORDS)) == views


def test_of_ours_what_was_said_of_it_counts_and_not_its_name() -> None:
    ours = {7: photo("/in/SM-13_back.jpg", State.STORED, placement=placement())}
    assert set(shop_views(stored_image(7, name="x"), "SM-13", ours, WORDS)) == {"back"}
    said = replace(placement(), view="inside")
    ours = {7: photo("/in/SM-13_back.jpg", State.STORED, placement=said)}
    assert set(shop_views(stored_image(7, name="x"), "SM-13", ours, WORDS)) == {"inside"}
    assert view_of_photo(ours[7], "SM-13", WORDS) == "inside"


def test_the_main_picture_is_that_view_besides() -> None:
    main = replace(stored_image(7, name="sm-13-back"), is_thumbnail=True)
    assert set(shop_views(main, "SM-13", NOBODYS, WORDS)) == {"main", "back"}
    assert set(shop_views(replace(main, image_file="x.jpg"), "", NOBODYS, WORDS)) == {"main"}
