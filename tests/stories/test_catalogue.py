"""The shop's catalogue is asked for in a few questions, and what it was once misleads nobody."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.localstore.process import StoreProcess
from tests.servers import local_store
from tests.stories.commands import Command, photograph

PRODUCTS = 20


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[StoreProcess]:
    """A shop that knows its products, and no others."""
    lines = "".join(f"{number},SKU-{number},Mug,\n" for number in range(1, PRODUCTS + 1))
    with local_store(tmp_path / "shop", catalogue=lines) as store:
        yield store


def shots(folder: Path, first: int, each: int = 4) -> Path:
    """Photograph each product so many times."""
    for number in range(PRODUCTS * each):
        name = f"SKU-{1 + number % PRODUCTS}_{first + number // PRODUCTS}.png"
        photograph(folder / name, 1000 * first + number, (16, 12))
    return folder


def change(store: StoreProcess, statement: str) -> None:
    with closing(sqlite3.connect(store.data / "store.sqlite3")) as connection:
        connection.execute(statement)
        connection.commit()


def forget_age(pipeline: Command, minutes: int) -> None:
    """Have what is kept be older than it is."""
    with closing(sqlite3.connect(pipeline.home / "ledger.sqlite3")) as ledger:
        for column in ("read_at", "brought_at"):
            ledger.execute(
                f"UPDATE catalogues SET {column} = "
                f"strftime('%Y-%m-%dT%H:%M:%f000+00:00', {column}, '-{minutes} minutes')"
            )
        ledger.commit()


def questions_of_names(store: StoreProcess) -> list[str]:
    """Return what was asked that is about names, and not about images."""
    return [
        entry["query"]
        for entry in store.seen()
        if entry["path"] in ("/catalog/products", "/catalog/variants")
        and "include=images" not in entry["query"]
    ]


def test_names_take_a_few_questions_for_all_photographs_of_all_runs(
    tmp_path: Path, shop: StoreProcess
) -> None:
    pipeline = Command(tmp_path / "home", shop, plain_ids=False)
    for first in (1, 11):
        shop.control("DELETE", "_log")
        pipeline("run", shots(tmp_path / f"day-{first}", first)).well()
        # Two for a name that no shop has; one for the catalogue, which the second run has still.
        assert len(questions_of_names(shop)) == (3 if first == 1 else 2)
    assert all(len(shop.images(number)) == 8 for number in range(1, PRODUCTS + 1))


@pytest.mark.parametrize("minutes", [0, 11, 61])
def test_a_sku_that_moved_between_two_runs_gets_no_picture_of_another(
    tmp_path: Path, shop: StoreProcess, minutes: int
) -> None:
    pipeline = Command(tmp_path / "home", shop, plain_ids=False)
    pipeline("run", shots(tmp_path / "before", 1, 1)).well()
    forget_age(pipeline, max(minutes, 11))
    change(shop, "UPDATE products SET sku = 'OLD', modified = unixepoch() WHERE id = 7")
    change(shop, "UPDATE products SET sku = 'SKU-7', modified = unixepoch() WHERE id = 8")
    pipeline("run", photograph(tmp_path / "SKU-7_9.png", 99, (16, 12))).well()
    assert [len(shop.images(number)) for number in (7, 8)] == [1, 2]


def test_a_product_that_appears_later_gets_what_waited_for_it(
    tmp_path: Path, shop: StoreProcess
) -> None:
    pipeline = Command(tmp_path / "home", shop, plain_ids=False)
    waits = photograph(tmp_path / "NEW-1_1.png", 99, (16, 12))
    first = pipeline("run", shots(tmp_path / "before", 1, 1), waits, "--json")
    assert first.counts["waiting"] == 1
    change(
        shop,
        "INSERT INTO products (id, sku, name, listed, modified) "
        "VALUES (700, 'NEW-1', 'New', 1, unixepoch())",
    )
    # What was read minutes ago is kept still, and does not know it.
    pipeline("run", waits).well()
    assert len(shop.images(700)) == 1
