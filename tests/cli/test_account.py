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


def test_many_of_a_folder_that_wait_alike_are_one_row_on_a_screen(tmp_path: Path) -> None:
    """Forty that nobody knows are no reason to scroll through forty times the same."""
    with StoreProcess(tmp_path / "store", "--open", "--plan", "unlimited") as store:
        pipeline = Command(tmp_path / "home", store)
        for number, name in enumerate(("sea", "sand", "sun", "shell")):
            photograph(tmp_path / "in" / "beach" / f"{name}.jpg", number)
        photograph(tmp_path / "in" / "hills" / "one.jpg", 9)
        pipeline("run", tmp_path / "in")
        out = pipeline("report").well().out
    beach = tmp_path / "in" / "beach"
    assert f"{beach}: 4 photographs, sand.jpg …" in out
    assert f"pipeline assign --waiting {beach} --sku SKU" in out
    assert "sun.jpg" not in out
    assert f"pipeline run --sku SKU {tmp_path / 'in' / 'hills' / 'one.jpg'}" in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--json", "--csv"), "give --json or --csv, not both"),
        (("--since", "soon"), "no moment"),
        (("--until", "soon"), "no moment"),
        (("--batch", "1", "--since", "today"), "give --batch, or a time"),
        (("--batch", "1", "--all-shops"), "a batch is of one shop"),
        (("--batch", "99"), "there is no batch 99 of this shop: `pipeline batches` lists them"),
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


def test_whatever_came_in_the_batches_of_a_day_have_it_all_and_each_its_own(
    tmp_path: Path,
) -> None:
    """Each run is a batch; what it left another one may send; the day's account is their sum."""
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    with StoreProcess(tmp_path / "store", "--open", "--plan", "unlimited") as store:
        pipeline = Command(tmp_path / "home", store)
        names: dict[int, set[str]] = {}
        for number in range(chance.randint(2, 4)):
            came = some_files(chance, tmp_path / f"shoot {number}")
            again = chance.choice([(), (tmp_path / "shoot 0",)]) if number else ()
            before = known_batches(pipeline)
            if chance.random() < 0.3:
                # The shop keeps all back: another one sends them.
                store.misbehave({"do": "answer", "method": "POST", "status": 503})
                pipeline("run", "--patience", 0.1, tmp_path / f"shoot {number}", *again)
                store.misbehave()
                new = known_batches(pipeline) - before
                pipeline("resume")
            else:
                pipeline("run", tmp_path / f"shoot {number}", *again)
                new = known_batches(pipeline) - before
            assert len(new) == 1, "what came in began one"
            names[new.pop()] = came
        assert pipeline("run", tmp_path / "shoot 0").status in (0, 1)
        every = known_batches(pipeline)
        (day,) = pipeline("report", "--json").well().document
        documents = {
            one: pipeline("report", "--json", "--batch", one).well().document[0] for one in every
        }
        rows = {
            one: csv_names(pipeline("report", "--csv", "--batch", one).well().out) for one in every
        }
        told = {one: pipeline("report", "--batch", one).well().out for one in every}
    for name in SUMS:
        assert day[name] == sum(one[name] for one in documents.values()), name
    for number, came in names.items():
        assert rows[number] == came
        assert documents[number]["batch"] == number
        found = documents[number]["found"]
        assert f"\nBatch {number} (run, " in f"\n{told[number]}"
        assert (f": {found} found" if found else ": nothing new was found") in told[number]
    others = set(rows) - set(names)
    assert all(rows[one] == set() for one in others), "what only sent brought nothing in"
    assert day["batch"] is None


SUMS = (
    *("found", "stored", "waiting", "refused", "failed", "removed", "not_for_upload"),
    "not_finished",
)


def some_files(chance: random.Random, shoot: Path) -> set[str]:
    """Put some files there, at least one of which is a picture, and return their names."""
    names = set()
    for number in range(chance.randint(1, 4)):
        folder = shoot / chance.choice(["158", "159", "holiday"])
        folder.mkdir(parents=True, exist_ok=True)
        kind = "picture" if number == 0 else chance.choice(["picture", "empty", "raw"])
        name = f"{shoot.name} {number}.{'nef' if kind == 'raw' else 'jpg'}"
        if kind == "picture":
            photograph(folder / name, chance.randrange(10**6))
        else:
            (folder / name).write_bytes(b"raw" if kind == "raw" else b"")
        names.add(name)
    return names


def known_batches(pipeline: Command) -> set[int]:
    return {one["batch"] for one in pipeline("batches", "--json").well().document}


def csv_names(out: str) -> set[str]:
    rows = csv.DictReader(io.StringIO(out.removeprefix("\ufeff"), newline=""))
    return {Path(row["file"]).name for row in rows}
