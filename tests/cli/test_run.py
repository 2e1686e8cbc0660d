"""`pipeline run`: what a call is told that is wrong, and the exit status of one that is right."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from tests.cli.conftest import Studio
from tests.localstore.process import StoreProcess
from tests.stories.commands import Command, photograph


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--product", "158", "--sku", "SM-13", "."), "give --product or --sku, not both"),
        (("--product", "0", "."), "--product"),
        (("--workers", "none", "."), "--workers"),
        (("no-such-folder",), "no-such-folder"),
        ((), "PATHS"),
    ],
)
def test_a_call_that_is_wrong_ends_with_2_and_says_what_is(
    studio: Studio, words: tuple[str, ...], said: str
) -> None:
    run = studio.pipeline("run", *words)
    assert run.status == 2
    assert said in run.err


def test_a_setting_that_is_wrong_is_named_with_its_flag(studio: Studio, tmp_path: Path) -> None:
    run = studio.pipeline("run", "--max-bytes", "5", photograph(tmp_path / "a.jpg"))
    assert run.status == 2
    assert "max_bytes" in run.err
    assert "flag --max-bytes" in run.err


def test_the_exit_status_tells_whether_some_were_refused(studio: Studio, tmp_path: Path) -> None:
    good = photograph(tmp_path / "159" / "a.jpg")
    assert studio.pipeline("run", "--quiet", good).status == 0
    bad = tmp_path / "159" / "b.jpg"
    bad.write_bytes(b"no picture at all")
    run = studio.pipeline("run", "--quiet", good, bad)
    assert run.status == 1
    assert run.out == ""
    assert "b.jpg" in run.err
    assert len(studio.store.images(159)) == 1


def test_a_rehearsal_for_a_product_that_is_not_there_ends_with_2(tmp_path: Path) -> None:
    products = tmp_path / "products.csv"
    products.write_text("id,sku,name\n158,SM-13,Mug\n")
    with StoreProcess(tmp_path / "store", "--catalogue", str(products)) as store:
        pipeline = Command(tmp_path / "home", store)
        run = pipeline("run", "--dry-run", "--product", "999", photograph(tmp_path / "a.jpg"))
    assert run.status == 2
    assert "the shop has no product 999" in run.err


def test_a_run_says_when_it_was_and_which_batch_it_is(tmp_path: Path) -> None:
    with StoreProcess(tmp_path / "store", "--open", "--plan", "unlimited") as store:
        pipeline = Command(tmp_path / "home", store)
        folder = photograph(tmp_path / "158" / "a.jpg", 1).parent
        rehearsed = pipeline("run", "--dry-run", "--json", folder).well().document
        assert rehearsed["batch"] is None
        first = pipeline("run", "--json", folder).well().document
        (batch,) = pipeline("batches", "--json").well().document
        assert first["batch"] == batch["batch"]
        began, ended = (datetime.fromisoformat(first[name]) for name in ("began_at", "ended_at"))
        assert began <= datetime.fromisoformat(batch["began_at"]) <= ended
        again = pipeline("run", "--json", folder).well().document
        assert again["batch"] is None, "it brought in nothing, and changed nothing"
        resumed = pipeline("resume", "--json").well().document
        assert resumed["batch"] is None
        assert len(pipeline("batches", "--json").well().document) == 1
