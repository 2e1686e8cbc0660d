"""What an earlier version has left behind is read, gone on with, and sent once.

The home folder in `tests/golden` was made by commit 6074a75 (see `tests/golden/make_home.py`): a
watcher was killed in it, runs were cut off at every step, two shots lie noted down.
"""

from __future__ import annotations

import json
import re
import sqlite3
import sys
import tarfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.golden import GOLDEN
from tests.localstore.process import StoreProcess
from tests.stories.commands import Command, photograph, until

MADE_IN = "/var/tmp/studio-6074a75"

LEFT = {
    "received": 1,
    "validated": 1,
    "prepared": 1,
    "uploading": 2,
    "stored": 4,
    "waiting": 1,
    "refused": 1,
    "failed": 1,
    "removed": 1,
    "not_for_upload": 1,
}

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="its paths are those of POSIX")


@pytest.fixture
def studio(tmp_path: Path) -> Path:
    """The folders as they were left, moved here."""
    with tarfile.open(GOLDEN / "home-6074a75.tar.xz") as packed:
        # Python before 3.11.4 (Debian 12's) has no filters.
        packed.extraction_filter = getattr(tarfile, "data_filter", None)
        packed.extractall(tmp_path)
    old, new = MADE_IN.encode(), str(tmp_path).encode()
    for file in [tmp_path / "home/watch.json", *(tmp_path / "home/tray").iterdir()]:
        file.write_bytes(file.read_bytes().replace(old, new))
    with closing(sqlite3.connect(tmp_path / "home/ledger.sqlite3")) as ledger, ledger:
        for table, column in (
            ("photos", "path"),
            ("photos", "root"),
            ("arrivals", "path"),
            ("files", "path"),
        ):
            ledger.execute(
                f"UPDATE {table} SET {column} = CAST(replace("
                f"CAST({column} AS TEXT), ?, ?) AS BLOB)",
                (MADE_IN, str(tmp_path)),
            )
    return tmp_path


@pytest.fixture
def store(studio: Path) -> Iterator[StoreProcess]:
    """The store of then, with the images that it had."""
    with StoreProcess(studio / "store", "--open", "--plan", "unlimited") as process:
        yield process


@pytest.fixture
def pipeline(studio: Path, store: StoreProcess) -> Command:
    return Command(studio / "home", store, settle_after=1, patience=30)


def photos(pipeline: Command) -> dict[str, Any]:
    """Return the documents of all photographs by file name."""
    listed = pipeline("list", "--json").well().document
    return {Path(one["path"]).name: one for one in listed}


def assert_each_is_there_once(pipeline: Command, store: StoreProcess) -> None:
    """Every photograph that is said to be stored is one image, and no image is anything else."""
    listed = pipeline("list", "--json").well().document
    stored = [one for one in listed if one["state"] == "stored"]
    for product in {one["product_id"] for one in listed if one["product_id"]}:
        answer = store.call("GET", f"/catalog/products/{product}/images")
        images = answer.json()["data"] if answer.status_code == 200 else []
        ours = [one for one in stored if one["product_id"] == product]
        assert {one["id"] for one in images} == {one["image_id"] for one in ours}
        assert len(images) == len(ours)
        digests = [re.findall(r"-([0-9a-f]{10})__", one["image_file"])[0] for one in images]
        assert sorted(digests) == sorted(one["sha256"][:10] for one in ours)
    assert pipeline("verify", "--json").well().document == []


def test_all_of_it_is_read(pipeline: Command, studio: Path) -> None:
    status = pipeline("status", "--json").well().document
    assert status["counts"] == LEFT
    assert status["noted_down"] == 2
    assert "ended without a word" in pipeline("status").well().out
    any_owner = photos(pipeline)
    assert len(any_owner) == sum(LEFT.values())
    with ThreadPoolExecutor(2) as pool:
        paths = [photo["path"] for photo in any_owner.values()]
        stories = pool.map(lambda path: pipeline("history", "--json", path).well(), paths)
    for (name, photo), story in zip(any_owner.items(), stories, strict=True):
        (told,) = story.document
        assert told["history"], name
        assert told["history"][-1]["state"] == photo["state"], name
    (sent,) = pipeline("history", "--json", studio / "shop/165/sent.png").document
    assert (sent["upload_name"][:5], sent["passthrough"]) == ("sent-", True)
    assert (sent["rule"], sent["original_format"]) == ("its folder is named 165", "PNG")
    (made,) = pipeline("history", "--json", studio / "shop/158/mug_3.bmp").document
    assert (made["format"], made["passthrough"]) == ("JPEG", False)
    assert made["image"]["product_id"] == 158
    assert pipeline("ledger", "check").well().out.startswith("Our records are whole")
    assert pipeline("table").well().out == "On the table: SM-13\n"
    line = pipeline("service", "logs", "--json", "-n", "1").well().out
    assert json.loads(line)["message"]


def test_a_run_goes_on_where_they_were_cut_off(
    pipeline: Command, store: StoreProcess, studio: Path
) -> None:
    ran = pipeline("run", "--json", studio / "shop")
    assert ran.status == 1, ran.err
    assert ran.document["error"] is None
    states = {name: one["state"] for name, one in photos(pipeline).items()}
    assert states == {
        "mug_1.png": "stored",
        "mug_2.jpg": "stored",
        "mug_2.CR3": "refused",
        "mug_3.bmp": "stored",
        "notes.jpg": "refused",
        "removed.png": "removed",
        "rejected.png": "stored",
        "IMG_0007.png": "waiting",
        "IMG_0001.png": "stored",
        "received.png": "stored",
        "validated.png": "stored",
        "prepared.png": "stored",
        "not-sent.png": "stored",
        "sent.png": "stored",
    }
    # The one that had been sent was found, and all that had been stored is left alone.
    assert ran.document["posts"] == 5
    assert_each_is_there_once(pipeline, store)
    again = pipeline("run", "--json", studio / "shop")
    assert again.document["posts"] == 0


def test_a_watcher_takes_in_the_shots_that_were_noted_down(
    pipeline: Command, store: StoreProcess, studio: Path
) -> None:
    watcher = pipeline.start("watch", studio / "shop")
    try:
        until(lambda: pipeline("status", "--json").document["noted_down"] == 0)
        # It goes on with all that was cut off, too, and what the store had refused it leaves.
        until(lambda: pipeline("status", "--json").document["counts"]["stored"] == 12)
    finally:
        watcher.terminate()
        watcher.communicate(timeout=30)
    assert watcher.returncode == 0
    shots = [photos(pipeline)[f"IMG_000{number}.png"] for number in (1, 2, 3)]
    assert {one["product_id"] for one in shots} == {10002}
    assert {one["rule"] for one in shots} == {"the SKU SM-13 was on the table"}
    assert_each_is_there_once(pipeline, store)


def test_the_next_shot_starts_an_engine_that_takes_in_those_before(
    pipeline: Command, store: StoreProcess, studio: Path
) -> None:
    pipeline("hook", photograph(studio / "shoot/IMG_0004.png")).well()
    until(lambda: pipeline("status", "--json").document["noted_down"] == 0)
    names = [f"IMG_000{number}.png" for number in (1, 2, 3, 4)]
    until(lambda: all(photos(pipeline)[name]["state"] == "stored" for name in names))
    assert {photos(pipeline)[name]["product_id"] for name in names} == {10002}
    assert len(store.images(10002)) == 4
