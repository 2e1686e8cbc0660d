"""The shop's catalogue is asked for in a few questions, and what it was once misleads nobody."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.localstore.process import StoreProcess
from tests.servers import local_store
from tests.stories.commands import Command, photograph, until
from tests.stories.watching import Watching, counts

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


def add(store: StoreProcess, product: int, sku: str) -> None:
    change(
        store,
        "INSERT INTO products (id, sku, name, listed, modified) "
        f"VALUES ({product}, '{sku}', 'New', 1, unixepoch())",
    )


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
    add(shop, 700, "NEW-1")
    # What was read minutes ago is kept still, and does not know it.
    pipeline("run", waits).well()
    assert len(shop.images(700)) == 1


def test_a_name_that_is_no_sku_is_a_products_mpn_without_another_question(
    tmp_path: Path, shop: StoreProcess
) -> None:
    change(shop, "UPDATE products SET mpn = 'NW.4711', modified = unixepoch() WHERE id = 7")
    change(shop, "UPDATE products SET mpn = 'LX-9', modified = unixepoch() WHERE id IN (8, 9)")
    change(shop, "UPDATE products SET mpn = 'SKU-3', modified = unixepoch() WHERE id = 4")
    folder = tmp_path / "shoot"
    names = ("NW.4711_2.png", "LX-9.png", "SKU-3_1.png")
    mpn, twice, sku = (photograph(folder / name, at, (16, 12)) for at, name in enumerate(names))
    pipeline = Command(tmp_path / "home", shop, plain_ids=False)
    because = "its file name begins with NW.4711, which is the MPN of the product 7"
    named = pipeline("names", folder, "--json").out
    assert because in named
    assert "LX-9 is the MPN of the products 8, 9" in named
    shop.control("DELETE", "_log")
    run = pipeline("run", folder, "--json")
    assert (run.counts["stored"], run.counts["waiting"]) == (2, 1)
    assert not [query for query in questions_of_names(shop) if "mpn%3Ain" in query]
    assert [len(shop.images(number)) for number in (3, 4, 7, 8, 9)] == [1, 0, 1, 0, 0]
    assert because in pipeline("history", mpn).out
    assert "LX-9 is the MPN of the products 8, 9" in pipeline("history", twice).out
    assert "MPN" not in pipeline("history", sku).out


@pytest.mark.long
@pytest.mark.skipif(os.name != "posix", reason="a watcher is asked to stop by a signal")
def test_a_watcher_sees_a_product_appear_and_sends_what_waited_for_it(
    tmp_path: Path, shop: StoreProcess
) -> None:
    pipeline = Command(tmp_path / "home", shop, plain_ids=False)
    folder = tmp_path / "watched"
    photograph(folder / "NEW-1_1.png", 99, (16, 12))
    photograph(folder / "NEW-2_1.png", 98, (16, 12))
    with Watching(pipeline, folder, quiet_after=0.2).running():
        until(lambda: counts(pipeline)["waiting"] == 2)
        shop.control("DELETE", "_log")
        add(shop, 700, "NEW-1")
        # Once a minute it asks what changed; whatever waits for another product is left.
        until(lambda: counts(pipeline)["stored"] == 1, 300)
    assert len(shop.images(700)) == 1
    assert counts(pipeline)["waiting"] == 1
    assert any("date_modified" in query for query in questions_of_names(shop))


def test_what_ends_in_a_number_is_a_sku_or_a_picture_as_the_catalogue_has_it(
    tmp_path: Path,
) -> None:
    lines = "1,MUG,Mug,\n2,MUG_2,Mug of two,\n3,BOWL_2,Bowl,\n2026,2026,Calendar,\n158,158,Jug,\n"
    names = {
        "a/BOWL_2.png": 3,
        "a/BOWL_2_1.png": 3,
        # The shoot settles it: 1 and 3 are there.
        "b/MUG_1.png": 1,
        "b/MUG_2.png": 1,
        "b/MUG_3.png": 1,
        # Nothing does.
        "c/MUG_2.png": None,
        "2026/11/27/PXL_20261127_101500.png": None,
        "2026-11-27/IMG-20261127-WA0001.png": None,
        "20261127_101500.png": None,
        "2026-11-27 10.15.00.png": None,
        "Screenshot 2026-11-27 at 10.15.00.png": None,
        "12.5x8cm.png": None,
        "158 mugs.png": None,
        "158.png": 158,
    }
    for number, name in enumerate(names):
        photograph(tmp_path / "photos" / name, number, (16, 12))
    with local_store(tmp_path / "numbers", catalogue=lines) as store:
        pipeline = Command(tmp_path / "home", store, plain_ids=False)
        told = pipeline("run", "--json", tmp_path / "photos").document
    found = {
        str(Path(one["path"]).relative_to(tmp_path / "photos")): one["product_id"]
        for one in told["photographs"]
    }
    assert found == names
