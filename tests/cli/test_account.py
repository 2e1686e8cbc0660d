"""The account of a day: the real command over photographs that were sent, wait and were refused."""

from __future__ import annotations

import csv
import io
import random
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.cli.conftest import Studio
from tests.localstore.process import StoreProcess
from tests.stories.commands import Command, photograph


def test_it_says_what_came_of_what_was_found_and_who_needs_somebody(studio: Studio) -> None:
    out = studio.pipeline("report").well().out
    assert ": 3 found, 1 in the shop, 1 refused, 1 waiting for its product." in out
    (row,) = (line for line in out.splitlines() if line.split()[:1] == ["158"])
    assert row.split()[1:5] == ["158", "Product", "158", "1"], "as the shop calls it"
    assert "2 photographs need somebody:" in out
    assert "beach.jpg: nobody knows" in out
    assert f"again. Once the file is mended: pipeline run {studio.refused}" in out


def test_its_sums_are_those_of_status(studio: Studio) -> None:
    today = studio.pipeline("status").well().out
    (told,) = (line for line in today.splitlines() if line.startswith("Today: "))
    report = studio.pipeline("report", "--since", "today").well().out
    (account,) = (line for line in report.splitlines() if line.startswith("Since "))
    assert account.partition(": ")[2].split(" ", 1)[1].endswith(told.removeprefix("Today: 3 "))


def test_as_json_and_as_csv_programs_get_the_same(studio: Studio) -> None:
    (document,) = studio.pipeline("report", "--json").well().document
    assert (document["found"], document["stored"], document["waiting"]) == (3, 1, 1)
    assert [row["product_id"] for row in document["products"]] == [158]
    assert {Path(row["path"]).name for row in document["need_somebody"]} == {
        "beach.jpg",
        "empty.jpg",
    }
    out = studio.pipeline("report", "--csv").well().out
    assert out.startswith("\ufeff"), "Excel takes it for UTF-8"
    rows = list(csv.DictReader(io.StringIO(out.removeprefix("\ufeff"), newline="")))
    assert [(Path(row["file"]).name, row["state"]) for row in rows] == [
        ("empty.jpg", "refused"),
        ("front.jpg", "stored"),
        ("beach.jpg", "waiting"),
    ]
    assert rows[1]["image_id"]
    mends = {
        "empty.jpg": f"pipeline run {studio.refused}",
        "beach.jpg": f"pipeline run --sku SKU {studio.waiting}",
    }
    assert {Path(row["path"]).name: row["mend"] for row in document["need_somebody"]} == mends
    assert {Path(row["file"]).name: row["to_mend"] for row in rows} == {**mends, "front.jpg": ""}


def test_only_what_lies_there_and_was_found_then_is_counted(studio: Studio) -> None:
    inside = studio.pipeline("report", studio.waiting.parent).well().out
    assert ": 1 found, 0 in the shop, 1 waiting for its product." in inside
    later = (datetime.now() + timedelta(days=1)).strftime("%Y-%m-%d")
    assert "nothing new was found." in studio.pipeline("report", "--since", later).well().out
    before = studio.pipeline("report", "--since", "2026-01-01", "--until", "yesterday").well().out
    assert "From 2026-01-01 00:00 to " in before
    assert "nothing new was found." in before


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--json", "--csv"), "give --json or --csv, not both"),
        (("--since", "soon"), "no moment"),
        (("--until", "soon"), "no moment"),
    ],
)
def test_what_makes_no_sense_is_said(studio: Studio, words: tuple[str, ...], said: str) -> None:
    end = studio.pipeline("report", *words)
    assert end.status == 2
    assert said in end.err


def test_whatever_happened_it_says_of_today_what_status_says(tmp_path: Path) -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    photos = tmp_path / "photos"
    with StoreProcess(tmp_path / "store", "--open", "--plan", "unlimited") as store:
        pipeline = Command(tmp_path / "home", store)
        for number in range(chance.randint(5, 9)):
            folder = photos / chance.choice(["158", "159", "holiday"])
            folder.mkdir(parents=True, exist_ok=True)
            match chance.choice(["picture", "empty", "raw"]):
                case "picture":
                    photograph(folder / f"{number}.jpg", number)
                case "empty":
                    (folder / f"{number}.jpg").touch()
                case _:
                    (folder / f"{number}.nef").write_bytes(b"raw")
        pipeline("run", photos)
        if images := store.images(158):
            pipeline("images", "delete", "158", chance.choice(images)["id"], "--yes").well()
        lines = pipeline("status").well().out.splitlines()
        (today,) = (line for line in lines if line.startswith("Today: "))
        (account,) = (
            line for line in pipeline("report").well().out.splitlines() if line.startswith("Since ")
        )
        counts = pipeline("status", "--json").well().document["today"]
        (document,) = pipeline("report", "--json").well().document
    assert account.endswith(today.removeprefix("Today"))
    for name in ("stored", "waiting", "refused", "failed", "removed", "not_for_upload"):
        assert document[name] == counts[name]
    on_their_way = ("received", "validated", "prepared", "uploading")
    assert document["not_finished"] == sum(counts[name] for name in on_their_way)
    assert document["stored_of_earlier"] == 0
