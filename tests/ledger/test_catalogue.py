"""The store's SKUs in the ledger: replaced by products and by pages, and their age kept once."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from pipeline.ledger import Ledger
from pipeline.ledger.sqlite import open_ledger
from pipeline.skus import CatalogueAge
from pipeline.values import ProductName
from tests.makers import START, ManualClock


def test_a_sku_is_found_without_regard_to_case_and_may_be_of_several(ledger: Ledger) -> None:
    ledger.keep_skus({1: ["SM-13", "sm-13", ""], 2: ["Sm-13", "RED"]})
    found = ledger.products_bearing(["sm-13", "SM-13", "red", "", "none"])
    assert found == {"sm-13": {1, 2}, "SM-13": {1, 2}, "red": {2}}


def test_what_a_product_had_before_is_forgotten(ledger: Ledger) -> None:
    ledger.keep_skus({1: ["A", "B"], 2: ["C"]})
    ledger.keep_skus({1: ["B", "D"], 3: []})
    assert set(ledger.products_bearing("ABCD")) == {"B", "C", "D"}


def test_what_is_noted_of_a_sku_comes_to_what_is_kept(ledger: Ledger) -> None:
    ledger.keep_skus({1: ["A", "B"]})
    for _ in range(2):
        ledger.note_skus({"b": [1, 2], "C": [2], "none": []})
    assert ledger.products_bearing(["A", "B", "C"]) == {"A": {1}, "B": {1, 2}, "C": {2}}


def test_what_products_are_called_is_kept_as_it_was_said_last(ledger: Ledger) -> None:
    mug = ProductName(sku="MUG-1", name="Blue mug")
    ledger.keep_names({1: mug, 2: ProductName(sku="", name="\udcff =Ä")})
    ledger.keep_names({1: replace(mug, name="Blue mug, large")})
    found = ledger.product_names([1, 2, 3])
    assert found[1] == ProductName(sku="MUG-1", name="Blue mug, large")
    assert found.keys() == {1, 2}
    many = {number: ProductName(sku=f"SKU-{number}", name="Mug") for number in range(1, 1_001)}
    ledger.keep_names(many)
    assert ledger.product_names(list(many)) == many


def test_a_page_is_all_there_is_of_its_ids(ledger: Ledger) -> None:
    ledger.keep_skus({number: [f"OLD-{number}"] for number in range(1, 10)})
    ledger.keep_page({2: ["NEW-2"]}, above=1, up_to=4)
    ledger.keep_page({6: ["NEW-6"]}, above=4, up_to=None)
    kept = [f"{age}-{number}" for age in ("OLD", "NEW") for number in range(1, 10)]
    assert set(ledger.products_bearing(kept)) == {"OLD-1", "NEW-2", "NEW-6"}


def test_many_are_looked_up_at_once(ledger: Ledger) -> None:
    ledger.keep_skus({number: [f"SKU-{number}"] for number in range(1, 1_001)})
    found = ledger.products_bearing([f"sku-{number}" for number in range(2_000)])
    assert found == {f"sku-{number}": {number} for number in range(1, 1_001)}


def test_its_age_outlives_the_process_and_changes_only_from_what_it_was(
    ledger: Ledger, opened: Callable[[], Ledger]
) -> None:
    assert ledger.catalogue_age() == CatalogueAge()
    read = CatalogueAge(read_at=START, brought_at=START, shown_at=START, questions=40, asked=2)
    assert ledger.age_catalogue(CatalogueAge(), read)
    other = opened()
    assert other.catalogue_age() == read
    doubted = replace(read, read_at=None)
    assert other.age_catalogue(read, doubted)
    later = START + timedelta(minutes=1)
    assert not ledger.age_catalogue(read, replace(read, brought_at=later)), "it is believed again"
    assert ledger.catalogue_age() == doubted


def test_each_store_has_its_own(file: Path, ledger: Ledger, clock: ManualClock) -> None:
    ledger.keep_skus({1: ["A"]})
    ledger.age_catalogue(CatalogueAge(), CatalogueAge(questions=1))
    with closing(open_ledger(file, "another/v3", "run", clock.now)) as other:
        assert other.products_bearing(["A"]) == {}
        assert other.catalogue_age() == CatalogueAge()
        other.keep_page({}, above=0, up_to=None)
    assert ledger.products_bearing(["A"]) == {"A": {1}}
