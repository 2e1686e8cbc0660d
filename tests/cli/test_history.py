"""A photograph is found by what somebody knows of it, and its story told."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Studio
from tests.localstore.process import StoreProcess
from tests.stories.commands import Command, photograph


def test_history_tells_every_step_in_sentences(studio: Studio) -> None:
    told = studio.pipeline("history", studio.stored).well().out
    steps = [
        "received as",
        "is a whole JPEG",
        "prepared as",
        "going up to the shop",
        "stored as image",
    ]
    places = [told.index(step) for step in steps]
    assert places == sorted(places)


def test_history_of_an_unknown_file_says_so(studio: Studio) -> None:
    run = studio.pipeline("history", "never-seen.jpg")
    assert run.status == 1
    assert "nothing is known of never-seen.jpg" in run.err
    assert "`pipeline list` shows what is known" in run.err


@pytest.mark.parametrize("name", ["front.jpg", "FRONT", "158", "product:158", "image:{image}"])
def test_one_that_is_found_has_its_story_told(studio: Studio, name: str) -> None:
    (image,) = studio.store.images(158)
    told = studio.pipeline("history", name.format(image=image["id"])).well().out
    assert f"{studio.stored}: stored, product 158 (Product 158), image {image['id']}" in told
    assert "stored as image" in told


def test_of_many_it_says_how_many_and_names_the_newest(studio: Studio) -> None:
    told = studio.pipeline("history", ".jpg").well().out
    assert told.startswith("Shop: 127.0.0.1:")
    assert told.splitlines()[1] == "3 photographs were found:"
    assert all(str(path) in told for path in (studio.stored, studio.waiting, studio.refused))
    assert "received as" not in told
    document = studio.pipeline("history", "name:.jpg", "--json").well().document
    assert {Path(photo["path"]).name for photo in document} == {
        "front.jpg",
        "beach.jpg",
        "empty.jpg",
    }
    assert all(photo["history"] for photo in document)


@pytest.mark.parametrize("kind", ["", "path:"])
def test_the_contents_that_one_file_had_are_told_whole(tmp_path: Path, kind: str) -> None:
    with StoreProcess(tmp_path / "store", "--open", "--plan", "unlimited") as store:
        pipeline = Command(tmp_path / "home", store)
        path = tmp_path / "158" / "front.jpg"
        for number in (1, 2):
            photograph(path, number)
            pipeline("run", path).well()
        told = pipeline("history", f"{kind}{path}").well().out
    assert told.count("received as") == 2


@pytest.mark.parametrize(
    "name", ["image:front", "sku:none", "product:77777", "path:front", "9" * 30]
)
def test_what_nobody_knows_is_said(studio: Studio, name: str) -> None:
    run = studio.pipeline("history", name)
    assert run.status == 1
    assert f"nothing is known of {name}" in run.err
