"""A shot of what is on the table is the next open view, in whichever order shots are checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from pipeline.intake.complete import FollowedList
from pipeline.intake.next_view import NextView
from pipeline.intake.views import ViewWords
from pipeline.lifecycle import State
from pipeline.values import Photo
from tests.makers import placement
from tests.report.photos import photo


def shot(number: int, name: str = "", state: State = State.RECEIVED) -> Photo:
    path = f"/in/{name or f'capt{number:04}'}.jpg"
    taken = replace(photo(path, state), sku="SM-13", from_current_product=True, placement=None)
    return replace(taken, sha256=f"{number:064x}")


def placed(one: Photo, view: str | None, state: State = State.STORED) -> Photo:
    return replace(one, state=state, placement=replace(placement(1), view=view))


@pytest.fixture
def table(tmp_path: Path) -> FollowedList:
    file = tmp_path / "list.csv"
    file.write_text('sku,views\nSM-13,"front,back,detail"\n')
    return FollowedList(file, ViewWords())


def views(table: FollowedList, photos: Sequence[Photo], order: Sequence[int]) -> list[str | None]:
    """Check shots in an order; return the view that each got."""
    now = list(photos)
    next_view = NextView(table, lambda sku: now, lambda product: frozenset({"sm-13"}))
    for at in order:
        view = next_view.of(now[at].original, 1)
        now[at] = placed(now[at], view)
    return [one.placement.view if one.placement else None for one in now]


def test_shots_get_the_views_in_turn_and_those_beyond_the_list_none(table: FollowedList) -> None:
    shots = [shot(number) for number in range(4)]
    assert views(table, shots, range(4)) == ["front", "back", "detail", None]


@pytest.mark.parametrize("seed", range(8))
def test_it_does_not_matter_which_is_checked_first(table: FollowedList, seed: int) -> None:
    order = list(range(4))
    Random(seed).shuffle(order)
    shots = [shot(number) for number in range(4)]
    assert views(table, shots, order) == ["front", "back", "detail", None]


def test_a_view_that_a_name_says_is_nobody_elses(table: FollowedList) -> None:
    shots = [shot(0), shot(1, "SM-13_front"), shot(2)]
    assert views(table, shots, [0, 2]) == ["back", None, "detail"]


def test_one_that_was_refused_is_shot_again(table: FollowedList) -> None:
    shots = [shot(0, state=State.REFUSED), shot(1)]
    assert views(table, shots, [1])[1] == "front"


def test_a_product_that_is_named_by_its_id_is_found_on_the_list(table: FollowedList) -> None:
    one = replace(shot(0), sku=None)
    assert views(table, [one], [0]) == ["front"]


def test_what_is_not_on_the_list_gets_no_view(table: FollowedList) -> None:
    next_view = NextView(table, lambda sku: [], lambda product: frozenset())
    assert next_view.of(replace(shot(0), sku="SM-20").original, 2) is None
