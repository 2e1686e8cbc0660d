"""Which photographs are asked for: all that is said must hold."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from pipeline.lifecycle import Reason, State
from pipeline.wanted import ALL, Wanted
from tests.report.photos import photo


def test_all_that_is_said_must_hold() -> None:
    asked_of = photo("/in/a/1.jpg", State.RECEIVED)
    received = frozenset({State.RECEIVED})
    right = Wanted(states=received, since=asked_of.changed_at, within=Path("/in/a"))
    assert ALL.takes(asked_of)
    assert right.takes(asked_of)
    for wrong in (
        replace(right, states=frozenset({State.STORED})),
        replace(right, reason=Reason.EMPTY),
        replace(right, since=asked_of.changed_at + timedelta(microseconds=1)),
        replace(right, within=Path("/in/a/1")),
    ):
        assert not wrong.takes(asked_of)
