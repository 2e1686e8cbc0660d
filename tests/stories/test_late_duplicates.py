"""An image that the shop finishes later than anybody waits for is noticed, said, and removed."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from pipeline.faultpoints import VARIABLE
from tests.localstore.process import StoreProcess
from tests.stories.commands import Command, photograph, until

LATE = {
    "do": "late",
    "then": "drop",
    "seconds": 2.5,
    "method": "POST",
    "path": "/catalog/products/158/images",
    "times": 1,
}
"""The first picture of the product is made 2.5 s after its connection broke."""


@pytest.fixture
def hasty(tmp_path: Path, store: StoreProcess) -> Command:
    """A command that waits for lost requests not long enough."""
    return Command(tmp_path / "home", store, settle_after=0.5, patience=30)


@pytest.fixture
def twice(hasty: Command, store: StoreProcess, tmp_path: Path) -> Path:
    """A photograph of a folder that is in the shop twice, the second time since nobody looked."""
    path = photograph(tmp_path / "shop" / "158" / "a.jpg", 1)
    store.misbehave(LATE)
    began = time.monotonic()
    hasty("run", path.parent.parent).well()
    until(lambda: len(store.images(158)) == 2)
    assert time.monotonic() - began > 2.5
    assert "twice" not in hasty("status").well().out
    return path


def test_it_is_noticed_by_the_next_listing_said_and_put_right(
    hasty: Command, store: StoreProcess, twice: Path
) -> None:
    photograph(twice.with_name("b.jpg"), 2)
    run = hasty("run", twice.parent.parent).well()
    assert "has a photograph twice" in run.err
    assert "1 image is in the shop though the same photograph is there already" in run.out
    assert "`pipeline verify --repair`" in hasty("status").well().out
    found = hasty("verify")
    assert found.status == 1
    assert "pixel by pixel they are the same" in found.out
    assert len(store.images(158)) == 3, "nothing is deleted unasked"
    mended = hasty("verify", "--repair", "--yes").well()
    assert "removing image" in mended.out
    assert "removed image" in mended.out
    assert "1 differences, 1 mended" in mended.out
    assert len(store.images(158)) == 2
    assert "0 differences" in hasty("verify").well().out
    assert "whole" in hasty("ledger", "check").well().out
    assert "was removed from the shop" in hasty("history", twice).well().out
    assert "though the same" not in hasty("status").well().out


@pytest.mark.long
def test_what_was_set_by_hand_at_the_later_one_stays(
    hasty: Command, store: StoreProcess, twice: Path
) -> None:
    first, second = sorted(image["id"] for image in store.images(158))
    store.put(158, second, description="from the front", is_thumbnail=True)
    told = hasty("verify", "--repair", "--yes", "--json")
    assert [one["mended_as"] for one in told.document if one["kind"] == "twice"] == [second]
    (left,) = store.images(158)
    assert (left["id"], left["description"], left["is_thumbnail"]) == (
        second,
        "from the front",
        True,
    )
    assert hasty("list", "--json").document[0]["image_id"] == second
    assert "0 differences" in hasty("verify").well().out
    assert first not in {image["id"] for image in store.images(158)}


@pytest.mark.long
def test_another_picture_under_the_same_mark_is_left_for_a_person(
    hasty: Command, store: StoreProcess, twice: Path
) -> None:
    name = hasty("list", "--json").document[0]["upload_name"]
    other = photograph(twice.with_name("other.jpg"), 9).read_bytes()
    store.upload(158, other, name)
    told = hasty("verify", "--repair", "--yes")
    assert told.status == 1
    assert "pixel by pixel they are not the same" in told.out
    assert len(store.images(158)) == 2
    assert other in [store.original(image["id"]) for image in store.images(158)]


PLACES = [
    f"{when} ledger.{what}"
    for what in ("stays@1", "stays@2", "removed@1")
    for when in ("before", "after")
]

SHORT = ("after ledger.stays@1", True)


@pytest.mark.parametrize(
    ("place", "by_hand"),
    [
        pytest.param(place, by_hand, marks=[] if (place, by_hand) == SHORT else pytest.mark.long)
        for place in PLACES
        for by_hand in (False, True)
    ],
)
def test_a_kill_in_the_middle_leaves_nothing_that_the_next_does_not_put_right(
    hasty: Command, store: StoreProcess, tmp_path: Path, place: str, by_hand: bool
) -> None:
    path = photograph(tmp_path / "shop" / "158" / "a.jpg", 1)
    hasty("run", path.parent.parent).well()
    (photo,) = hasty("list", "--json").document
    store.upload(158, store.original(photo["image_id"]), photo["upload_name"])
    later = max(image["id"] for image in store.images(158))
    if by_hand:
        store.put(158, later, description="words", is_thumbnail=True)
    killed = hasty("verify", "--repair", "--yes", environment={VARIABLE: f"kill:{place}"})
    assert killed.status < 0
    recorded = hasty("list", "--json").document[0]["image_id"]
    assert recorded in {image["id"] for image in store.images(158)}
    hasty("verify", "--repair", "--yes").well()
    (image,) = store.images(158)
    assert (image["id"] == later, image["description"]) == (by_hand, "words" if by_hand else "")
    assert "0 differences" in hasty("verify").well().out
    assert "whole" in hasty("ledger", "check").well().out
