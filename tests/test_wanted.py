"""Which photographs are asked for: all that is said must hold."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from pipeline.lifecycle import Reason, State
from pipeline.values import Photo
from pipeline.wanted import ALL, Wanted
from tests.makers import START


def test_all_that_is_said_must_hold() -> None:
    photo = Photo(
        id="a",
        state=State.RECEIVED,
        path=Path("/in/a/1.jpg"),
        root=Path("/in"),
        sha256="",
        size=1,
        sku=None,
        from_current_product=False,
        reason=None,
        sentence="",
        placement=None,
        inspection=None,
        picture=None,
        image=None,
        attempts=0,
        not_before=None,
        attempt_ended_at=None,
        missing_since=None,
        received_at=START,
        changed_at=START,
    )
    received = frozenset({State.RECEIVED})
    right = Wanted(states=received, since=photo.changed_at, within=Path("/in/a"))
    assert ALL.takes(photo)
    assert right.takes(photo)
    for wrong in (
        replace(right, states=frozenset({State.STORED})),
        replace(right, reason=Reason.EMPTY),
        replace(right, since=photo.changed_at + timedelta(microseconds=1)),
        replace(right, within=Path("/in/a/1")),
    ):
        assert not wrong.takes(photo)
