"""What a run says: on a terminal's two streams, as JSON, quietly, and in a rehearsal."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.localstore.process import StoreProcess
from tests.stories.commands import Command, photograph


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Of each outcome one: stored twice the same, waiting, refused."""
    shop = tmp_path / "shop"
    photograph(shop / "158" / "one.jpg", 1)
    photograph(shop / "158" / "the same.jpg", 1)
    photograph(shop / "158" / "two.png", 2)
    photograph(shop / "holiday" / "beach.jpg", 3)
    (shop / "158" / "empty.jpg").touch()
    return shop


def test_the_table_balances(pipeline: Command, shop: Path) -> None:
    run = pipeline("run", shop)
    assert run.status == 1
    numbers = {
        name: int(number) for number, name in re.findall(r"^ *(\d+)  (\w+(?: \w+)?)", run.out, re.M)
    }
    assert numbers == {
        "found": 5,
        "stored": 2,
        "already stored": 1,
        "waiting": 1,
        "refused": 1,
        "failed": 0,
    }


def test_without_a_terminal_there_are_plain_lines(pipeline: Command, shop: Path) -> None:
    run = pipeline("run", shop)
    assert "\x1b" not in run.out + run.err
    assert re.search(
        r"^stored .*two\.png: product 158, image \d+, 320 × 240, \d+ bytes$", run.err, re.M
    )
    assert re.search(r"^waiting .*beach\.jpg: nobody knows its product: .*--product", run.err, re.M)


def test_what_mends_all_that_waits_is_said_once(pipeline: Command, tmp_path: Path) -> None:
    for number, name in enumerate(("beach.jpg", "forest.jpg", "hills.jpg")):
        photograph(tmp_path / "trip" / name, 40 + number)
    for quiet in ((), ("--quiet",)):
        run = pipeline("run", *quiet, tmp_path / "trip").well()
        said = run.err if quiet else run.out
        assert len(re.findall(r"^waiting .*\.jpg: nobody knows its product$", said, re.M)) == 3
        assert said.count("give --product or --sku") == 1


def test_quiet_says_only_what_needs_eyes(pipeline: Command, shop: Path) -> None:
    run = pipeline("run", "--quiet", shop)
    assert run.out == ""
    lines = sorted(line.split()[0] for line in run.err.splitlines())
    assert lines == ["refused", "waiting"]
    for name in ("holiday/beach.jpg", "158/empty.jpg"):
        (shop / name).unlink()
    again = pipeline("run", "--quiet", shop).well()
    assert again.out + again.err == ""


def test_json_is_the_only_thing_on_standard_output(pipeline: Command, shop: Path) -> None:
    run = pipeline("run", "--json", shop)
    assert run.status == 1
    counts = run.counts
    assert counts["found"] == sum(counts.values()) - counts["found"] == 5
    outcomes = {Path(p["path"]).name: p["outcome"] for p in run.document["photographs"]}
    assert outcomes["beach.jpg"] == "waiting"
    assert outcomes["empty.jpg"] == "refused"
    assert sorted([outcomes["one.jpg"], outcomes["the same.jpg"]]) == ["already_stored", "stored"]


def test_a_waiting_photograph_alone_is_no_trouble_and_goes_once_it_is_told_whose_it_is(
    pipeline: Command, tmp_path: Path
) -> None:
    path = photograph(tmp_path / "holiday" / "beach.jpg")
    assert pipeline("run", "--json", path).well().counts["waiting"] == 1
    told = pipeline("run", "--json", "--product", 158, path).well()
    assert told.counts["stored"] == 1
    assert pipeline("run", "--json", path).well().counts["already_stored"] == 1


def test_a_sku_given_for_all_is_asked_from_the_catalogue(
    pipeline: Command, store: StoreProcess, tmp_path: Path
) -> None:
    path = photograph(tmp_path / "holiday" / "beach.jpg")
    run = pipeline("run", "--json", "--sku", "SM-13", path).well()
    (line,) = run.document["photographs"]
    assert line["rule"] == "the SKU SM-13 was given"
    assert len(store.images(line["product_id"])) == 1


def test_a_rehearsal_says_what_would_happen_and_does_none_of_it(
    pipeline: Command, store: StoreProcess, shop: Path
) -> None:
    before = sorted(shop.rglob("*"))
    run = pipeline("run", "--dry-run", shop)
    assert run.status == 1
    assert re.search(r"^Product 158 \(.+\):$", run.out, re.M)
    assert re.search(r"^  1  .*\.jpg: .*; its folder is named 158$", run.out, re.M)
    assert re.search(r"^  2  .*two\.png: .*; its folder is named 158$", run.out, re.M)
    assert re.search(r"^ *2  would be stored", run.out, re.M)
    assert {request["method"] for request in store.seen()} == {"GET"}
    assert not pipeline.home.exists()
    assert sorted(shop.rglob("*")) == before


