"""The fewest updates that put a product's pictures in the order that is wanted.

The store shows images by `sort_order`, those of the same one by id. An update that gives an image a
later place moves on every other one whose sort order is the same as or greater than its new one; an
update that gives an earlier place moves nothing (the store's reference). What is not ours to move
stays, and what comes before all that is ours stays before it.

What stays where it is is a run of pictures that are in the right order already. Between two that
stay there are as many places as their sort orders are apart, and one more for each that comes from
before them, for that moves on all behind it. Pictures share a place where their ids are in order.
So what goes between two costs an update each, and one more for each place that lacks: one of them
is first put before all others, and then comes from before. Between two of the same sort order
nothing can be put but what the ids allow. The cheapest run is found by going through all pairs.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

__all__ = ["LARGEST_ORDER", "SMALLEST_ORDER", "Move", "after_moves", "fewest_moves", "shown_order"]

LARGEST_ORDER: Final = 2**31 - 1
SMALLEST_ORDER: Final = -(2**31)
"""The store's sort orders are signed numbers of 32 bits (the store's reference)."""

NOTHING: Final = -1
"""Stands for an image where there is none before ours."""

MOST_STEPS: Final = 3_000_000
"""So much is tried, a second or two; a product of hundreds of pictures in no order at all would
take more, and gets more updates than are needed."""


@dataclass(frozen=True, slots=True)
class Move:
    """One update: the image, and the sort order that it gets."""

    image_id: int
    sort_order: int


@dataclass(frozen=True, slots=True)
class _Gap:
    """What goes between two that stay: what it costs; None where it cannot be put there."""

    cost: int | None
    lacking: int = 0


def shown_order(orders: dict[int, int]) -> list[int]:
    """Return the ids of images in the order in which the store shows them."""
    return sorted(orders, key=lambda image_id: (orders[image_id], image_id))


def after_moves(orders: dict[int, int], moves: Iterable[Move]) -> dict[int, int]:
    """Return the sort orders by image id after updates, by the store's rule."""
    now = dict(orders)
    for move in moves:
        _apply(now, move)
    return now


def fewest_moves(orders: dict[int, int], wanted: Sequence[int]) -> tuple[Move, ...]:
    """Return the updates, in the order in which they are to be made; none where nothing is wrong.

    Args:
        orders: the sort order of each image of the product, ours or not, by its id.
        wanted: the ids of those that may be moved, in the order in which they are to be shown.

    Returns:
        The updates; none also where the sort orders are so large or small that none is left.
    """
    shown = shown_order(orders)
    movable = set(wanted)
    if [image_id for image_id in shown if image_id in movable] == list(wanted):
        return ()
    arranging = _Arranging(orders, wanted, shown)
    for stays in (arranging.cheapest(), arranging.in_place_at_the_beginning()):
        moves = arranging.moves(stays)
        after = shown_order(after_moves(orders, moves))
        in_order = [image_id for image_id in after if image_id in movable] == list(wanted)
        if in_order and all(SMALLEST_ORDER <= one.sort_order <= LARGEST_ORDER for one in moves):
            return moves
    return ()


