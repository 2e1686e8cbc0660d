"""What is said of products that lack something."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.lacking import Here, Lacks
from pipeline.report.missing import CSV_COLUMNS, lacks_in_words, lacks_row, missing_sentences


def lacks(**said: object) -> Lacks:
    nothing: dict[str, object] = {
        "pictures": 2,
        "too_few": 0,
        "no_main": False,
        "without_text": 0,
        "views": (),
    }
    return Lacks(product_id=1, sku="A", name="Mug", **{**nothing, **said})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("said", "here", "words"),
    [
        ({"pictures": 0, "too_few": 3}, Here(), "no picture"),
        ({"too_few": 1}, Here(), "1 more needed"),
        ({"no_main": True, "without_text": 2}, Here(), "no main picture; 2 without alt text"),
        ({"views": ("back", "detail")}, Here(), "no back, detail"),
        (
            {"pictures": 0, "too_few": 1},
            Here(not_finished=2, failed=1),
            "no picture (here: 2 not finished, 1 failed)",
        ),
        ({"too_few": 1}, Here(refused=1), "1 more needed (here: 1 refused)"),
    ],
)
def test_what_it_lacks_is_said_with_what_is_here(
    said: dict[str, object], here: Here, words: str
) -> None:
    assert lacks_in_words(lacks(**said), here) == words


@pytest.mark.parametrize(
    ("numbers", "sentence"),
    [
        ((0, 0, 0, 0, 0), "The shop has no products."),
        ((1, 0, 0, 0, 0), "1 product: none lacks anything."),
        (
            (10_000, 812, 300, 2, 0),
            "10,000 products, of which 812 lack something: 300 without a picture, "
            "2 without a main picture.",
        ),
        ((9, 3, 0, 0, 0), "9 products, of which 3 lack something."),
    ],
)
def test_the_sum_is_said_in_one_sentence(
    numbers: tuple[int, int, int, int, int], sentence: str
) -> None:
    assert list(missing_sentences(*numbers)) == [sentence]


def test_a_row_has_a_cell_for_each_column_and_no_formula() -> None:
    one = replace(lacks(views=("back",), no_main=True), sku="=1+1")
    row = dict(zip(CSV_COLUMNS, lacks_row(one, Here(failed=2)), strict=True))
    assert (row["sku"], row["views"], row["no_main"]) == ("'=1+1", "back", "yes")
    assert (row["here_failed"], row["too_few"]) == ("2", "0")
