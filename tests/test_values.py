"""The values that travel: none changes on its way, and each says by its names what it holds."""

from __future__ import annotations

import dataclasses
import inspect
from pathlib import Path

import pytest

from pipeline import values
from pipeline.lifecycle import State
from pipeline.values import ImageFormat, Tally
from tests.makers import ManualClock, arrival, original, placement

CLASSES = [
    value
    for _, value in inspect.getmembers(values, inspect.isclass)
    if dataclasses.is_dataclass(value)
]


@pytest.mark.parametrize("value", CLASSES, ids=lambda value: value.__name__)
def test_every_value_is_frozen_has_slots_and_is_made_by_names(value: type) -> None:
    assert value.__dataclass_params__.frozen  # type: ignore[attr-defined]
    assert "__slots__" in vars(value)
    assert all(field.kw_only for field in dataclasses.fields(value))


def test_a_value_does_not_change_on_its_way() -> None:
    placed = placement()
    with pytest.raises(dataclasses.FrozenInstanceError):
        placed.product_id = 9  # type: ignore[misc]


@pytest.mark.parametrize("format_", ImageFormat)
def test_every_format_has_its_usual_suffix(format_: ImageFormat) -> None:
    assert format_.suffix == (".jpg" if format_ is ImageFormat.JPEG else f".{format_.lower()}")


def test_a_state_that_was_not_counted_has_none() -> None:
    tally = Tally(counts={State.STORED: 3})
    assert (tally[State.STORED], tally[State.FAILED]) == (3, 0)


def test_an_arrival_and_its_original_are_of_one_file() -> None:
    path = Path("/shop/158/a.jpg")
    assert arrival(path).path == original(path).path == path
    assert arrival(path).seen_at.tzinfo is not None
    assert ManualClock().now().tzinfo is not None
