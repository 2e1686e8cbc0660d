"""What a product lacks of its shot list, by what is certainly there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.errors import ConfigError
from pipeline.intake.complete import LOOKED_AGAIN, Completeness, FollowedList
from pipeline.intake.views import ViewWords
from pipeline.lifecycle import State
from pipeline.values import Photo
from tests.makers import placement
from tests.report.photos import photo


def shot(name: str, state: State = State.PREPARED) -> Photo:
    return replace(photo(f"/in/{name}", state, placement=placement(1)), sku=None)


class Studio:
    """A list, and what was shot."""

    def __init__(self, folder: Path, text: str, *photos: Photo) -> None:
        self.file = folder / "list.csv"
        self.file.write_text(text)
        self.now = 0.0
        self.said: list[str] = []
        self.photos: Sequence[Photo] = photos
        self.skus: frozenset[str] = frozenset({"sm-13"})
        self.asked = 0
        shots = FollowedList(
            self.file, ViewWords(), say=self.said.append, monotonic=lambda: self.now
        )
        self.complete = Completeness(
            shots, lambda product: self.photos, lambda product: self.skus, self._named
        )

    def lacks(self) -> str:
        return self.complete.lacks(self.photos[0])

    def _named(self, product_id: int) -> str:
        self.asked += 1
        return "SM-13"


LIST = 'sku,views\nSM-13,"front,back,detail"\n'


def test_it_lacks_the_views_of_which_no_photograph_is_ready(tmp_path: Path) -> None:
    studio = Studio(
        tmp_path,
        LIST,
        shot("SM-13_front.jpg", State.STORED),
        shot("SM-13_back.jpg", State.VALIDATED),
        shot("SM-13_detail.jpg", State.REFUSED),
    )
    assert studio.lacks() == "SM-13 lacks back, detail"
    studio.photos = [shot(f"SM-13_{view}.jpg") for view in ("front", "back", "close-up")]
    assert studio.lacks() == ""


def test_a_product_that_is_not_on_the_list_lacks_nothing(tmp_path: Path) -> None:
    studio = Studio(tmp_path, LIST, shot("SM-20_front.jpg"))
    studio.skus = frozenset({"sm-20"})
    assert studio.lacks() == ""
    assert studio.asked == 0


def test_the_shop_is_asked_only_where_nothing_is_known_of_a_product(tmp_path: Path) -> None:
    studio = Studio(tmp_path, LIST, shot("front.jpg"))
    studio.skus = frozenset()
    assert studio.lacks() == "SM-13 lacks back, detail"
    assert studio.asked == 1


def test_a_list_that_was_changed_is_read_again_and_one_that_is_gone_counts_still(
    tmp_path: Path,
) -> None:
    studio = Studio(tmp_path, LIST, shot("SM-13_front.jpg"))
    studio.file.write_text("sku,views\nSM-13,front\n")
    studio.now += LOOKED_AGAIN
    assert studio.lacks() == ""
    studio.file.write_text("nothing that anybody could read\n")
    studio.now += LOOKED_AGAIN
    assert studio.lacks() == ""
    assert "is no shot list" in studio.said[0]
    studio.file.unlink()
    studio.now += LOOKED_AGAIN
    assert studio.lacks() == ""


def test_that_a_list_was_changed_is_told_once(tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_text(LIST)
    shots = FollowedList(file, ViewWords())
    assert not shots.changed()
    file.write_text("sku,views\nSM-13,front\n")
    assert shots.changed()
    assert not shots.changed()
    assert shots.now().of("SM-13") == ("front",)


def test_a_list_that_cannot_be_read_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read as a shot list"):
        FollowedList(tmp_path / "none.csv", ViewWords())
