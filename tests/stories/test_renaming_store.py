"""A store that renames otherwise than documented, or lists late: no duplicate, and no guess."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.localstore.process import StoreProcess
from tests.stories.commands import Command, Ended, photograph

CREATE = {"method": "POST", "path": "/catalog/products/*/images", "times": 1}

LOST = {"do": "drop", "when": "after-work", **CREATE}

NOT_MADE = {"do": "drop", "when": "after-body", **CREATE}


class Studio:
    """A store with a quirk, and one photograph whose first answer is lost."""

    def __init__(self, folder: Path, store: StoreProcess, settle: float = 1) -> None:
        self.store = store
        self.pipeline = Command(folder / "home", store, settle_after=settle, patience=30)
        self.path = photograph(folder / "158" / "a.jpg")

    def lose(self, fault: dict[str, object]) -> Ended:
        self.store.misbehave(fault)
        ended = self.pipeline("run", "--json", self.path)
        self.store.misbehave()
        return ended

    def creates(self) -> int:
        return sum(entry["method"] == "POST" for entry in self.store.seen())


def started(tmp_path: Path, *quirks: str) -> StoreProcess:
    options = [word for quirk in quirks for word in ("--quirk", quirk)]
    return StoreProcess(tmp_path / "store", "--open", "--plan", "unlimited", *options)


@pytest.mark.parametrize("quirk", ["stem=cut:3", "stem=cut:8"])
def test_where_the_name_is_cut_the_photograph_stops_with_a_clear_word(
    tmp_path: Path, quirk: str
) -> None:
    with started(tmp_path, quirk) as store:
        studio = Studio(tmp_path, store)
        ended = studio.lose(LOST)
        (photo,) = ended.document["photographs"]
        (image,) = store.images(158)
        assert ended.status == 1
        assert (photo["state"], photo["reason"]) == ("failed", "store_unsure")
        assert f"image {image['id']}" in photo["sentence"]
        assert "pipeline ledger settle" in photo["sentence"]
        # Asked again it looks again, and does not send.
        assert studio.pipeline("run", studio.path).status == 1
        assert studio.creates() == 1
        studio.pipeline("ledger", "settle", studio.path, "--image", image["id"]).well()
        assert studio.pipeline("run", "--json", studio.path).well().counts["already_stored"] == 1
        assert studio.creates() == 1
        studio.pipeline("ledger", "check").well()


def test_whoever_says_that_it_is_none_of_them_has_it_sent_again(tmp_path: Path) -> None:
    with started(tmp_path, "stem=cut:3") as store:
        studio = Studio(tmp_path, store)
        studio.lose(LOST)
        studio.pipeline("ledger", "settle", studio.path, "--not-there").well()
        studio.pipeline("run", studio.path).well()
        assert studio.creates() == 2


def test_where_the_name_is_cut_and_nothing_came_it_is_sent_again(tmp_path: Path) -> None:
    with started(tmp_path, "stem=cut:3") as store:
        studio = Studio(tmp_path, store)
        studio.lose(NOT_MADE).well()
        assert len(store.images(158)) == 1


def test_an_image_that_was_there_before_is_not_taken_for_it(tmp_path: Path) -> None:
    with started(tmp_path) as store:
        studio = Studio(tmp_path, store)
        store.upload(158, photograph(tmp_path / "by-hand.jpg", 3).read_bytes(), "by-hand.jpg")
        studio.pipeline("run", photograph(tmp_path / "158" / "first.jpg", 4)).well()
        studio.lose(NOT_MADE).well()
        assert len(store.images(158)) == 3


def test_lower_case_is_the_same_name(tmp_path: Path) -> None:
    with started(tmp_path, "stem=lower") as store:
        studio = Studio(tmp_path, store)
        studio.lose(LOST).well()
        assert (len(store.images(158)), studio.creates()) == (1, 1)


def test_a_listing_that_lags_within_the_waiting_time_makes_no_duplicate(tmp_path: Path) -> None:
    with started(tmp_path, "listing_lag=2") as store:
        studio = Studio(tmp_path, store, settle=4)
        studio.lose(LOST).well()
        assert studio.creates() == 1
