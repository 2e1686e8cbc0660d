"""Each photograph gets the words that somebody has for it, in the order that the settings say."""

from __future__ import annotations

from pathlib import Path

from pipeline.alt_text import WordsFrom
from pipeline.captions import Captions
from pipeline.intake.described import Describing, captions_about, described
from pipeline.values import Original, Placement, ProductName

ALL = tuple(WordsFrom)


def photo(folder: Path, caption: str = "") -> Original:
    return Original(
        sha256="0" * 64,
        size=1,
        path=folder / "SM-13-front.jpg",
        root=folder,
        captions=Captions(caption=caption),
    )


PLACED = Placement(product_id=13, rule="its name says SM-13")


def words(
    original: Original, how: Describing, placed: Placement = PLACED
) -> tuple[str | None, str]:
    found = described(original, placed, how)
    return found.description, found.words_from


def test_a_map_goes_before_a_text_file_and_that_before_a_caption(tmp_path: Path) -> None:
    by_map = Placement(product_id=13, rule="", description="By the map")
    original = photo(tmp_path, "By the camera's owner")
    assert words(original, Describing(sources=ALL)) == (
        "By the camera's owner",
        "from its caption",
    )
    (tmp_path / "SM-13-front.txt").write_text("By\nthe text")
    assert words(original, Describing(sources=ALL)) == (
        "By the text",
        "from the text file beside it",
    )
    assert words(original, Describing(sources=ALL), by_map) == ("By the map", "from the map")
    first = Describing(sources=(WordsFrom.CAPTION, WordsFrom.MAP))
    assert words(original, first, by_map)[1] == "from its caption"
    assert words(original, Describing(sources=()), by_map) == (None, "")


def test_a_caption_is_not_published_unasked_and_a_cameras_own_never(tmp_path: Path) -> None:
    assert words(photo(tmp_path, "Client wants it warmer"), Describing()) == (None, "")
    for caption in ("OLYMPUS DIGITAL CAMERA", "SM-13-FRONT"):
        assert words(photo(tmp_path, caption), Describing(sources=ALL)) == (None, "")


def test_the_form_is_for_what_has_no_words_and_the_shop_is_asked_only_for_what_it_names(
    tmp_path: Path,
) -> None:
    asked: list[int] = []

    def name_of(product_id: int) -> ProductName | None:
        asked.append(product_id)
        return ProductName(sku="SM-13", name="Mug, red")

    front = Placement(product_id=13, rule="", view="front")
    named = Describing(form="{product_name}, {view}", name_of=name_of)
    assert words(photo(tmp_path), named, front) == ("Mug, red, front", "as the settings say")
    assert words(photo(tmp_path), named)[0] == "Mug, red"
    assert asked == [13, 13]
    assert words(photo(tmp_path), Describing(form="From {view}", name_of=name_of), front) == (
        "From front",
        "as the settings say",
    )
    assert asked == [13, 13]
    (tmp_path / "SM-13-front.txt").write_text("A text")
    assert words(photo(tmp_path), named, front)[0] == "A text"
    assert asked == [13, 13]


def test_words_are_cut_as_the_settings_say(tmp_path: Path) -> None:
    by_map = Placement(product_id=13, rule="", description="A mug, red as wine")
    assert words(photo(tmp_path), Describing(most=12), by_map)[0] == "A mug, red"


def test_history_tells_the_words_and_where_they_come_from(tmp_path: Path) -> None:
    (tmp_path / "SM-13-front.txt").write_text("A mug")
    assert described(photo(tmp_path), PLACED, Describing()).why == (
        "its name says SM-13; alt text “A mug” from the text file beside it"
    )


def test_a_sidecar_goes_before_what_stands_in_the_picture(tmp_path: Path) -> None:
    from tests.intake.test_side_files import XMP

    (tmp_path / "SM-13-front.xmp").write_text(XMP)
    found = captions_about(photo(tmp_path, "A mug"))
    assert (found.headline, found.caption) == ("SM-13", "A mug")
