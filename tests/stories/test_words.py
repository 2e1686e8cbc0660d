"""Pictures go up with words: a map's, a text's, their caption's, or made by the settings."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from tests.intake.test_side_files import XMP
from tests.localstore.process import StoreProcess
from tests.servers import local_store
from tests.stories.commands import Command, photograph
from tests.test_xmp import CAPTURE_ONE, LIGHTROOM

CATALOGUE = "13,SM-13,Red mug,\n14,SM-14,Blue mug,\n"


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[StoreProcess]:
    """A shop that knows two products, and no others."""
    with local_store(tmp_path / "shop", catalogue=CATALOGUE) as store:
        yield store


@pytest.fixture
def pipeline(tmp_path: Path, shop: StoreProcess) -> Command:
    return Command(tmp_path / "home", shop, plain_ids=False, settle_after=1, patience=30)


def words(shop: StoreProcess, product_id: int) -> list[str]:
    return [one["description"] for one in shop.images(product_id)]


def captioned(path: Path, caption: str, number: int = 0) -> Path:
    exif = Image.Exif()
    exif[0x010E] = caption
    return photograph(path, number, exif=exif)


def test_a_text_beside_a_picture_is_its_alt_text_and_history_tells_it(
    pipeline: Command, shop: StoreProcess, tmp_path: Path
) -> None:
    picture = photograph(tmp_path / "shoot" / "SM-13-front.jpg")
    picture.with_suffix(".txt").write_text("A red mug,\nfrom the front\n")
    pipeline("run", tmp_path / "shoot").well()
    assert words(shop, 13) == ["A red mug, from the front"]
    out = pipeline("history", picture).well().out
    assert "alt text “A red mug, from the front” from the text file beside it" in out.replace(
        "\n                       ", " "
    )


def test_a_caption_is_taken_only_where_that_is_said_and_a_cameras_never(
    pipeline: Command, shop: StoreProcess, tmp_path: Path
) -> None:
    captioned(tmp_path / "one" / "SM-13.jpg", "Client: please retouch")
    pipeline("run", tmp_path / "one").well()
    assert words(shop, 13) == [""]
    taken = {"PIPELINE_ALT_TEXT_FROM": "map,txt,caption"}
    captioned(tmp_path / "two" / "SM-14_1.jpg", "A blue mug", 1)
    captioned(tmp_path / "two" / "SM-14_2.jpg", "OLYMPUS DIGITAL CAMERA", 2)
    photograph(tmp_path / "two" / "SM-14_3.png", 3)
    (tmp_path / "two" / "SM-14_3.xmp").write_text(CAPTURE_ONE)
    pipeline("run", tmp_path / "two", environment=taken).well()
    assert sorted(words(shop, 14)) == ["", "A blue mug", "A red mug"]


def test_words_are_made_of_the_products_name_and_the_view_in_one_question(
    pipeline: Command, shop: StoreProcess, tmp_path: Path
) -> None:
    for number, name in enumerate(("SM-13_front", "SM-13_back", "SM-14_front")):
        photograph(tmp_path / "shoot" / f"{name}.jpg", number)
    made = {"PIPELINE_ALT_TEXT": "{product_name}, {view}"}
    pipeline("run", tmp_path / "shoot", environment=made).well()
    assert sorted(words(shop, 13)) == ["Red mug, back", "Red mug, front"]
    assert words(shop, 14) == ["Blue mug, front"]
    asked = [one["query"] for one in shop.seen() if "name" in one["query"]]
    assert len([query for query in asked if "id%3Ain" in query]) <= 1


def test_metadata_name_the_product_where_a_field_may(
    pipeline: Command, shop: StoreProcess, tmp_path: Path
) -> None:
    folder = tmp_path / "shoot"
    photograph(folder / "IMG_0001.jpg", 1, xmp=LIGHTROOM.encode())
    photograph(folder / "IMG_0002.png", 2)
    (folder / "IMG_0002.xmp").write_text(XMP.replace("SM-13", "SM-14"))
    photograph(folder / "IMG_0003.jpg", 3)
    by_default = pipeline("run", "--json", folder)
    assert by_default.counts["waiting"] == 3
    may = {"PIPELINE_PRODUCT_FIELD": "title,headline"}
    ended = pipeline("run", "--json", folder, environment=may)
    assert ended.counts["waiting"] == 1
    assert len(shop.images(13)) == len(shop.images(14)) == 1
    out = pipeline("history", folder / "IMG_0001.jpg").well().out
    assert "its metadata name SM-13" in out


def test_a_text_that_somebody_set_in_the_shop_stays(
    pipeline: Command, shop: StoreProcess, tmp_path: Path
) -> None:
    picture = photograph(tmp_path / "shoot" / "SM-13.jpg")
    text = picture.with_suffix(".txt")
    text.write_text("Ours")
    pipeline("run", tmp_path / "shoot").well()
    (image,) = shop.images(13)
    pipeline("images", "update", 13, image["id"], "--description", "By hand").well()
    text.write_text("Ours, changed")
    pipeline("run", "--check-content", tmp_path / "shoot").well()
    assert words(shop, 13) == ["By hand"]
