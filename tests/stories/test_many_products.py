"""A shop of ten thousand products is read in some fifty questions, and held in flat memory."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.localstore.process import StoreProcess
from tests.stories.commands import Command, photograph

FIRST = 20_001
"""The id of the first of many products."""


def grown(pipeline: Command, data: Path, products: int, images: int = 1) -> None:
    """Have the one photograph that was stored be many, in the ledger and in the store alike.

    Both are written as the run left them, but for ids, digests and names.
    """
    with (
        closing(sqlite3.connect(pipeline.home / "ledger.sqlite3")) as ledger,
        closing(sqlite3.connect(data / "store.sqlite3")) as store,
    ):
        ledger.row_factory = store.row_factory = sqlite3.Row
        photo = dict(ledger.execute("SELECT * FROM photos").fetchone())
        image = dict(store.execute("SELECT * FROM images").fetchone())
        placement, before = json.loads(photo["placement"]), json.loads(photo["image"])
        photos: list[dict[str, Any]] = []
        stored: list[dict[str, Any]] = []
        for number in range(products * images):
            product_id, image_id = FIRST + number // images, 1000 + number
            digest = hashlib.sha256(str(number).encode()).hexdigest()
            facts = {
                "id": image_id,
                "product_id": product_id,
                "is_thumbnail": number % images == 0,
                "sort_order": number % images,
                "image_file": f"a/123/photo-{digest[:10]}__12345.jpg",
            }
            stored.append(image | facts)
            photos.append(
                photo
                | {
                    "seq": 1000 + number,
                    "id": str(number),
                    "sha256": digest,
                    "product_id": product_id,
                    "image_id": image_id,
                    "placement": json.dumps(placement | {"product_id": product_id}),
                    "image": json.dumps(before | facts),
                }
            )
        store.executemany(
            "INSERT INTO products (id, sku, name, listed) VALUES (?, '', '', 1)",
            [(FIRST + number,) for number in range(products)],
        )
        for database, table, rows in ((ledger, "photos", photos), (store, "images", stored)):
            columns = list(rows[0])
            database.executemany(
                f"INSERT INTO {table} ({', '.join(columns)}) "
                f"VALUES ({', '.join(f':{name}' for name in columns)})",
                rows,
            )
            database.commit()


def questions(store: StoreProcess, path: str = "/catalog/products") -> int:
    return sum(entry["path"].startswith(path) for entry in store.seen())


@pytest.mark.parametrize(
    ("products", "most"), [(500, 15), pytest.param(10_000, 60, marks=pytest.mark.long)]
)
def test_ten_thousand_products_are_verified_with_sixty_questions_at_the_most(
    tmp_path: Path, pipeline: Command, store: StoreProcess, products: int, most: int
) -> None:
    pipeline("run", photograph(tmp_path / "shop" / "158" / "a.jpg")).well()
    grown(pipeline, store.data, products)
    store.control("DELETE", "_log")
    assert f"{products + 1} stored, 0 differences" in pipeline("verify").well().out
    assert questions(store) <= most


@pytest.mark.long
def test_what_differs_among_many_is_found_and_only_its_products_are_read_once_more(
    tmp_path: Path, pipeline: Command, store: StoreProcess
) -> None:
    pipeline("run", photograph(tmp_path / "shop" / "158" / "a.jpg")).well()
    grown(pipeline, store.data, 10_000)
    for number in (3, 9_997):
        store.call("DELETE", f"/catalog/products/{FIRST + number}/images/{1000 + number}")
    store.control("DELETE", "_log")
    found = pipeline("verify", "--json").document
    assert [(one["kind"], one["image_id"]) for one in found] == [
        ("missing", 1003),
        ("missing", 10_997),
    ]
    assert questions(store) <= 61


@pytest.mark.long
@pytest.mark.skipif(sys.platform != "linux", reason="the peak is read from /proc")
def test_as_much_memory_is_taken_for_many_products_as_for_few(
    tmp_path: Path, pipeline: Command, store: StoreProcess
) -> None:
    pipeline("run", photograph(tmp_path / "shop" / "158" / "a.jpg")).well()

    def peak(products: int) -> int:
        """Return the greatest resident size of a comparison, in kB."""
        process = pipeline.start("verify")
        status, most = Path(f"/proc/{process.pid}/status"), 0
        while process.poll() is None:
            for line in status.read_text().splitlines():
                if line.startswith("VmHWM"):
                    most = max(most, int(line.split()[1]))
            time.sleep(0.05)
        out, err = process.communicate()
        assert f"{products * 5 + 1} stored, 0 differences" in out, err
        return most

    grown(pipeline, store.data, 500, images=5)
    few = peak(500)
    with closing(sqlite3.connect(pipeline.home / "ledger.sqlite3")) as ledger:
        ledger.execute("DELETE FROM photos WHERE seq >= 1000")
        ledger.commit()
    with closing(sqlite3.connect(store.data / "store.sqlite3")) as database:
        database.execute("DELETE FROM images WHERE id >= 1000")
        database.execute("DELETE FROM products WHERE id >= 20001")
        database.commit()
    grown(pipeline, store.data, 10_000, images=5)
    many = peak(10_000)
    print(f"500 products: {few} kB, 10,000 products: {many} kB")
    assert many < few + 20_000


@pytest.mark.long
def test_a_second_ledger_takes_over_a_shop_with_some_questions_for_all_its_products(
    tmp_path: Path, pipeline: Command, store: StoreProcess
) -> None:
    for number in range(80):
        photograph(tmp_path / "shop" / f"id-{FIRST + number}" / "a.jpg", number, (16, 12))
    pipeline("run", tmp_path / "shop").well()
    for again in (["ledger", "rebuild"], ["run"]):
        (pipeline.home / "ledger.sqlite3").unlink()
        store.control("DELETE", "_log")
        pipeline(*again, tmp_path / "shop").well()
        seen = store.seen()
        assert {entry["method"] for entry in seen} == {"GET"}, "nothing is sent"
        # Each has one image, so that twelve are asked for alone before that is believed; and so is
        # the first, where it is checked before the others are written down.
        images = [entry for entry in seen if "/images" in entry["path"]]
        together = [entry for entry in seen if "include=images" in entry["query"]]
        assert len(images) <= 13
        assert len(together) <= 5
    assert all(len(store.images(FIRST + number)) == 1 for number in range(80))
