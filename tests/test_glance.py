"""A glance at the SKUs that the ledger keeps, by their beginnings: a person is typing one."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import glance
from pipeline.glance import products_beginning, skus_beginning
from pipeline.ledger.sqlite import open_ledger
from pipeline.skus import compared, mpn_kept
from tests.makers import START


def kept(folder: Path, skus: dict[int, list[str]]) -> str:
    """Return the file of a ledger that keeps these."""
    file = folder / "ledger.sqlite3"
    with closing(open_ledger(file, "a store", "run", lambda: START)) as ledger:
        age = ledger.catalogue_age()
        ledger.age_catalogue(age, age)
        ledger.keep_skus(skus)
    return str(file)


@given(
    skus=st.lists(st.text(min_size=1, max_size=4), min_size=1, max_size=20),
    part=st.text(max_size=2),
)
def test_found_is_every_sku_that_begins_so_and_no_other(
    skus: list[str], part: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = kept(tmp_path_factory.mktemp("home"), dict(enumerate(([sku] for sku in skus), start=1)))
    found = {compared(sku) for sku, _ in skus_beginning(file, part, 100)}
    assert found == {compared(sku) for sku in skus if compared(sku).startswith(compared(part))}


@given(
    ids=st.lists(st.integers(1, 99_999), min_size=1, max_size=30),
    digits=st.integers(0, 999).map(str),
)
def test_found_is_every_product_whose_id_begins_so_the_shortest_first(
    ids: list[int], digits: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = kept(tmp_path_factory.mktemp("home"), {number: [f"S-{number}"] for number in ids})
    found = [number for number, _ in products_beginning(file, digits, 100)]
    meant = {number for number in ids if str(number).startswith(digits)}
    assert found == sorted(meant)


def test_mpns_are_no_skus(tmp_path: Path) -> None:
    file = kept(tmp_path, {1: [mpn_kept("NW-1"), "SKU-1"], 2: [mpn_kept("NW-2")]})
    assert skus_beginning(file, "", 10) == [("sku-1", 1)]
    assert skus_beginning(file, "nw", 10) == []
    assert products_beginning(file, "1", 10) == [(1, "sku-1")]


def test_nothing_is_read_that_does_not_begin_so(tmp_path: Path) -> None:
    file = kept(tmp_path, {1: ["A"]})
    with closing(sqlite3.connect(file)) as connection:
        for statement, values in (
            (glance.SKUS, ("a store", "a", "b", 1)),
            (glance.PRODUCTS, ("a store", 1, 2, 1)),
        ):
            plan = connection.execute(f"EXPLAIN QUERY PLAN {statement}", values).fetchall()
            assert all(row[3].startswith("SEARCH") for row in plan), plan


def test_where_there_is_no_ledger_or_none_that_can_be_read_there_are_none(tmp_path: Path) -> None:
    nowhere = tmp_path / "none" / "ledger.sqlite3"
    assert skus_beginning(str(nowhere), "a", 10) == []
    assert not nowhere.parent.exists()
    broken = tmp_path / "ledger.sqlite3"
    broken.write_bytes(b"SQLite format 3\0" + b"x" * 5_000)
    assert skus_beginning(str(broken), "a", 10) == []
    assert products_beginning(str(broken), "1", 10) == []
    assert [path.name for path in tmp_path.iterdir()] == ["ledger.sqlite3"]
