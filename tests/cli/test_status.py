"""Asking the ledger: status, list and history; and retry, which says what is due again."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.lifecycle import State
from tests.cli.conftest import Studio
from tests.stories.commands import Command

FACTS = [
    "path",
    "state",
    "reason",
    "product_id",
    "image_id",
    "upload_name",
    "bytes",
    "width",
    "height",
    "format",
    "sha256",
]


def test_status_counts_by_state(studio: Studio) -> None:
    document = studio.pipeline("status", "--json").well().document
    assert set(document["counts"]) == {*map(str, State), "not_for_upload"}
    assert {name: n for name, n in document["counts"].items() if n} == {
        "stored": 1,
        "waiting": 1,
        "refused": 1,
    }
    shown = studio.pipeline("status").well().out
    assert "1  stored" in shown
    assert "3  in all" in shown


def test_list_gives_one_line_a_photograph_with_the_sentence(studio: Studio) -> None:
    lines = studio.pipeline("list").well().out.splitlines()
    assert len(lines) == 4
    (waits,) = (line for line in lines if line.startswith("waiting"))
    assert str(studio.waiting) in waits
    assert "nobody knows its product" in waits


def test_list_as_json_holds_what_programs_need(studio: Studio) -> None:
    photos = {Path(p["path"]).name: p for p in studio.pipeline("list", "--json").well().document}
    for photo in photos.values():
        assert set(FACTS) <= set(photo)
    stored = photos["front.jpg"]
    (image,) = studio.store.images(158)
    assert stored["image_id"] == image["id"]
    assert stored["upload_name"].startswith("front-")
    assert (stored["width"], stored["height"], stored["format"]) == (320, 240, "JPEG")
    assert stored["bytes"] == studio.stored.stat().st_size
    assert photos["empty.jpg"]["reason"] == "empty"


@pytest.mark.parametrize("state", list(State))
def test_list_can_be_asked_for_one_state(studio: Studio, state: State) -> None:
    photos = studio.pipeline("list", "--state", state, "--json").well().document
    assert all(photo["state"] == state for photo in photos)
    assert len(photos) == (state in (State.STORED, State.WAITING, State.REFUSED))


def test_history_tells_every_step_in_sentences(studio: Studio) -> None:
    told = studio.pipeline("history", studio.stored).well().out
    steps = [
        "received as",
        "is a whole JPEG",
        "prepared as",
        "going up to the store",
        "stored as image",
    ]
    places = [told.index(step) for step in steps]
    assert places == sorted(places)


def test_history_of_an_unknown_file_says_so(studio: Studio) -> None:
    run = studio.pipeline("history", "never-seen.jpg")
    assert run.status == 1
    assert "knows nothing of never-seen.jpg" in run.err


def test_a_home_without_a_ledger_has_an_empty_one(tmp_path: Path) -> None:
    pipeline = Command(tmp_path / "home")
    assert pipeline("list", "--json").well().document == []
    assert "no photograph" in pipeline("list").well().out
    assert not (tmp_path / "home" / "local-store").exists()


def test_retry_of_what_the_ledger_does_not_know_says_so(studio: Studio) -> None:
    run = studio.pipeline("retry", "never-seen.jpg")
    assert run.status == 1
    assert "knows nothing of never-seen.jpg" in run.err


def test_retry_wants_to_know_which(studio: Studio) -> None:
    run = studio.pipeline("retry")
    assert run.status == 2
    assert "name files, or give --failed" in run.err


def test_retry_leaves_what_is_stored_alone(studio: Studio) -> None:
    assert "is stored: nothing to take up" in studio.pipeline("retry", studio.stored).well().out
    assert studio.pipeline("retry", "--failed").well().out == ""
