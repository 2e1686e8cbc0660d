"""When a lost request may be sent again; what an engine makes of it stands in `test_engine`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.engine import Engine
from pipeline.engine.unconfirmed import Unconfirmed
from pipeline.errors import StoreRejected
from pipeline.values import Photo
from tests.makers import ManualClock, arrival

WAITING_TIME = 60.0


@pytest.fixture
def unconfirmed(clock: ManualClock) -> Unconfirmed:
    return Unconfirmed(clock, WAITING_TIME)


@pytest.fixture
def photo(engine: Engine) -> Photo:
    photo = engine.submit(arrival(Path("/158/a.jpg")))
    assert photo is not None
    return photo


def test_two_looks_half_the_waiting_time_apart_and_all_of_it_are_needed(
    unconfirmed: Unconfirmed, photo: Photo, clock: ManualClock
) -> None:
    photo = replace(photo, attempt_ended_at=unconfirmed.ended(photo.id))
    looks = []
    while not (verdict := unconfirmed.not_listed(photo)).certain:
        looks.append((verdict.look_at - clock.now()).total_seconds())
        clock.forward(looks[-1])
    assert looks == [pytest.approx(30, abs=0.1), pytest.approx(30, abs=0.1)]


def test_after_a_restart_the_present_process_needs_two_looks_of_its_own(
    unconfirmed: Unconfirmed, photo: Photo, clock: ManualClock
) -> None:
    photo = replace(photo, attempt_ended_at=clock.now())
    clock.forward(10 * WAITING_TIME)
    assert not unconfirmed.not_listed(photo).certain
    clock.forward(WAITING_TIME / 2)
    assert unconfirmed.not_listed(photo).certain


def test_what_was_answered_and_refused_is_of_the_last_attempt_alone(
    unconfirmed: Unconfirmed, photo: Photo, clock: ManualClock
) -> None:
    said = StoreRejected(409, "Conflict")
    ended_at = unconfirmed.ended(photo.id, 9, said, intercepted=True)
    photo = replace(photo, attempt_ended_at=ended_at)
    assert (unconfirmed.answered(photo), unconfirmed.refusal(photo)) == (9, said)
    assert unconfirmed.intercepted(photo)
    clock.forward(1)
    later = replace(photo, attempt_ended_at=clock.now())
    assert (unconfirmed.answered(later), unconfirmed.refusal(later)) == (None, None)
    assert not unconfirmed.intercepted(later)