def test_a_rehearsal_names_a_picture_once_and_asks_for_the_product_that_was_given(
    pipeline: Command, tmp_path: Path, shop: Path
) -> None:
    run = pipeline("run", "--dry-run", shop)
    assert len(re.findall(r"^  \d  ", run.out, re.M)) == 2
    with StoreProcess(tmp_path / "closed", "--plan", "unlimited", as_described=False) as closed:
        elsewhere = Command(tmp_path / "other home", closed)
        wrong = elsewhere("run", "--dry-run", "--product", "999", shop)
    assert wrong.status == 2
    assert "no product 999" in wrong.err


def test_a_rehearsal_knows_what_is_stored_already(pipeline: Command, shop: Path) -> None:
    pipeline("run", "--json", shop)
    photograph(shop / "158" / "three.jpg", 5)
    run = pipeline("run", "--dry-run", "--json", shop)
    assert (run.counts["stored"], run.counts["already_stored"]) == (1, 3)
    assert run.document["posts"] == 0
    assert pipeline("run", "--json", shop).counts["stored"] == 1


def test_what_others_leave_about_is_not_touched(pipeline: Command, tmp_path: Path) -> None:
    shop = tmp_path / "158"
    photograph(shop / "a.jpg", 1)
    for name in (".hidden.jpg", "._a.jpg", ".DS_Store", "Thumbs.db", "b.jpg.part", "c.crdownload"):
        (shop / name).write_bytes(b"not a photograph")
    (shop / "@eaDir").mkdir()
    (shop / "@eaDir" / "a.jpg").write_bytes(b"not a photograph")
    outside = photograph(tmp_path / "outside" / "o.jpg", 2)
    (shop / "link.jpg").symlink_to(outside)
    run = pipeline("run", "--json", shop).well()
    assert run.counts["found"] == 1
    assert re.search(r"one link was not followed \(.*link\.jpg\)", run.err)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run"], "PATHS"),
        (["run", "no-such-folder"], "no-such-folder"),
        (["run", "--product", "0", "."], "--product"),
        (["run", "--product", "1", "--sku", "a", "."], "not both"),
        (["run", "--workers", "0", "."], "workers"),
        (["run", "--config", "no-such.toml", "."], "no-such.toml"),
        (["retry"], "--failed"),
        (["nonsense"], "nonsense"),
    ],
)
def test_a_wrong_call_ends_with_2_and_says_what_is_wrong(
    pipeline: Command, arguments: list[str], words: str
) -> None:
    run = pipeline(*arguments)
    assert (run.status, run.out) == (2, "")
    assert words in run.err


def test_a_wrong_setting_is_named_with_where_it_came_from(pipeline: Command, shop: Path) -> None:
    run = pipeline("run", shop, environment={"PIPELINE_MAX_BYTES": "1 MB"})
    assert run.status == 2
    assert "max_bytes from environment variable PIPELINE_MAX_BYTES" in run.err


def test_a_token_that_is_not_good_stops_and_is_not_shown(
    pipeline: Command, store: StoreProcess, shop: Path
) -> None:
    wrong = {"BIGCOMMERCE_ACCESS_TOKEN": "a-very-secret-token"}
    run = pipeline("run", shop, environment=wrong)
    assert run.status == 2
    assert "token" in run.err
    assert "a-very-secret-token" not in run.out + run.err
    assert "of originals became" not in run.out
    assert re.search(r"^Ended early .*token.*: 4 not sent", run.out, re.M)
    rows = re.findall(r"^not sent /.*: the shop rejected the access token", run.out, re.M)
    assert len(rows) == 4, run.out
    assert store.images(158) == []
    again = pipeline("run", "--json", shop, environment=wrong)
    assert again.status == 2
    assert again.document["interrupted"] is False
    assert "token" in again.document["error"]
    assert (again.counts["not_sent"], again.counts["failed"]) == (4, 0)
    kept = [one for one in again.document["photographs"] if one["state"] != "refused"]
    for one in kept:
        assert one["outcome"] == "not_sent"
        assert one["sentence"].startswith("not sent: the shop rejected the access token"), one
    assert "not sent" in pipeline("list", "--state", "not_finished").well().out
    assert pipeline("list", "--state", "failed").well().out.endswith("\nNone has failed.\n")
    assert pipeline("run", "--json", shop).counts["stored"] == 2
