"""What stands aside is made due again, and it is said how many that are and what comes next."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Studio
from tests.localstore.process import StoreProcess
from tests.stories.commands import Command, photograph


def test_retry_of_what_the_ledger_does_not_know_says_so(studio: Studio) -> None:
    run = studio.pipeline("retry", "never-seen.jpg")
    assert run.status == 1
    assert "nothing is known of never-seen.jpg" in run.err


def test_retry_wants_to_know_which(studio: Studio) -> None:
    run = studio.pipeline("retry")
    assert run.status == 2
    assert "name files or folders, or give --failed" in run.err


def test_retry_leaves_what_is_stored_alone(studio: Studio) -> None:
    assert "is stored: nothing to try again" in studio.pipeline("retry", studio.stored).well().out
    told = studio.pipeline("retry", "--failed").well().out
    assert told == "Nothing there is to be tried again.\n"


@pytest.mark.parametrize("words", [("--failed", "--state", "waiting"), ("--reason", "ugly")])
def test_a_wrong_call_says_so(studio: Studio, words: tuple[str, ...]) -> None:
    assert studio.pipeline("retry", *words).status == 2


def test_a_folder_is_taken_up_with_all_below_it_and_resume_sends_it(tmp_path: Path) -> None:
    with StoreProcess(tmp_path / "store", "--open", "--plan", "unlimited") as store:
        pipeline = Command(tmp_path / "home", store)
        shop = tmp_path / "shop"
        for number, name in enumerate("abc"):
            photograph(shop / "158" / f"{name}.png", number)
        cut = shop / "158" / "a.png"
        cut.write_bytes(cut.read_bytes()[:200])
        photograph(tmp_path / "other" / "x.jpg", 9)
        (shop / "notes.txt").write_text("not for upload")
        assert pipeline("run", shop, tmp_path / "other").status == 1
        waits = pipeline("retry", "--state", "waiting", "--reason", "product_unknown").well().out
        assert "1 photograph is to be tried again" in waits
        told = pipeline("retry", shop).well().out
        assert told.splitlines()[0] == f"{cut} will be tried again"
        assert "1 photograph is to be tried again: `pipeline resume`" in told
        assert "notes.txt" not in told
        assert pipeline("resume", shop).status == 1, "it is cut off still"
        (image,) = (one for one in store.images(158) if "/b-" in one["image_file"])
        pipeline("images", "delete", "--yes", "158", image["id"]).well()
        assert "Nothing" in pipeline("retry", shop, "--state", "failed").well().out
        assert "b.png" not in pipeline("retry", shop).well().out
        assert (
            "b.png will be tried again" in pipeline("retry", shop, "--state", "removed").well().out
        )
        assert len(store.images(158)) == 1
        pipeline("resume", shop)
        assert len(store.images(158)) == 2


def test_many_are_counted(tmp_path: Path) -> None:
    with StoreProcess(tmp_path / "store", "--open", "--plan", "unlimited") as store:
        pipeline = Command(tmp_path / "home", store)
        for number in range(23):
            photograph(tmp_path / "beach" / f"{chr(ord('a') + number)}.png", number)
        pipeline("run", tmp_path / "beach")
        told = pipeline("retry", tmp_path / "beach").well().out.splitlines()
    assert len(told) == 22
    assert told[-2:] == [
        "and 3 more",
        "23 photographs are to be tried again: `pipeline resume` does it now.",
    ]


def test_programs_are_told_of_each_whether_it_is_tried_again(studio: Studio) -> None:
    (row,) = studio.pipeline("retry", "--json", studio.stored).well().document
    assert (row["path"], row["state"]) == (str(studio.stored), "stored")
    assert row["tried_again"] is False
    assert studio.pipeline("retry", "--json", "--failed").well().document == []
    (row,) = studio.pipeline("retry", "--json", studio.waiting).well().document
    assert (row["state"], row["reason"], row["tried_again"]) == ("waiting", "product_unknown", True)
    unknown = studio.pipeline("retry", "--json", "never-seen.jpg")
    assert (unknown.status, unknown.document) == (1, [])
    assert "nothing is known of never-seen.jpg" in unknown.err
