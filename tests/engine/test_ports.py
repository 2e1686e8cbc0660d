"""The stages with fault points around them, and an observer that shows nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline import faultpoints
from pipeline.engine import Observer, SilentObserver, Stages, with_fault_points
from pipeline.errors import StoreUnavailable, StoreUnsure
from tests.engine.fake_stages import FakeStages
from tests.makers import arrival, inspection, original, picture, placement


@pytest.fixture
def stages(store: FakeStages) -> Iterator[Stages]:
    yield with_fault_points(store.stages())
    faultpoints.arm(None)


@pytest.mark.parametrize(
    ("when", "creates", "error"),
    [("before", 0, StoreUnavailable), ("after", 1, StoreUnsure)],
)
def test_a_delivery_that_fails_leaves_doubt_only_once_it_was_begun(
    stages: Stages, store: FakeStages, when: str, creates: int, error: type[Exception]
) -> None:
    faultpoints.arm(f"fail:{when} deliver@1")
    with pytest.raises(error):
        stages.deliver(picture(), placement(), lambda done, total: None)
    assert store.creates == creates


def test_where_nothing_is_planned_the_stages_are_the_same(stages: Stages) -> None:
    found = stages.accept(arrival("/158/a.jpg"))
    assert stages.check(found) == inspection()
    assert stages.place(original("/158/a.jpg")) == placement()
    assert stages.ready(stages.render(found, inspection(), "1"))


class Listener(Observer):
    """Shows what is said, and nothing else."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def said(self, sentence: str) -> None:
        self.lines.append(sentence)


def test_an_observer_shows_a_warning_as_it_shows_what_is_said() -> None:
    listener = Listener()
    listener.began(Path("a.jpg"), "checking")
    listener.warned("the disk is full")
    assert listener.lines == ["the disk is full"]
    SilentObserver().warned("the disk is full")
