"""The ledger is checked, copied, lost and rebuilt; nothing is uploaded twice for it."""

from __future__ import annotations

import re
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.localstore.process import StoreProcess
from tests.stories.commands import Command, photograph, until


def ledger_of(pipeline: Command) -> Path:
    return pipeline.home / "ledger.sqlite3"


def alter(pipeline: Command, statement: str) -> None:
    with closing(sqlite3.connect(ledger_of(pipeline))) as connection:
        connection.execute(statement)
        connection.commit()


def test_a_ledger_after_a_run_is_whole_and_agrees_with_itself(
    pipeline: Command, shop: Path
) -> None:
    pipeline("run", shop).well()
    assert "whole" in pipeline("ledger", "check").well().out


@pytest.mark.parametrize(
    ("statement", "word"),
    [
        ("UPDATE photos SET image_id = 77 WHERE seq = 2", "its record says"),
        ("UPDATE photos SET state = 'removed' WHERE seq = 1", "its history ends with stored"),
        ("UPDATE photos SET image = 'nonsense' WHERE seq = 3", "cannot be read"),
        ("UPDATE photos SET owner = 'x', lease = 'y' WHERE seq = 1", "still held"),
        ("UPDATE photos SET product_id = 9 WHERE seq = 1", "is placed in product"),
        ("UPDATE attempts SET ended_at = NULL WHERE seq = 1", "an attempt without an end"),
    ],
)
def test_rows_that_do_not_agree_are_told(
    pipeline: Command, shop: Path, statement: str, word: str
) -> None:
    pipeline("run", shop).well()
    alter(pipeline, statement)
    told = pipeline("ledger", "check")
    assert told.status == 1
    assert word in told.out


def test_a_damaged_file_is_told_and_nothing_is_uploaded_with_it(
    pipeline: Command, store: StoreProcess, shop: Path
) -> None:
    pipeline("run", shop).well()
    file = ledger_of(pipeline)
    content = bytearray(file.read_bytes())
    content[4096 * 2 : 4096 * 6] = b"\xa5" * (4096 * 4)
    file.write_bytes(content)
    assert pipeline("ledger", "check").status in (1, 2)
    before = len(store.seen())
    photograph(shop / "157" / "new.jpg", 99)
    run = pipeline("run", shop)
    assert run.status == 2
    assert "damaged" in run.err
    assert not [entry for entry in store.seen()[before:] if entry["method"] == "POST"]


def test_a_copy_is_made_while_a_run_is_at_work_and_is_whole(
    pipeline: Command, shop: Path, tmp_path: Path
) -> None:
    pipeline("run", shop / "157").well()
    process = pipeline.start("run", shop)
    copy = tmp_path / "copy.sqlite3"
    pipeline("ledger", "backup", copy).well()
    process.communicate(timeout=60)
    again = Command(tmp_path / "other")
    again.home.mkdir()
    shutil.copy(copy, ledger_of(again))
    assert "whole" in again("ledger", "check").well().out
    assert "there already" in pipeline("ledger", "backup", copy).err


@pytest.mark.parametrize("loss", ["lost", "damaged", "an old copy"])
def test_a_rebuilt_ledger_uploads_nothing_twice_and_knows_the_stores_ids(
    pipeline: Command, store: StoreProcess, shop: Path, tmp_path: Path, loss: str
) -> None:
    pipeline("run", shop / "157").well()
    copy = tmp_path / "copy.sqlite3"
    pipeline("ledger", "backup", copy).well()
    pipeline("run", shop).well()
    before = {product: store.images(product) for product in (157, 158)}
    file = ledger_of(pipeline)
    if loss == "damaged":
        file.write_bytes(b"no database at all" * 1000)
    else:
        file.unlink()
        if loss == "an old copy":
            shutil.copy(copy, file)
    photograph(shop / "158" / "new.jpg", 99)
    posts = [entry for entry in store.seen() if entry["method"] == "POST"]
    rebuilt = pipeline("ledger", "rebuild", shop).well()
    assert "1 not in the shop" in rebuilt.out
    assert [entry for entry in store.seen() if entry["method"] == "POST"] == posts
    run = pipeline("run", "--json", shop).well()
    assert (run.counts["stored"], run.counts["already_stored"]) == (1, 6)
    after = {product: store.images(product) for product in (157, 158)}
    assert after[157] == before[157]
    assert [image["id"] for image in after[158][:3]] == [image["id"] for image in before[158]]
    assert len(after[158]) == 4
    pipeline("ledger", "check").well()
    pipeline("verify").well()


def test_verify_is_content_where_ledger_and_store_agree(pipeline: Command, shop: Path) -> None:
    pipeline("run", shop).well()
    assert "6 stored, 0 differences" in pipeline("verify").well().out


