"""A shot list says which views each product needs, as spreadsheets write it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import ConfigError
from pipeline.intake.shot_list import ShotList, read_shot_list, views_named
from pipeline.intake.views import ViewWords
from pipeline.standing import VIEWS

WORDS = ViewWords(own=["vitrine=lifestyle"])


def read(folder: Path, text: str, encoding: str = "utf-8") -> ShotList:
    path = folder / "list.csv"
    path.write_bytes(text.encode(encoding))
    return read_shot_list(path, WORDS)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ('sku,views\nSM-13,"front, back,detail"\nSM-20,front\n', "utf-8"),
        ('\ufeffSKU;Views\r\nSM-13;"Vorne;Rückseite;Nahaufnahme"\r\nSM-20;Front\r\n', "utf-8"),
        ("SKU\tViews\nSM-13\tfront|back|close-up\nSM-20\tfront\n", "utf-16"),
        ("sku,view 1,view 2,view 3\nSM-13,front,back,detail\nSM-20,front,,\n", "utf-8"),
        ("sku,view\nSM-13,front\nSM-20,front\nsm-13,back\nSM-13,detail\n", "cp1252"),
    ],
)
def test_the_views_stand_in_one_cell_in_columns_or_in_rows(
    tmp_path: Path, text: str, encoding: str
) -> None:
    shots = read(tmp_path, text, encoding)
    assert shots.of("sm-13") == ("front", "back", "detail")
    assert shots.of("SM-20") == ("front",)
    assert shots.of("SM-99") == ()
    assert list(shots.skus) == ["SM-13", "SM-20"]
    assert shots.bad == ()


def test_a_bad_row_is_named_and_costs_itself_alone(tmp_path: Path) -> None:
    shots = read(tmp_path, "sku,views\nSM-13,sidewards\n,front\nA,b,c,d\n4.1E+12,front\nSM-20,back")
    assert list(map(str, shots.bad)) == [
        "row 2, column “views”: no view is called 'sidewards': see the setting views",
        "row 3, column “sku”: no SKU stands in it",
        "row 4: it has 4 cells, and the header 2: a separator within a text needs quotation marks "
        "around the text",
        "row 5, column “sku”: “4.1E+12” is a long number that a spreadsheet has shortened: "
        "set the column's format to text, and write it anew",
    ]
    assert shots.views == {"sm-20": ("back",)}


@pytest.mark.parametrize("text", ["", "file,product\na.jpg,SM-13\n", "sku\nSM-13\n"])
def test_what_is_no_shot_list_is_said(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError, match="its first row should be “sku,views”"):
        read(tmp_path, text)


def test_one_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read as a shot list"):
        read_shot_list(tmp_path / "none.csv", WORDS)


@given(views=st.lists(st.sampled_from(VIEWS), max_size=12), between=st.sampled_from(",;|/\n"))
def test_views_are_read_as_they_were_written(views: list[str], between: str) -> None:
    assert views_named(f" {between} ".join(views), WORDS) == tuple(dict.fromkeys(views))


def test_a_studios_own_words_are_views() -> None:
    assert views_named("Vitrine, Haupt", WORDS) == ("lifestyle", "main")
    with pytest.raises(ValueError, match="no view is called 'sidewards'"):
        views_named("front, sidewards", WORDS)


def test_a_row_may_name_a_category_and_a_products_own_row_goes_before_it(tmp_path: Path) -> None:
    shots = read(
        tmp_path,
        "sku,category,views\n,Mugs,front\nSM-13,Mugs,back\n,12,detail\n,mugs,left\n,,top\n",
    )
    assert shots.categories == ("Mugs", "12")
    assert [str(row) for row in shots.bad] == ["row 6, column “sku”: no SKU stands in it"]
    assert shots.skus == ("SM-13",)
    whole = shots.with_products({"mugs": ["SM-13", "SM-20"], "12": ["sm-20", "SM-30"]})
    assert whole.skus == ("SM-13", "SM-20", "SM-30")
    assert [whole.of(sku) for sku in whole.skus] == [
        ("back",),
        ("front", "left", "detail"),
        ("detail",),
    ]
    assert read(tmp_path, "Category;View 1\nMugs;front\n").of_category == {"mugs": ("front",)}
