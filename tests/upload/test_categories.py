"""Categories are found by name and id, and their products read in few questions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from pipeline.errors import StoreRejected, StoreUnavailable
from pipeline.upload.catalogue import Record
from pipeline.upload.categories import CategoryReader, categories_in
from tests.servers import client_of, local_store
from tests.upload.test_bulk import asked

CATALOGUE = (
    "id,sku,name,product_id,categories\n"
    "1,MUG-1,Blue mug,,Mugs; New\n2,MUG-2,Red mug,,mugs\n3,,Bowl,,Mugs\n4,CUP-1,Cup,,Cups\n"
)


def test_the_products_of_categories_are_read_with_one_question_and_one_for_the_names(
    tmp_path: Path,
) -> None:
    many = "".join(f"{n},SKU-{n},Plate,,Plates\n" for n in range(10, 400))
    with local_store(tmp_path / "shop", catalogue=CATALOGUE + many) as store:
        categories = client_of(store).categories
        found = categories.skus_in(["MUGS", "new", "Bowls"])
        # Two are called so but for their letters, and both are meant.
        assert found == {"MUGS": ["MUG-1", "MUG-2"], "new": ["MUG-1"], "Bowls": None}
        assert len(asked(store)) == 2
        (number,) = categories.ids_of(["Cups"])["Cups"]
        assert categories.skus_in([str(number)]) == {str(number): ["CUP-1"]}
        plates = categories.skus_in(["Plates"])["Plates"]
        assert plates is not None
        assert len(plates) == 390


@pytest.mark.parametrize("refused", [True, False])
def test_a_shop_that_does_not_know_the_question_is_read_whole(refused: bool) -> None:
    products: list[Record] = [
        {"id": 1, "sku": "A", "categories": [7]},
        {"id": 2, "sku": "B", "categories": [8]},
        {"id": 3, "sku": "C"},
    ]

    def page(
        path: str, query: Mapping[str, str], page: int = 1, *, size: int = 250
    ) -> tuple[Sequence[Record], int | None]:
        if "trees" in path:
            return [{"category_id": 7, "name": "Mugs"}, {"category_id": 8, "name": "7"}], 1
        if refused and "categories:in" in query:
            raise StoreRejected(422, "no such filter")
        return products, 1

    reader = CategoryReader(page)
    assert reader.skus_in(["mugs"]) == {"mugs": ["A"]}
    assert reader.skus_in(["7", "8", "9"]) == {"7": ["B"], "8": ["B"], "9": None}


def test_a_listing_that_does_not_end_is_not_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.upload.categories.MOST_PAGES", 3)
    reader = CategoryReader(lambda path, query, page=1, *, size=250: ([{"id": 1}], None))
    with pytest.raises(StoreUnavailable, match="does not end"):
        reader.ids_of(["Mugs"])


@pytest.mark.parametrize("strange", [None, "7", {"7": 1}, [0, "x", True, None]])
def test_what_is_no_list_of_ids_names_no_category(strange: object) -> None:
    assert categories_in({"categories": strange}) == frozenset()
