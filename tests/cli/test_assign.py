"""What `pipeline assign` refuses, shows before, and tells; whole stories are in `tests/stories`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.localstore.process import StoreProcess
from tests.servers import local_store
from tests.stories.commands import Command, photograph


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[StoreProcess]:
    catalogue = "13,SM-13,Red mug,\n14,SM-14,Blue mug,\n"
    with local_store(tmp_path / "shop", catalogue=catalogue) as store:
        yield store


@pytest.fixture
def pipeline(tmp_path: Path, shop: StoreProcess) -> Command:
    return Command(tmp_path / "home", shop, plain_ids=False, settle_after=1)


def test_what_is_wrong_in_the_call_ends_with_2_and_changes_nothing(
    tmp_path: Path, pipeline: Command
) -> None:
    file = photograph(tmp_path / "a.jpg")
    for words, said in (
        ((file,), "say whose they are"),
        (("--sku", "SM-13"), "name files, or give --waiting"),
        ((file, "--waiting", tmp_path, "--sku", "SM-13"), "one of these"),
        ((file, "--sku", "SM-13", "--product", "13"), "not both"),
        ((file, "--sku", "SM-31"), "no product with the SKU SM-31"),
        ((file, "--product", "99"), "no product 99"),
        ((tmp_path / "no*.jpg", "--sku", "SM-13"), "no file is there that"),
    ):
        run = pipeline("assign", *words)
        assert run.status == 2, run
        assert said in " ".join(run.err.split()), run.err
    assert "0" in pipeline("status").out
    assert pipeline("list", "--json").document == []


def test_a_dry_run_shows_what_would_be_done_and_does_nothing(
    tmp_path: Path, pipeline: Command, shop: StoreProcess
) -> None:
    waits = photograph(tmp_path / "shoot" / "IMG_0001.jpg", 1)
    new = photograph(tmp_path / "shoot" / "IMG_0002.jpg", 2)
    pipeline("run", waits).well()
    told = pipeline("assign", tmp_path / "shoot", "--sku", "SM-13", "--dry-run").well().out
    assert told.splitlines() == [
        f"{waits}: waiting, would go to product 13",
        f"{new}: new, would go to product 13",
        "2 photographs would go to product 13. Nothing was changed.",
    ]
    assert shop.images(13) == []
    (only,) = pipeline("list", "--json").document
    assert only["state"] == "waiting"
    asked = ("assign", waits, "--sku", "SM-13", "--dry-run", "--json")
    (one,) = pipeline(*asked).well().document
    assert (one["product_id"], one["assigned"], one["obstacle"]) == (13, True, None)
    assert one["photograph"]["state"] == "waiting"


def test_what_cannot_be_taken_in_is_named_with_the_reason(
    tmp_path: Path, pipeline: Command, shop: StoreProcess
) -> None:
    good = photograph(tmp_path / "good.jpg", 1)
    empty = tmp_path / "empty.jpg"
    empty.touch()
    run = pipeline("assign", good, empty, tmp_path / "gone.jpg", "--sku", "SM-13", "--json")
    assert run.status == 1
    by_name = {Path(one["path"]).name: one for one in run.document}
    assert by_name["good.jpg"]["photograph"]["state"] == "stored"
    assert "empty" in by_name["empty.jpg"]["why_not"]
    assert not by_name["gone.jpg"]["assigned"]
    assert len(shop.images(13)) == 1