def test_verify_tells_what_is_missing_unknown_twice_and_changed(
    pipeline: Command, store: StoreProcess, shop: Path
) -> None:
    run = pipeline("run", "--json", shop / "158").well()
    first, second, third = (photo["image_id"] for photo in run.document["photographs"])
    store.call("DELETE", f"/catalog/products/158/images/{first}")
    store.put(158, second, sort_order=40)
    store.put(158, third, is_thumbnail=True)
    store.upload(158, (shop / "158" / "3.jpg").read_bytes(), "by-hand.jpg")
    name = run.document["photographs"][2]["upload_name"]
    store.upload(158, (shop / "158" / "3.jpg").read_bytes(), name)
    told = pipeline("verify", "--json")
    assert told.status == 1
    kinds = {(one["kind"], one["image_id"]) for one in told.document}
    assert {("missing", first), ("order", second), ("thumbnail", third)} <= kinds
    assert {kind for kind, image in kinds if image not in (first, second, third)} == {
        "unknown",
        "twice",
    }


def test_verify_advises_to_delete_only_what_it_has_seen_to_be_there_twice(
    pipeline: Command, store: StoreProcess, shop: Path
) -> None:
    run = pipeline("run", "--json", shop / "158").well()
    alike, retouched, described = run.document["photographs"]

    def again(photo: dict[str, Any], of: dict[str, Any], **facts: str) -> int:
        content = store.original(of["image_id"])
        made: int = store.upload(158, content, photo["upload_name"], **facts).json()["data"]["id"]
        return made

    first = again(alike, alike)
    second = again(retouched, alike)
    third = again(described, described, description="by hand")
    store.put(158, described["image_id"], sort_order=77)
    told = {one["image_id"]: one["sentence"] for one in pipeline("verify", "--json").document}
    assert told[first].endswith(f"delete image {first}")
    assert "they are not the same; look at both" in told[second]
    assert f"image {third} has words of its own; look at both" in told[third]


def test_verify_repair_puts_back_what_is_missing_and_nothing_else(
    pipeline: Command, store: StoreProcess, shop: Path
) -> None:
    run = pipeline("run", "--json", shop / "158").well()
    gone = run.document["photographs"][1]["image_id"]
    store.call("DELETE", f"/catalog/products/158/images/{gone}")
    told = pipeline("verify", "--repair").well()
    assert "1 mended" in told.out
    images = store.images(158)
    assert len(images) == 3
    assert gone not in [image["id"] for image in images]
    assert "0 differences" in pipeline("verify").well().out
    assert len(store.images(158)) == 3


def test_what_is_missing_under_its_id_but_there_under_another_is_not_uploaded_again(
    pipeline: Command, store: StoreProcess, shop: Path
) -> None:
    run = pipeline("run", "--json", shop / "158").well()
    photo = run.document["photographs"][0]
    store.call("DELETE", f"/catalog/products/158/images/{photo['image_id']}")
    store.upload(158, (shop / "158" / "3.jpg").read_bytes(), photo["upload_name"])
    pipeline("verify", "--repair")
    assert len(store.images(158)) == 3
    assert "0 differences" in pipeline("verify").well().out


def test_an_original_that_is_gone_cannot_be_put_back_and_that_is_said(
    pipeline: Command, store: StoreProcess, shop: Path
) -> None:
    run = pipeline("run", "--json", shop / "158").well()
    photo = run.document["photographs"][0]
    store.call("DELETE", f"/catalog/products/158/images/{photo['image_id']}")
    Path(photo["path"]).unlink()
    told = pipeline("verify", "--repair")
    assert told.status == 1
    assert "0 mended" in told.out
    assert "it could not be put back (refused): the file was gone" in told.out
    assert len(store.images(158)) == 2


def test_what_is_uploaded_while_it_is_compared_is_no_stranger(
    pipeline: Command, store: StoreProcess, shop: Path
) -> None:
    pipeline("run", shop / "158").well()
    slow = {"do": "delay", "when": "before", "seconds": 2.5, "method": "GET", "times": 1}
    store.misbehave({**slow, "path": "/catalog/products"})
    before = len(store.seen())
    verify = pipeline.start("verify")
    until(lambda: len(store.seen()) > before)
    photograph(shop / "158" / "new.jpg", 99)
    pipeline("run", shop / "158").well()
    out, _ = verify.communicate(timeout=60)
    assert verify.returncode == 0, out
    assert "4 stored, 0 differences" in out


def test_a_rebuilt_ledger_tells_of_what_another_product_has_and_of_strangers(
    pipeline: Command, store: StoreProcess, shop: Path
) -> None:
    pipeline("run", shop / "157").well()
    pipeline("run", "--product", 157, photograph(shop / "158" / "moved.jpg", 50)).well()
    store.upload(157, (shop / "157" / "2.jpg").read_bytes(), "by-hand.jpg")
    ledger_of(pipeline).unlink()
    rebuilt = pipeline("ledger", "rebuild", shop / "157", shop / "158" / "moved.jpg").well()
    assert "3 taken over" in rebuilt.out
    assert re.search(r"moved\.jpg: product 157 has it as image \d+", rebuilt.out)
    assert "1 image of these products without our marks" in rebuilt.out