class _Arranging:
    """One product's pictures, and the places between those that may stay.

    Number 0 stands for what is before all of ours, 1 to n for ours as wanted, n + 1 for the end.
    """

    def __init__(self, orders: dict[int, int], wanted: Sequence[int], shown: Sequence[int]) -> None:
        self._orders = orders
        movable = set(wanted)
        first = next(place for place, image_id in enumerate(shown) if image_id in movable)
        room = 2 * len(orders) + 2
        lowest = min(orders.values()) - room
        before = (orders[shown[first - 1]], shown[first - 1]) if first else (lowest, NOTHING)
        end = (max(orders.values()) + room, LARGEST_ORDER + 1)
        self._ids = (before[1], *wanted, end[1])
        self._at = (before, *((orders[image_id], image_id) for image_id in wanted), end)
        self._low = lowest
        self._descents = [0]
        for one, next_ in pairwise(self._ids):
            self._descents.append(self._descents[-1] + (one > next_))

    def moves(self, stays: Sequence[int]) -> tuple[Move, ...]:
        """Return the updates where these stay where they are, the two ends with them."""
        now = dict(self._orders)
        done: list[Move] = []
        for one, next_ in pairwise(stays):
            if next_ - one > 1:
                at_the_end = next_ == len(self._at) - 1
                put = self._put_after if at_the_end else self._put_between
                done += put(now, one, next_)
        return tuple(done)

    def cheapest(self) -> list[int]:
        """Return the numbers of those that stay, the two ends with them."""
        last = len(self._at) - 1
        bound = self._most_between()
        if last * bound * bound > MOST_STEPS:
            return self.in_place_at_the_beginning()
        best: list[tuple[int, int]] = [(0, 0)]
        for number in range(1, last + 1):
            chosen: tuple[int, int] | None = None
            for before in range(number - 1, max(-1, number - bound - 2), -1):
                known = best[before][0]
                if known >= _NEVER or self._at[before] >= self._at[number]:
                    continue
                if chosen is not None and known + number - before - 1 >= chosen[0]:
                    continue
                cost = self._between(before, number).cost
                if cost is not None and (chosen is None or known + cost < chosen[0]):
                    chosen = (known + cost, before)
            best.append(chosen or (_NEVER, 0))
        stays = [last]
        while stays[-1] != 0:
            stays.append(best[stays[-1]][1])
        return stays[::-1]

    def _most_between(self) -> int:
        """Return how many go between two that stay, at most, where it costs the fewest updates.

        The longest run that is in order costs two updates for each other one, at most; where sort
        orders are the same, perhaps all.
        """
        ends: list[tuple[int, int]] = []
        for at in self._at[1:-1]:
            place = bisect_right(ends, at)
            ends[place : place + 1] = [at]
        orders = [at[0] for at in self._at]
        number = len(self._at) - 2
        return number if len(set(orders)) < len(orders) else min(number, 2 * (number - len(ends)))

    def in_place_at_the_beginning(self) -> list[int]:
        """Return those that are in order from the first one on: all others can follow them."""
        stays = [0]
        for number in range(1, len(self._at) - 1):
            if number != stays[-1] + 1 or self._at[number] <= self._at[stays[-1]]:
                break
            stays.append(number)
        return [*stays, len(self._at) - 1]

    def _between(self, before: int, after: int) -> _Gap:
        """Return what it costs to put all that are wanted between two that stay there."""
        number = after - before - 1
        apart = self._at[after][0] - self._at[before][0]
        if number == 0:
            return _Gap(0)
        descents = self._descents[after] - self._descents[before]
        if apart > descents:
            return _Gap(number)
        rising = self._rising(before, after)
        if apart == 0:
            return _Gap(number if not (rising or descents) else None)
        needed = sum(self._places(before, after, rising)) if rising else descents
        lacking = max(0, needed - apart - len(rising))
        return _Gap(number + lacking, lacking)

    def _rising(self, before: int, after: int) -> list[int]:
        """Return those of the numbers between two whose images come from before them."""
        at = self._at[before][0]
        return [one for one in range(before + 1, after) if self._at[one][0] <= at]

    def _places(self, before: int, after: int, rising: Sequence[int]) -> list[int]:
        """Return how many places apart the two ends and those that rise have to be, each pair."""
        walls = (before, *rising, after)
        return [
            max(1, self._descents[next_] - self._descents[one]) for one, next_ in pairwise(walls)
        ]

    def _put_between(self, now: dict[int, int], before: int, after: int) -> list[Move]:
        """Return the updates that put all between two that stay, and make them in `now`."""
        rising = self._rising(before, after)
        lowered = self._lowered(before, after, rising)
        done = [Move(self._ids[one], min(self._low, *now.values()) - 1) for one in lowered]
        for move in done:
            _apply(now, move)
        walls = {*rising, *lowered}
        levels = self._levels(now, before, after, walls)
        # What was between the two already may have to rise there.
        while more := {one for one in levels if now[self._ids[one]] < levels[one]} - walls:
            walls |= more
            levels = self._levels(now, before, after, walls)
        # Those that move others on go first.
        for number in sorted(levels, key=lambda one: one not in walls):
            move = Move(self._ids[number], levels[number])
            _apply(now, move)
            done.append(move)
        return done

    def _levels(
        self, now: dict[int, int], before: int, after: int, walls: Collection[int]
    ) -> dict[int, int]:
        """Return the sort orders between two that stay; those of `walls` come from before them."""
        level = wall = self._level_of(now, before, after)
        levels: dict[int, int] = {}
        for number in range(before + 1, after):
            level += self._ids[number - 1] > self._ids[number]
            if number in walls:  # it would move on what shares its place
                level = wall = max(level, wall + 1)
            levels[number] = level
        return levels

    def _put_after(self, now: dict[int, int], before: int, after: int) -> list[Move]:
        """Return the updates that put all behind the last that stays, and make them in `now`."""
        done: list[Move] = []
        level = now[self._ids[before]]
        for number in range(before + 1, after):
            image_id = self._ids[number]
            shares = self._ids[number - 1] < image_id and level < now[image_id]
            level += not shares
            done.append(Move(image_id, level))
            _apply(now, done[-1])
        return done

    def _level_of(self, now: dict[int, int], before: int, after: int) -> int:
        """Return the sort order of one that stays; before all, the nearest with room enough."""
        if self._ids[before] != NOTHING:
            return now[self._ids[before]]
        lowest = min(now[self._ids[number]] for number in range(before + 1, after + 1))
        return lowest - (self._descents[after] - self._descents[before])

    def _lowered(self, before: int, after: int, rising: Sequence[int]) -> list[int]:
        """Return those that are first put before all others, for as many places lack."""
        lacking = self._between(before, after).lacking
        walls = [before, *rising, after]
        chosen: list[int] = []
        while lacking:
            one, next_ = next(
                pair
                for pair in pairwise(walls)
                if self._descents[pair[1]] - self._descents[pair[0]] >= 2
            )
            # The first after a descent has another one behind it.
            number = next(
                number
                for number in range(one + 1, next_)
                if self._descents[number] > self._descents[one]
            )
            chosen.append(number)
            walls = sorted((*walls, number))
            lacking -= 1
        return chosen


_NEVER: Final = 2**40


def _apply(orders: dict[int, int], move: Move) -> None:
    if move.sort_order > orders[move.image_id]:
        for image_id, order in orders.items():
            if image_id != move.image_id and order >= move.sort_order:
                orders[image_id] = order + 1
    orders[move.image_id] = move.sort_order
