"""The fewest updates that put pictures in order, held against a search through all there are.

The store's rule is written here once more, as the local store has it: an update that gives a later
place moves on all whose sort order is the same or greater.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.engine.fewest_moves import (
    LARGEST_ORDER,
    Move,
    after_moves,
    fewest_moves,
    shown_order,
)

Orders = dict[int, int]


def updated(orders: Orders, image_id: int, order: int) -> Orders:
    """Return what the store has after one update."""
    later = order > orders[image_id]
    moved = {one: at + (later and one != image_id and at >= order) for one, at in orders.items()}
    return {**moved, image_id: order}


def before_ours(orders: Orders, wanted: Sequence[int]) -> list[int]:
    shown = shown_order(orders)
    return shown[: next(at for at, one in enumerate(shown) if one in wanted)]


def is_right(orders: Orders, wanted: Sequence[int], first: Sequence[int]) -> bool:
    shown = shown_order(orders)
    ours = [one for one in shown if one in wanted]
    return ours == list(wanted) and shown[: len(first)] == list(first)


def fewest_by_trying(orders: Orders, wanted: Sequence[int], most: int) -> int | None:
    """Return how many updates it takes, by trying all; None where it takes more."""
    first = before_ours(orders, wanted)
    reached = {tuple(sorted(orders.items()))}
    frontier = set(reached)
    for number in range(most + 1):
        if any(is_right(dict(one), wanted, first) for one in frontier):
            return number
        further = {
            tuple(sorted(updated(dict(one), image_id, order).items()))
            for one in frontier
            for image_id in wanted
            for order in range(min(at for _, at in one) - 1, max(at for _, at in one) + 2)
        }
        frontier = further - reached
        reached |= frontier
    return None


@st.composite
def products(draw: st.DrawFn, most: int = 4, span: int = 4) -> tuple[Orders, list[int]]:
    ids = draw(st.lists(st.integers(1, 12), min_size=2, max_size=most, unique=True))
    orders = {image_id: draw(st.integers(0, span)) for image_id in ids}
    ours = draw(st.permutations(ids))
    return orders, list(ours[: draw(st.integers(1, len(ids)))])


@given(products())
def test_no_way_takes_fewer_updates(product: tuple[Orders, list[int]]) -> None:
    orders, wanted = product
    moves = fewest_moves(orders, wanted)
    assert is_right(after_moves(orders, moves), wanted, before_ours(orders, wanted))
    if moves:
        assert fewest_by_trying(orders, wanted, len(moves) - 1) is None


@given(products(most=30, span=60), st.randoms())
def test_many_come_in_order_and_the_others_stay_as_they_were(
    product: tuple[Orders, list[int]], random: Random
) -> None:
    orders, wanted = product
    after = after_moves(orders, fewest_moves(orders, wanted))
    assert is_right(after, wanted, before_ours(orders, wanted))
    others = [one for one in shown_order(orders) if one not in wanted]
    assert [one for one in shown_order(after) if one not in wanted] == others
    assert fewest_moves(after, wanted) == ()


@given(products(most=8, span=8), st.data())
def test_the_rule_is_the_stores(product: tuple[Orders, list[int]], data: st.DataObject) -> None:
    orders, _ = product
    move = Move(data.draw(st.sampled_from(sorted(orders))), data.draw(st.integers(-2, 10)))
    assert after_moves(orders, [move]) == updated(orders, move.image_id, move.sort_order)


@pytest.mark.parametrize(
    ("orders", "wanted", "moves"),
    [
        ({1: 0, 2: 1, 3: 2}, [1, 2, 3], []),
        # The first came last: it goes before the others, and after what was there before us.
        ({1: 0, 2: 1, 3: 2}, [3, 1, 2], [Move(3, -1)]),
        ({1: 0, 5: 1, 6: 2, 7: 3}, [7, 5, 6], [Move(7, 0)]),
        # The last came first: what comes from before moves the rest on.
        ({1: 0, 2: 1, 3: 2}, [2, 3, 1], [Move(1, 3)]),
        # Two of the same sort order are shown by their ids.
        ({3: 0, 2: 0, 1: 0}, [1, 2, 3], []),
        ({1: 0, 2: 0}, [2, 1], [Move(2, -1)]),
    ],
)
def test_what_is_out_of_place_alone_is_moved(
    orders: Orders, wanted: list[int], moves: list[Move]
) -> None:
    assert list(fewest_moves(orders, wanted)) == moves


def test_hundreds_in_no_order_at_all_come_in_order_all_the_same() -> None:
    wanted = list(range(1, 701))
    Random(1).shuffle(wanted)
    orders = {image_id: image_id for image_id in wanted}
    moves = fewest_moves(orders, wanted)
    assert shown_order(after_moves(orders, moves)) == wanted


def test_a_first_one_in_a_thousand_takes_one_update() -> None:
    orders = {image_id: image_id for image_id in range(1, 1001)}
    moves = fewest_moves(orders, [1000, *range(1, 1000)])
    assert len(moves) == 1


def test_nothing_is_moved_beyond_what_the_store_counts_to() -> None:
    assert fewest_moves({1: LARGEST_ORDER, 2: LARGEST_ORDER - 1}, [1, 2]) != ()
    orders = {1: LARGEST_ORDER - 1, 2: LARGEST_ORDER, 3: LARGEST_ORDER}
    assert all(move.sort_order <= LARGEST_ORDER for move in fewest_moves(orders, [2, 3, 1]))
