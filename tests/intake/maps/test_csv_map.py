"""What a map says of a file: by its name, by the folders it lies in, whatever its letters are."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from pipeline.errors import ConfigError
from pipeline.intake.maps import read_map
from tests.intake.maps.mapped import about, map_of, only, text_of


def test_names_are_compared_without_case_and_in_every_form_of_unicode(tmp_path: Path) -> None:
    found = map_of(tmp_path, "file,sku\nTASSE-grün.JPG,SM-13\n")
    assert only(found, unicodedata.normalize("NFD", "tasse-grün.jpg")).names == ("SM-13",)


def test_a_name_without_a_suffix_stands_for_the_file_with_any(tmp_path: Path) -> None:
    found = map_of(tmp_path, "file,sku\nfront,SM-13\nv1.2,SM-14\nback.png,SM-15\n")
    assert only(found, "front.webp").names == ("SM-13",)
    assert only(found, "v1.2.jpg").names == ("SM-14",)
    assert about(found, "back.jpg") == ()
    assert about(found, "back.png.jpg") == ()


def test_folders_that_are_named_must_fit_and_go_before_a_mere_name(tmp_path: Path) -> None:
    found = map_of(tmp_path, "file,sku\nred/1.jpg,RED\nblue/1.jpg,BLUE\n1.jpg,ANY\n")
    assert only(found, "day", "red", "1.jpg").names == ("RED",)
    assert only(found, "blue", "1.jpg").names == ("BLUE",)
    assert only(found, "green", "1.jpg").names == ("ANY",)


def test_folders_of_another_machine_only_tell_two_files_apart(tmp_path: Path) -> None:
    text = "file,sku\nD:\\shoot\\red\\1.jpg,RED\nD:\\shoot\\blue\\1.jpg,BLUE\nD:\\x\\2.jpg,TWO\n"
    found = map_of(tmp_path, text)
    assert only(found, "red", "1.jpg").names == ("RED",)
    assert only(found, "anywhere", "2.jpg").names == ("TWO",)
    assert {entry.names for entry in about(found, "1.jpg")} == {("RED",), ("BLUE",)}


def test_files_that_differ_by_case_alone_are_told_apart_where_the_map_does(tmp_path: Path) -> None:
    found = map_of(tmp_path, "file,sku\na.jpg,LOW\nA.jpg,HIGH\n")
    assert only(found, "A.jpg").names == ("HIGH",)
    assert only(found, "a.jpg").names == ("LOW",)


def test_rows_that_repeat_a_file_are_all_given(tmp_path: Path) -> None:
    found = map_of(tmp_path, "file,sku\na.jpg,ONE\na.jpg,TWO\n")
    assert [(entry.row, entry.names) for entry in about(found, "a.jpg")] == [
        (2, ("ONE",)),
        (3, ("TWO",)),
    ]


def test_what_is_no_map_is_told_with_its_columns(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"is no map.*as in “file,sku”; it has name, price"):
        map_of(tmp_path, "name,price\nMug,9\n")
    with pytest.raises(ConfigError, match="it has nothing"):
        map_of(tmp_path, "")
    with pytest.raises(ConfigError, match="cannot be read as a map"):
        read_map(tmp_path / "none.csv")


def test_a_hundred_thousand_rows_are_read_and_each_file_is_found(tmp_path: Path) -> None:
    rows = [("SKU", "image_name", "ALT", "thumb")]
    rows += [(f"S-{n // 5}", f"IMG_{n:06}.jpg", f"Picture {n}", "") for n in range(100_000)]
    found = map_of(tmp_path, text_of(rows))
    assert (found.entries, found.bad_rows) == (100_000, 0)
    assert only(found, "img_099999.jpg").names == ("S-19999",)


def test_of_many_bad_rows_the_first_are_kept_and_all_are_counted(tmp_path: Path) -> None:
    found = map_of(tmp_path, "file,sku\n" + "a.jpg,\n" * 3_000)
    assert (len(found.bad), found.bad_rows, found.bad[0].row) == (1_000, 3_000, 2)
