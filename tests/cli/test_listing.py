"""One row a photograph: of all, or of those that are asked for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline.lifecycle import State
from tests.cli.conftest import Studio
from tests.servers import local_store
from tests.stories.commands import Command, photograph

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


def test_list_gives_one_line_a_photograph_with_the_sentence(studio: Studio) -> None:
    first, *lines = studio.pipeline("list").well().out.splitlines()
    assert first.startswith("Shop: 127.0.0.1:")
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


def test_a_home_without_a_ledger_has_an_empty_one(tmp_path: Path) -> None:
    pipeline = Command(tmp_path / "home")
    assert pipeline("list", "--json").well().document == []
    assert pipeline("list").well().out.splitlines()[1:] == ["No photograph is known yet."]
    assert not (tmp_path / "home" / "local-store").exists()


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (("--product", "158"), {"front.jpg"}),
        (("--product", "999"), set()),
        (("--sku", "no-such"), set()),
        (("--since", "today"), {"front.jpg", "beach.jpg", "empty.jpg"}),
        (("--since", "2h", "--state", "stored"), {"front.jpg"}),
        (("--since", "2999-01-01"), set()),
        (("--reason", "empty"), {"empty.jpg"}),
        (("--reason", "product_unknown", "--state", "waiting"), {"beach.jpg"}),
        (("--reason", "empty", "--state", "waiting"), set()),
    ],
)
def test_those_that_are_asked_for_are_listed_for_people_and_programs_alike(
    studio: Studio, words: tuple[str, ...], names: set[str]
) -> None:
    listed = studio.pipeline("list", *words, "--json").well().document
    assert {Path(photo["path"]).name for photo in listed} == names
    told = studio.pipeline("list", *words).well().out
    assert {name for name in ("front.jpg", "beach.jpg", "empty.jpg") if name in told} == names


def test_a_folder_lists_what_lies_in_it(studio: Studio) -> None:
    listed = studio.pipeline("list", "--path", studio.stored.parent, "--json").well().document
    assert {Path(photo["path"]).name for photo in listed} == {"front.jpg", "empty.jpg"}
    one = studio.pipeline("list", "--path", studio.stored, "--json").well().document
    assert len(one) == 1


def test_an_empty_answer_is_true(studio: Studio) -> None:
    for words, said in (
        (("--state", "failed"), "None has failed."),
        (("--sku", "x"), "There is no such photograph."),
    ):
        assert studio.pipeline("list", *words).well().out.splitlines()[1:] == [said]
    assert json.loads(studio.pipeline("list", "--state", "failed", "--json").well().out) == []


def test_columns_and_their_order_are_chosen(studio: Studio) -> None:
    listed = studio.pipeline(
        "list", "--columns", "product,state,file", "--sort", "size", "--reverse"
    )
    _, heading, *lines = listed.well().out.splitlines()
    assert heading.split() == ["product", "state", "file"]
    assert lines[-1].split() == ["refused", str(studio.refused)]
    assert ["158", "stored", str(studio.stored)] in [line.split() for line in lines]


def test_it_shows_when_each_changed(studio: Studio) -> None:
    _, heading, *lines = studio.pipeline("list").well().out.splitlines()
    assert heading.split() == [
        *("state", "date", "product", "sku", "name", "image", "size", "file"),
    ]
    listed = studio.pipeline("list", "--json").well().document
    assert len(lines) == len(listed) == 3
    assert all(line[16:20].isdecimal() for line in lines)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--since", "soon"), "2026-11-01"),
        (("--columns", "state,colour"), "there is no column 'colour'"),
        (("--columns", ","), "no column is named"),
        (("--product", "1", "--sku", "a"), "not both"),
        (("--reverse",), "--sort"),
        (("--reason", "ugly"), "damaged"),
    ],
)
def test_a_wrong_question_says_what_would_be_right(
    studio: Studio, words: tuple[str, ...], told: str
) -> None:
    run = studio.pipeline("list", *words)
    assert run.status == 2
    assert told in run.err


def test_what_the_shop_calls_a_product_is_told_without_asking_the_shop_again(
    tmp_path: Path,
) -> None:
    with local_store(tmp_path / "shop", catalogue="1,MUG-1,Blue mug,\n") as store:
        pipeline = Command(tmp_path / "home", store)
        path = photograph(tmp_path / "MUG-1.jpg", 1)
        pipeline("run", path).well()
        store.control("DELETE", "_log")
        (listed,) = pipeline("list", "--json").well().document
        row = pipeline("list", "--columns", "sku,name").well().out.splitlines()[-1]
        story = pipeline("history", path).well().out
        (told,) = pipeline("history", path, "--json").well().document
        (account,) = pipeline("report", "--json").well().document
        of_product = pipeline("report").well().out.splitlines()[-1]
        assert store.seen() == []
    assert listed["product_name"] == told["product_name"] == "Blue mug"
    assert row.split(maxsplit=1) == ["MUG-1", "Blue mug"]
    assert "stored, product 1 (Blue mug), image" in story
    assert account["products"][0]["product_name"] == "Blue mug"
    assert of_product.split()[:4] == ["1", "MUG-1", "Blue", "mug"]
